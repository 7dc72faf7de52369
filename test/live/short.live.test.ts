import { settings } from '../../facts/settings';
import { images } from '../../facts/images';
import { eventually } from '../cluster/eventually';
import { openBrowser } from '../cluster/gateway/browser';
import type { Visitor } from '../cluster/gateway/visitor';
import type { Manifest } from './add-ons';
import { LiveCluster } from './cluster';
import { nextTag } from './images/catalogue';
import { AutoscalerWatch, comparedSyncs, saidSyncs } from './autoscaler-watch';
import { NEW_REPLICAS_SERVE, said, underLoad } from './load';
import { changeOfBoth, OrderWatch } from './order-watch';
import {
  ADDRESSES,
  apiRequest,
  bumped,
  entryWorks,
  flowsheetPath,
  refresh,
  rollOut,
  statusOf,
  synced,
  visitor,
} from './platform';
import { declaredMatrix, differences, measureMatrix, removeStandInPods, startStandInPods } from './reachability';

jest.setTimeout(300_000);

const NAMESPACE = settings.namespace;
const say = (line: string) => process.stderr.write(`live: ${line}\n`);
let live: LiveCluster;
let member: Visitor;

beforeAll(async () => {
  live = await LiveCluster.start({ say });
}, 3_600_000);

afterAll(async () => {
  await live?.stop();
}, 180_000);

describe('the platform, from an empty cluster', () => {
  test('Argo CD syncs it to healthy', async () => {
    const commit = await live.deploy();
    await synced(live, commit);
    const names = await live.applications();
    expect(names).toEqual(expect.arrayContaining(['monitoring-guards', 'platform', 'root', 'workloads']));
    for (const name of names) expect([name, (await statusOf(live, name)).conditions]).toEqual([name, []]);
    member = await entryWorks(live);
  });

  test('wave after wave: what a later wave made is younger than what an earlier one made, and waited for it', async () => {
    const waves = await wavesOf('platform');
    expect(waves.size).toBeGreaterThan(3);
    const inOrder = [...waves].sort(([one], [other]) => one - other).map(([, times]) => times);
    for (const [index, times] of inOrder.entries())
      if (index > 0) expect(Math.min(...times)).toBeGreaterThanOrEqual(Math.max(...inOrder[index - 1]!));
    const ready = Date.parse((await condition('pod', 'postgres-0', 'Ready')).lastTransitionTime);
    const pooler = await live.kubectl.get<Manifest>(['deployment', 'pgbouncer', '-n', NAMESPACE]);
    expect(
      Date.parse((pooler.metadata as unknown as { creationTimestamp: string }).creationTimestamp),
    ).toBeGreaterThanOrEqual(ready);
  });

  test('every image came through the mirror: no node reaches a registry', async () => {
    for (const node of ['worker-1', 'worker-2'] as const) {
      const direct = await live.nodes[node].inside(['timeout', '2', 'bash', '-c', 'echo > /dev/tcp/203.0.113.31/443']);
      expect([node, direct.status]).not.toEqual([node, 0]);
    }
    const { stdout } = await live.nodes['worker-1'].inside(['ctr', '-n', 'k8s.io', 'images', 'list', '-q']);
    expect(stdout).toContain(`docker.io/library/${images.postgres.split('@')[0]}`);
  });
});

describe('network policies', () => {
  beforeAll(() => startStandInPods(live), 120_000);
  afterAll(() => removeStandInPods(live), 60_000);

  test('from inside every kind of pod exactly the declared connections go through', async () => {
    const expected = declaredMatrix();
    expect([...expected.values()].filter((each) => each === true).length).toBeGreaterThan(20);
    let found: string[] = [];
    // The policy controller learns of a young pod some seconds late.
    await eventually(
      'the measured matrix equals the declared one',
      async () => {
        found = differences(expected, await measureMatrix(live));
        if (found.length > 0) throw new Error(`\n${found.join('\n')}\n`);
        return true;
      },
      45_000,
    );
  });

  test('without one policy, its cells turn red', async () => {
    const controller = ['scale', 'statefulset', 'argocd-application-controller', '-n', 'argocd'];
    // Self-heal would put it back at once.
    await live.kubectl.kubectl([...controller, '--replicas=0']);
    await live.kubectl.kubectl([
      'wait',
      '--for=delete',
      'pod/argocd-application-controller-0',
      '-n',
      'argocd',
      '--timeout=60s',
    ]);
    try {
      await live.kubectl.kubectl(['delete', 'networkpolicy', 'pgbouncer', '-n', NAMESPACE]);
      await eventually(
        'the cells of the removed policy are red',
        async () => {
          const red = differences(declaredMatrix(), await measureMatrix(live));
          expect(red.sort()).toEqual([
            'django-api -> pgbouncer:6432/TCP: declared allowed, measured refused',
            'pgbouncer -> kube-dns:53/TCP: declared allowed, measured refused',
            'pgbouncer -> kube-dns:53/UDP: declared allowed, measured refused',
            'pgbouncer -> postgres:5432/TCP: declared allowed, measured refused',
          ]);
          return true;
        },
        30_000,
      );
    } finally {
      await live.kubectl.kubectl([...controller, '--replicas=1']);
    }
    await live.kubectl.kubectl([
      'wait',
      '--for=create',
      'pod/argocd-application-controller-0',
      '-n',
      'argocd',
      '--timeout=30s',
    ]);
    await live.kubectl.kubectl([
      'wait',
      '--for=condition=Ready',
      'pod/argocd-application-controller-0',
      '-n',
      'argocd',
      '--timeout=90s',
    ]);
    // A controller that was away trusts what it knew until its next look, at most three minutes later.
    await refresh(live);
    await eventually(
      'self-heal puts the policy back',
      async () => differences(declaredMatrix(), await measureMatrix(live)).length === 0,
      90_000,
    );
  });
});

describe('sign-in', () => {
  test('a person signs in with a browser through the tunnel, and the page reads the API', async () => {
    const browser = await openBrowser(live.relays.entry.port, { 'accounts.google.com': live.relays.google.port });
    try {
      const page = await browser.newPage();
      await page.goto(`${ADDRESSES.frontEnd}/flowsheets/7`);
      await page.getByRole('button', { name: /Sign in with/ }).click();
      await page.getByPlaceholder(/login/i).fill(live.people.authorised);
      await page.getByPlaceholder(/password/i).fill('any');
      await page.getByRole('button', { name: 'Sign-in' }).click();
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.waitForURL(`${ADDRESSES.frontEnd}/flowsheets/7`);
      await page.getByText('the API says 200 ok').waitFor();
      expect(await page.evaluate('document.cookie')).not.toContain('__Secure-ahuora');
      await page.goto(`${ADDRESSES.frontEnd}/oauth2/sign_out?rd=${encodeURIComponent('/')}`);
      await page.getByRole('button', { name: /Sign in with/ }).waitFor();
    } finally {
      await browser.close();
    }
  });

  test('without a session: the sign-in page, a plain 401 from the API, and nothing of the back ends', async () => {
    const page = await visitor(live).ask(`${ADDRESSES.frontEnd}/`);
    expect([page.status, page.body.includes('Sign in'), page.body.includes('Digital Platform')]).toEqual([
      401,
      true,
      false,
    ]);
    const call = await visitor(live).ask(`${ADDRESSES.api}/api/status/`);
    expect([call.status, call.headers.location, call.headers['content-type']?.includes('html') ?? false]).toEqual([
      401,
      undefined,
      false,
    ]);
  });

  test('somebody whose address is not on the list is refused', async () => {
    const stranger = visitor(live);
    const answer = await stranger.signIn(live.people.stranger, `${ADDRESSES.frontEnd}/oauth2/start?rd=%2F`);
    expect(answer.status).toBe(403);
    expect((await stranger.ask(`${ADDRESSES.api}/api/status/`)).status).toBe(401);
  });

  test('a session opens the API; forged headers and cookies do not', async () => {
    expect((await member.ask(`${ADDRESSES.api}/api/status/`)).status).toBe(200);
    for (const headers of [
      { 'X-Auth-Request-Email': live.people.authorised },
      { 'X-Forwarded-User': live.people.authorised },
      { cookie: '__Secure-ahuora=forged' },
      { 'X-Forwarded-Uri': '/oauth2/sign_in' },
    ] as Record<string, string>[])
      expect([headers, (await visitor(live).ask(`${ADDRESSES.api}/api/status/`, { headers })).status]).toEqual([
        headers,
        401,
      ]);
    // An alias that a WSGI application could not tell from the trusted header.
    expect(
      (await member.ask(`${ADDRESSES.api}/api/status/`, { headers: { X_Auth_Request_Email: 'forged' } })).status,
    ).toBe(400);
  });

  test('an upgrade to a WebSocket needs a session as well', async () => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'bm90LWEtc2VjcmV0LWtleQ==',
    };
    expect((await visitor(live).ask(`${ADDRESSES.api}/api/status/`, { headers })).status).toBe(401);
    // The API takes none (Granian runs without them), and answers the request as it is.
    expect((await member.ask(`${ADDRESSES.api}/api/status/`, { headers })).status).toBe(200);
  });

  test('a spoilt or expired cookie opens nothing', async () => {
    const cookie = member.cookiesFor(settings.hosts.api);
    const [name, value = ''] = cookie.split(/=(.*)/s);
    const [content, time, signature] = value.split('|') as [string, string, string];
    const spoilt = `${name}=${content}|${Number(time) - 8 * 24 * 3600}|${signature}`;
    for (const each of [spoilt, `${name}=${content.slice(0, -4)}AAAA|${time}|${signature}`])
      expect((await visitor(live).ask(`${ADDRESSES.api}/api/status/`, { headers: { cookie: each } })).status).toBe(401);
  });

  test('signing in leads nowhere else, and signing out ends the session', async () => {
    for (const target of ['https://evil.example/', '//evil.example/', '/\\evil.example/']) {
      const traveller = visitor(live);
      const landed = await traveller.signIn(
        live.people.authorised,
        `${ADDRESSES.frontEnd}/oauth2/start?rd=${encodeURIComponent(target)}`,
      );
      expect([settings.hosts.frontEnd, settings.hosts.auth]).toContain(new URL(landed.address).host);
      await traveller.ask(`${ADDRESSES.frontEnd}/oauth2/sign_out`);
      expect((await traveller.ask(`${ADDRESSES.api}/api/status/`)).status).toBe(401);
    }
  });
});

describe('while people use it', () => {
  test('a new version of the API is rolled out without a lost request', async () => {
    const paths = ['workloads/base/django-api.yaml', 'workloads/base/database-migration.yaml'];
    const report = await underLoad(apiRequest(live, member), 10, 75, async () => {
      await rollOut(live, 'fix: the next version of the API', bumped(live, images.djangoApi, paths), 70);
    });
    say(`roll-out of django-api: ${said(report)}`);
    const running = await live.kubectl.kubectl([
      'get',
      'deployment',
      'django-api',
      '-n',
      NAMESPACE,
      '-o',
      'jsonpath={.spec.template.spec.containers[0].image}',
    ]);
    expect(running).toBe(nextTag(images.djangoApi));
    expect(report.failures).toEqual({});
  });

  test('of a commit that changes both, the workloads get nothing before the platform is in force', async () => {
    const { files, digest } = changeOfBoth(live);
    const watch = new OrderWatch(live, digest);
    await rollOut(live, 'fix: the poolers and the solver at once', files, 180).finally(() => watch.end());
    say(`both at once: ${watch.seen.join('; ')}`);
    expect(watch.seen).toContain('poolers rolling, not in force, solver as before');
    expect(watch.seen.at(-1)).toBe('poolers rolled, in force, solver changed');
    expect(watch.seen.filter((state) => !state.includes('rolled, in force') && state.includes('changed'))).toEqual([]);
  });

  test('the autoscaler adds replicas of the API on the CPU that the kubelets measured, as the algorithm of ours would, without a lost request', async () => {
    const path = await flowsheetPath(member, 'autoscaling');
    const watch = new AutoscalerWatch(live, 'django-api');
    const report = await underLoad(
      apiRequest(live, member, path),
      12,
      110,
      () => eventually('two replicas or more are wanted', async () => watch.mostWanted >= 2, 105_000),
      NEW_REPLICAS_SERVE,
    );
    await watch.end();
    say(`autoscaling: ${said(report)}`);
    expect(report.failures).toEqual({});
    const syncs = comparedSyncs(watch.moments);
    say(`autoscaling: ${saidSyncs(syncs)}`);
    expect(syncs.length).toBeGreaterThan(1);
    expect(syncs.map(({ desired }) => desired)).toEqual(syncs.map(({ decision }) => decision.replicas));
  });
});

async function condition(kind: string, name: string, type: string): Promise<{ lastTransitionTime: string }> {
  const { status } = await live.kubectl.get<Manifest>([kind, name, '-n', NAMESPACE]);
  return (status.conditions as { type: string; lastTransitionTime: string }[]).find((each) => each.type === type)!;
}

/** Times at which the objects of each sync wave of an Application were made. */
async function wavesOf(application: string): Promise<Map<number, number[]>> {
  const { status } = await live.kubectl.get<Manifest>(['application', application, '-n', 'argocd']);
  const waves = new Map<number, number[]>();
  const resources = status.resources as {
    group?: string;
    version: string;
    kind: string;
    namespace?: string;
    name: string;
    syncWave?: number;
  }[];
  for (const { group, version, kind, namespace, name, syncWave = 0 } of resources) {
    // Its namespace and claims may be older: Ansible makes the one, and the StatefulSet the others.
    if (kind === 'Namespace') continue;
    const type = group ? `${kind}.${version}.${group}` : kind;
    const { metadata } = await live.kubectl.get<{ metadata: { creationTimestamp: string } }>([
      type,
      name,
      ...(namespace ? ['-n', namespace] : []),
    ]);
    waves.set(syncWave, [...(waves.get(syncWave) ?? []), Date.parse(metadata.creationTimestamp)]);
  }
  return waves;
}
