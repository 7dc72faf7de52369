import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesObject } from '../../../../lib/kubernetes/object';
import { settings } from '../../../../facts/settings';
import { waitUntil } from '../../../fixtures/guarded-process';
import { apply, platformObjects, startGatewayStack, type GatewayStack } from '../gateway-stack';
import { takePodAddress } from '../pod-network';
import { Visitor, type Answer } from '../visitor';
import { HONEST_PATH, type Attack } from './attack';
import { attacks } from './attack-list';
import { send, type Outcome, type Target } from './send';

const { hosts } = settings;
const frontEnd = `https://${hosts.frontEnd}`;
const api = `https://${hosts.api}`;
const START = `${frontEnd}/oauth2/start?rd=${encodeURIComponent(`${frontEnd}/`)}`;
/** Attacks under way at a time: they mostly wait. */
const AT_ONCE = 48;
const BACK_ENDS = ['front-end', 'django-api'];
const CHAIN = 'traefik.ingress.kubernetes.io/router.middlewares';

let stack: GatewayStack;

beforeAll(async () => {
  stack = await startGatewayStack();
}, 240_000);

afterAll(async () => {
  await stack?.stop();
}, 60_000);

jest.setTimeout(60_000);

describe('without a session', () => {
  let target: Target;

  beforeAll(async () => {
    const ports = { securePort: stack.traefik.port, plainPort: stack.plainPort };
    target = { ...ports, tunnelAddress: await takePodAddress(), patienceMs: 30_000 };
    // On a busy machine an attack must not be given up sooner than an honest request is answered, as many at a time.
    const [honest] = attacks.filter(({ sent }) => typeof sent === 'string');
    const { seconds } = await tryAll(Array.from({ length: AT_ONCE }, () => ({ ...honest! })));
    target = { ...target, patienceMs: Math.max(2500, 3000 * seconds) };
  }, 60_000);

  test('the list is long, and names nothing twice', () => {
    const names = attacks.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(names.length).toBeGreaterThanOrEqual(85);
  });

  test('no attack reaches a back end, and each was sent', async () => {
    const { outcomes, reached } = await tryAll(attacks);
    expect(reached).toEqual([]);
    expect([...outcomes].filter(([, { sent }]) => !sent).map(([{ name }]) => name)).toEqual([]);
    // Frames that nobody could read would prove nothing.
    const statuses = [...outcomes].filter(([{ name }]) => /^HTTP\/2 with cookies in crumbs/.test(name));
    expect(statuses.map(([, { status }]) => status)).toEqual([401, 401]);
    // A gateway that is away also lets nothing pass.
    expect([...outcomes.values()].filter(({ status }) => status !== undefined).length).toBeGreaterThan(
      0.8 * attacks.length,
    );
  }, 300_000);

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
    300_000,
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
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
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

describe('with a session', () => {
  let member: Visitor;
  const visitor = () => new Visitor(stack.traefik.port);

  beforeAll(async () => {
    member = visitor();
    await member.signIn(stack.authorised, START);
  }, 60_000);

  // What docs/gateway.md says under Sessions, so that it is mended with whatever ends it.
  test('a cookie that was kept outlives its sign-out, and a page elsewhere can sign somebody out', async () => {
    const leaver = visitor();
    await leaver.signIn(stack.authorised, START);
    const cookie = leaver.cookiesFor(hosts.frontEnd);
    for (const method of ['POST', 'GET']) {
      const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', cookie };
      const left = await leaver.ask(`${frontEnd}/oauth2/sign_out`, { method, headers });
      expect([method, left.status]).toEqual([method, 302]);
      expect(left.cookies).toContainEqual(expect.stringMatching(/^__Secure-ahuora=;/));
    }
    expect((await leaver.ask(`${frontEnd}/`)).status).toBe(401);
    expect((await visitor().ask(`${frontEnd}/`, { headers: { cookie } })).status).toBe(200);
  });

  test('a cookie that was changed anywhere opens nothing', async () => {
    const [, value] = /__Secure-ahuora=([^;]+)/.exec(member.cookiesFor(hosts.frontEnd))!;
    const [payload, time, signature] = value!.split('|') as [string, string, string];
    const changed = (text: string, at: number) =>
      text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
    for (const [what, forged] of [
      ['as it is', value!],
      ['another payload', [changed(payload, 20), time, signature].join('|')],
      ['a later time', [payload, Number(time) + 3600, signature].join('|')],
      ['another signature', [payload, time, changed(signature, 5)].join('|')],
      ['no signature', [payload, time, ''].join('|')],
      ['no time', [payload, signature].join('|')],
      ['a part of it', value!.slice(0, -10)],
    ] as const) {
      const answer = await visitor().ask(`${api}/api/status/`, { headers: { cookie: `__Secure-ahuora=${forged}` } });
      expect([what, answer.status]).toEqual([what, what === 'as it is' ? 200 : 401]);
    }
  });

  test.each(['Connection', 'Proxy-Connection', 'TE', 'Keep-Alive'])(
    'nobody takes their own identity off by %s, or another on',
    async (field) => {
      const taken = 'X-Auth-Request-Email, X-Auth-Request-User, X-Forwarded-For, Cookie';
      const answer = await member.ask(`${api}/api/status/`, { headers: { [field]: taken } });
      if (answer.status === 200)
        expect(identitiesIn(answer)).toContainEqual(['x-auth-request-email', stack.authorised]);
      else expect([400, 401]).toContain(answer.status);
    },
  );

  test('what the address holds is text on the sign-in page, and no part of it', async () => {
    for (const path of [`/"><script>alert(1)</script>`, `/'onfocus='alert(1)`, '/?a="><img src=x onerror=alert(1)>']) {
      const answer = await visitor().ask(frontEnd + path.replaceAll(' ', '%20'));
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.body).not.toMatch(/<script>alert|<img src=x|'onfocus='/);
    }
  });

  test('a call-back counts once, and for the browser alone that began', async () => {
    const asked: string[] = [];
    const fresh = visitor();
    const ask = fresh.ask.bind(fresh);
    fresh.ask = async (...request) => {
      if (request[0].includes('/oauth2/callback')) asked.push(request[0]);
      return ask(...request);
    };
    await fresh.signIn(stack.authorised, START);
    expect(asked).toHaveLength(1);
    for (const who of [fresh, visitor()]) {
      const again = await (who === fresh ? ask(asked[0]!) : who.ask(asked[0]!));
      expect(again.cookies.filter((line) => /^__Secure-ahuora=[^;]/.test(line))).toEqual([]);
      expect(again.status).toBeGreaterThanOrEqual(400);
    }
  });
});

/** The fields that say whose session it is, as the API was sent them. */
function identitiesIn({ body }: Answer): [string, string][] {
  const { headers } = JSON.parse(body) as { headers: [string, string][] };
  return headers
    .map(([name, value]): [string, string] => [name.toLowerCase(), value])
    .filter(([name]) => /^x-auth-/.test(name));
}
