import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesObject } from '../../../../lib/kubernetes/object';
import { settings } from '../../../../facts/settings';
import { waitUntil } from '../../../fixtures/guarded-process';
import { apply, platformObjects, startGatewayStack, type GatewayStack } from '../gateway-stack';
import { takePodAddress } from '../pod-network';
import { Visitor } from '../visitor';
import { attacks, HONEST_PATH, type Attack } from './attack-list';
import { send, type Outcome, type Target } from './send';

const { hosts } = settings;
const BACK_ENDS = ['front-end', 'django-api'];
const CHAIN = 'traefik.ingress.kubernetes.io/router.middlewares';

describe('without a session', () => {
  let stack: GatewayStack;
  let target: Target;

  beforeAll(async () => {
    stack = await startGatewayStack();
    target = { securePort: stack.traefik.port, plainPort: stack.plainPort, tunnelAddress: await takePodAddress() };
  }, 240_000);

  afterAll(async () => {
    await stack?.stop();
  }, 60_000);

  test('the list is long, and names nothing twice', () => {
    const names = attacks.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(names.length).toBeGreaterThanOrEqual(85);
  });

  test('no attack reaches a back end, and each was sent', async () => {
    const { outcomes, reached, seconds } = await tryAll(attacks);
    expect(reached).toEqual([]);
    expect([...outcomes].filter(([, { sent }]) => !sent).map(([{ name }]) => name)).toEqual([]);
    // A gateway that is away also lets nothing pass.
    expect([...outcomes.values()].filter(({ status }) => status !== undefined).length).toBeGreaterThan(
      0.8 * attacks.length,
    );
    expect(seconds).toBeLessThan(30);
  }, 60_000);

  test('what the back ends record is what a member is served', async () => {
    const member = new Visitor(stack.traefik.port);
    await member.signIn(stack.authorised, `https://${hosts.frontEnd}/oauth2/start?rd=/`);
    const before = received();
    for (const host of [hosts.frontEnd, hosts.api]) {
      expect((await member.ask(`https://${host}${HONEST_PATH}`)).status).toBe(200);
    }
    expect(await receivedSince(before)).toEqual([
      expect.stringContaining(`front-end received GET ${HONEST_PATH}`),
      expect.stringContaining(`django-api received GET ${HONEST_PATH}`),
    ]);
  });

  test.each([
    ['api', 'django-api', 100],
    ['front-end', 'front-end', 100],
  ])(
    'the same attacks reach the back end once %s asks for no sign-in',
    async (ingress, backEnd, atLeast) => {
      const whole = platformObjects().filter(({ kind, metadata }) => kind === 'Ingress' && metadata.name === ingress);
      const [open] = structuredClone(whole) as (KubernetesObject & {
        metadata: { annotations: Record<string, string> };
      })[];
      const chain = open!.metadata.annotations[CHAIN]!.split(',').filter(
        (name) => !/oauth-(forwarder|signin)/.test(name),
      );
      open!.metadata.annotations[CHAIN] = chain.join(',');
      try {
        await apply(stack.cluster, [open!]);
        await untilStatusIs(200, ingress);
        const { reached } = await tryAll(attacks);
        expect(new Set(reached.map((line) => line.split(' ')[0]))).toEqual(new Set([backEnd]));
        expect(reached.length).toBeGreaterThan(atLeast);
      } finally {
        await apply(stack.cluster, whole);
        await untilStatusIs(401, ingress);
      }
    },
    120_000,
  );

  /** Tries them side by side; what the back ends then record came through the gateway. */
  async function tryAll(list: readonly Attack[]) {
    const before = received();
    const start = performance.now();
    const outcomes = new Map<Attack, Outcome>();
    const waiting = [...list];
    const sender = async () => {
      for (let attack = waiting.pop(); attack; attack = waiting.pop()) outcomes.set(attack, await send(attack, target));
    };
    await Promise.all(Array.from({ length: 48 }, sender));
    const seconds = (performance.now() - start) / 1000;
    return { outcomes, reached: await receivedSince(before), seconds };
  }

  /** Everything that came to each back end other than by the kubelet's own probes. */
  function received(): Record<string, string[]> {
    const lines = stack.player.output().split('\n');
    const came = lines.filter(
      (line) => / (received|could not read) /.test(line) && !line.endsWith(' from the kubelet'),
    );
    return Object.fromEntries(BACK_ENDS.map((name) => [name, came.filter((line) => line.startsWith(`${name} `))]));
  }

  async function receivedSince(before: Record<string, string[]>): Promise<string[]> {
    // What a back end prints takes its way through a file.
    await sleep(500);
    return Object.entries(received()).flatMap(([name, lines]) => lines.slice(before[name]!.length));
  }

  function untilStatusIs(status: number, ingress: string): Promise<void> {
    const address = `https://${ingress === 'api' ? hosts.api : hosts.frontEnd}${HONEST_PATH}`;
    const answers = async () => (await new Visitor(stack.traefik.port).ask(address)).status === status;
    return waitUntil(`${address} answers ${status}`, answers, 30);
  }
});
