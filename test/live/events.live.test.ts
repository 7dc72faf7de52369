import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { images } from '../../facts/images';
import { settings } from '../../facts/settings';
import { toolCache } from '../../tools/build';
import { eventually } from '../cluster/eventually';
import { runStep, stepsOf } from '../cluster/recipe';
import type { Visitor } from '../cluster/gateway/visitor';
import { issueServerCertificate, servedSerial } from './certificates';
import { LiveCluster } from './cluster';
import { databaseOwner, rowsOf, runCronJob, runDatabaseClient, statement } from './database';
import { AutoscalerWatch, comparedSyncs, saidSyncs } from './autoscaler-watch';
import { NEW_REPLICAS_SERVE, said, underLoad, type LoadReport } from './load';
import { allReady, podsOf, restart, restartedWithout, twoReplicas } from './workloads';
import { ADDRESSES, apiRequest, bumped, entryWorks, flowsheetPath, refresh, rollOut, synced } from './platform';

jest.setTimeout(420_000);

const NAMESPACE = settings.namespace;
const RATE = 10;
const say = (line: string) => process.stderr.write(`live: ${line}\n`);
let live: LiveCluster;
let member: Visitor;

beforeAll(async () => {
  live = await LiveCluster.start({ say });
  await synced(live, await live.deploy());
  member = await entryWorks(live);
  await twoReplicas(live);
}, 3_600_000);

afterAll(async () => {
  await live?.stop();
}, 180_000);

/** What happened, and what users met: the rows of the table in docs/live-cluster.md. */
const measured: Record<string, string> = {};
afterAll(() => {
  const file = join(toolCache(), 'live', 'events.json');
  mkdirSync(join(file, '..'), { recursive: true });
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as object) : {};
  writeFileSync(file, JSON.stringify({ ...before, ...measured }, undefined, 2));
});

async function during(event: string, seconds: number, work: () => Promise<void>, path?: string): Promise<LoadReport> {
  const report = await underLoad(apiRequest(live, member, path), RATE, seconds, work);
  measured[event] = said(report);
  say(`${event}: ${said(report)}`);
  return report;
}

describe('planned: no request is lost', () => {
  test.each([
    ['front-end', ['platform/front-end.yaml'], images.frontEnd],
    ['idaes', ['workloads/base/idaes.yaml'], images.idaes],
    ['django-api', ['workloads/base/django-api.yaml', 'workloads/base/database-migration.yaml'], images.djangoApi],
  ])('roll-out of %s', async (name, paths, image) => {
    const report = await during(`roll-out of ${name}`, 80, async () => {
      await rollOut(live, `fix: the next ${name}`, bumped(live, image, paths), 75);
    });
    expect(report.failures).toEqual({});
  });

  test('PgBouncer is rolled', async () => {
    const report = await during('PgBouncer rolled', 60, () => restart(live, 'deployment/pgbouncer', 55));
    expect(report.failures).toEqual({});
  });

  // Of each there is one: a way in that no second one keeps open meanwhile.
  test.each([
    ['oauth2-proxy', NAMESPACE],
    ['cloudflared', NAMESPACE],
    ['traefik', 'kube-system'],
  ])('%s is rolled, of which there is one: bounded', async (name, namespace) => {
    const report = await during(`${name} rolled, of which there is one`, 60, () =>
      restart(live, `deployment/${name}`, 55, namespace),
    );
    expect(report.outageSeconds).toBeLessThan(10);
    // Traefik holds what nobody answers: a wait is an outage, too.
    expect(report.longest).toBeLessThan(15_000);
    await entryWorks(live);
  });

  test('the autoscaler of the API adds replicas under load and takes them away after it, as the algorithm of ours would', async () => {
    const path = await flowsheetPath(member, 'autoscaling');
    const watch = new AutoscalerWatch(live, 'django-api');
    const report = await underLoad(
      apiRequest(live, member, path),
      20,
      120,
      () => eventually('three replicas or more are wanted', async () => watch.mostWanted >= 3, 115_000),
      NEW_REPLICAS_SERVE,
    );
    measured['autoscaling'] = said(report);
    await eventually('the minimum is wanted again', async () => watch.wanted <= 2, 240_000);
    await watch.end();
    const syncs = comparedSyncs(watch.moments);
    say(saidSyncs(syncs));
    expect(syncs.some(({ current, desired }) => desired > current)).toBe(true);
    expect(syncs.some(({ current, desired }) => desired < current)).toBe(true);
    expect(syncs.map(({ desired }) => desired)).toEqual(syncs.map(({ decision }) => decision.replicas));
    expect(report.failures).toEqual({});
  });

  test("the name server's node is drained and comes back: bounded, since K3s runs one name server", async () => {
    const report = await during('node drained that runs the name server (worker-2)', 100, async () => {
      await live.kubectl.kubectl([
        ...['drain', 'worker-2', '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=80s'],
      ]);
      await live.kubectl.kubectl(['uncordon', 'worker-2']);
    });
    expect(report.outageSeconds).toBeLessThan(30);
    await allReady(live);
  });

  test('a kubelet is restarted', async () => {
    const report = await during('kubelet restarted (worker-1)', 25, async () => {
      await live.nodes['worker-1'].restartProgram('kubelet');
      await live.nodesReady(['worker-1']);
    });
    expect(report.failures).toEqual({});
  });

  test('the API server is restarted', async () => {
    const report = await during('API server killed and started again', 40, async () => {
      await live.controlPlane.kill('kube-apiserver');
      await live.controlPlane.startApiServer();
    });
    expect(report.failures).toEqual({});
    await live.nodesReady();
  });

  test("the API server's certificate is renewed", async () => {
    const before = await servedSerial(live.relays.api.port);
    const report = await during('certificate of the API server renewed', 40, async () => {
      issueServerCertificate(live.authority);
      // The server reads its files again by itself; a client sees the new one at its next connection.
      await live.controlPlane.kill('kube-apiserver');
      await live.controlPlane.startApiServer();
    });
    expect(await servedSerial(live.relays.api.port)).not.toBe(before);
    expect(report.failures).toEqual({});
    await live.nodesReady();
  });

  test('the image mirror is away: what runs goes on, and a pod of an image that is there starts', async () => {
    const report = await during('image mirror away, a pod restarted meanwhile', 60, async () => {
      await live.surroundings.stopMirrors();
      const [pod] = await podsOf(live, 'django-api');
      await live.kubectl.kubectl(['delete', 'pod', pod!, '-n', NAMESPACE, '--wait=false']);
      await restartedWithout(live, 'django-api', pod!, 50);
      await live.surroundings.startMirrors();
    });
    expect(report.failures).toEqual({});
  });
});

describe('unplanned: bounded and measured', () => {
  test('a pod of the API is killed while another is ready', async () => {
    const report = await during('pod of the API killed (SIGKILL), another ready', 40, async () => {
      const [pod] = await podsOf(live, 'django-api');
      await live.kubectl.kubectl(['delete', 'pod', pod!, '-n', NAMESPACE, '--grace-period=0', '--force']);
      await restartedWithout(live, 'django-api', pod!, 35);
    });
    expect(report.outageSeconds).toBeLessThan(10);
    expect(report.failed).toBeLessThanOrEqual(RATE * 3);
  });

  test('the pod of Postgres is killed: requests wait in PgBouncer or fail for some seconds, and no row is lost', async () => {
    const before = await rowsOf(live);
    const report = await during('Postgres killed', 75, async () => {
      await live.kubectl.kubectl(['delete', 'pod', 'postgres-0', '-n', NAMESPACE, '--grace-period=0', '--force']);
      await restartedWithout(live, 'postgres', '', 70);
    });
    expect(report.outageSeconds).toBeLessThan(60);
    expect(await rowsOf(live)).toEqual(before);
    await allReady(live);
  });

  test("the power of the database's node is cut, and comes back: the data is there", async () => {
    const before = await rowsOf(live);
    const report = await during('power of worker-1 (Postgres) cut for 10 s', 110, async () => {
      await live.nodes['worker-1'].powerOff();
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      live.nodes['worker-1'].start();
      await live.nodesReady(['worker-1']);
      await eventually(
        'the API answers again',
        async () => (await member.ask(`${ADDRESSES.api}/api/status/`)).status === 200,
        90_000,
      );
    });
    expect(report.outageSeconds).toBeLessThan(100);
    expect(await rowsOf(live)).toEqual(before);
    await allReady(live);
  });

  test('the database is out of connections: the API goes on, since PgBouncer holds its own', async () => {
    let held = '';
    const report = await during('all other connections of Postgres taken', 60, async () => {
      // A young pod is refused until the policy controller knows its address.
      const hold = `import psycopg, os, time
held = []
refused = time.monotonic() + 20
while True:
    try:
        held.append(psycopg.connect(host="postgres", port=5432, dbname=os.environ["PGDATABASE"], user=os.environ["PGUSER"], password=os.environ["PGPASSWORD"]))
    except psycopg.OperationalError as error:
        if held or time.monotonic() > refused:
            print(len(held), error)
            break
        time.sleep(1)
time.sleep(20)`;
      held = await runDatabaseClient(live, 'connection-eater', hold);
      say(held);
    });
    expect(Number.parseInt(held, 10)).toBeGreaterThan(20);
    expect(held).toMatch(/too many (clients|connections)|remaining connection slots/);
    expect(report.failures).toEqual({});
    await allReady(live);
  });

  test('the disk of the database is full: readers go on', async () => {
    const fill = `${settings.postgres.hostPath}/filler`;
    const node = live.nodes[settings.postgres.node as 'worker-1'];
    const report = await during('disk of Postgres full for 15 s (readers only)', 60, async () => {
      await node.inside(['sh', '-c', `dd if=/dev/zero of=${fill} bs=1M 2>/dev/null; sync`]);
      await new Promise((resolve) => setTimeout(resolve, 15_000));
      await node.inside(['rm', '-f', fill]);
      await eventually(
        'the API answers',
        async () => (await member.ask(`${ADDRESSES.api}/api/status/`)).status === 200,
        40_000,
      );
    });
    // Who only reads goes on.
    expect(report.failed).toBeLessThanOrEqual(RATE * 3);
    await allReady(live);
  });

  test('writers on a full disk are told so, nothing that was there is lost, and they write again once there is room', async () => {
    const before = await rowsOf(live);
    const fill = `${settings.postgres.hostPath}/filler`;
    const node = live.nodes[settings.postgres.node as 'worker-1'];
    const write = () =>
      member.ask(`${ADDRESSES.api}/api/flowsheets/flowsheets/`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'on a full disk' }),
      });
    let written = 0;
    const statuses = new Map<number, number>();
    await node.inside([
      'sh',
      '-c',
      `dd if=/dev/zero of=${fill} bs=1M 2>/dev/null; dd if=/dev/zero of=${fill}2 bs=4k 2>/dev/null; sync`,
    ]);
    try {
      for (const until = Date.now() + 20_000; Date.now() < until;) {
        const { status } = await write();
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status < 300) written++;
      }
    } finally {
      await node.inside(['rm', '-f', fill, `${fill}2`]);
    }
    measured['writers while the disk of Postgres is full for 20 s'] = [...statuses]
      .map(([status, count]) => `${count} status ${status}`)
      .join(', ');
    say(measured['writers while the disk of Postgres is full for 20 s']);
    await eventually('a writer succeeds', async () => (await write()).status < 300 && ++written > 0, 90_000);
    const total = (rows: Record<string, number>) => Object.values(rows).reduce((sum, count) => sum + count, 0);
    // What was answered as written is there, and so is all from before.
    const after = await rowsOf(live);
    for (const [table, count] of Object.entries(before)) expect([table, after[table]! >= count]).toEqual([table, true]);
    expect(total(after) - total(before)).toBeGreaterThanOrEqual(written);
    await allReady(live);
  });
});

describe('delivery', () => {
  test('what a hand changed is put back', async () => {
    const replicas = ['get', 'deployment', 'front-end', '-n', NAMESPACE, '-o', 'jsonpath={.spec.replicas}'];
    const putBack = async () => {
      await live.kubectl.kubectl(['scale', 'deployment', 'front-end', '-n', NAMESPACE, '--replicas=1']);
      await eventually(
        'Argo CD puts the replicas back',
        async () => (await live.kubectl.kubectl(replicas)) === '2',
        60_000,
      );
    };
    // A commit that this Application has not synced yet would be taken as the reason, with no self-heal at all.
    await putBack();
    const started = Date.now();
    await putBack();
    measured['self-heal of a hand-made change'] = `put back after ${((Date.now() - started) / 1000).toFixed(1)} s`;
    say(measured['self-heal of a hand-made change']);
  });

  test('a commit with an image that does not exist leaves the running pods alone, and a revert heals it', async () => {
    const path = 'workloads/base/django-api.yaml';
    const good = live.manifest(path);
    const current = /image: (\S*django-api:\S+)/.exec(good)![1]!;
    const report = await during('a commit with an image that does not exist, then its revert', 110, async () => {
      await live.surroundings.commit('fix: an image that nobody built', {
        [`dist/${path}`]: good.replaceAll(current, 'ahuora/django-api:9.9.9'),
      });
      await refresh(live);
      await eventually(
        'the new pod cannot pull',
        async () =>
          (await live.kubectl.kubectl(['get', 'pods', '-n', NAMESPACE])).match(/ImagePullBackOff|ErrImagePull/) !==
          null,
        60_000,
      );
      const reverted = await live.surroundings.commit('revert: an image that nobody built', { [`dist/${path}`]: good });
      await refresh(live);
      await synced(live, reverted, 60);
    });
    expect(report.failures).toEqual({});
  });
});

describe('backup and restore, by the commands of the how-to page', () => {
  test('a dump, the database dropped, a restore: every row is back', async () => {
    const before = await rowsOf(live);
    expect(Object.values(before).some((count) => count > 0)).toBe(true);
    await runCronJob(live, 'postgres-backup', 'postgres-backup-last');
    await statement(live, `DROP OWNED BY "${await databaseOwner(live)}" CASCADE`);
    expect(await rowsOf(live)).toEqual({});
    await runCronJob(live, 'postgres-restore', 'postgres-restore-1');
    expect(await rowsOf(live)).toEqual(before);
  });

  test('ten dumps by young pods: not one fails', async () => {
    for (let number = 1; number <= 10; number++)
      await runCronJob(live, 'postgres-backup', `postgres-backup-${number}`, true);
  });
});

describe('the database moves, by the commands of the how-to page', () => {
  const file = 'platform/postgres.yaml';
  const home = settings.postgres.node;
  const path = settings.postgres.hostPath;
  const { user, group } = (
    JSON.parse(readFileSync(join(__dirname, '..', '..', 'dist', 'volumes.json'), 'utf8')) as {
      volumes: { name: string; user: number; group: number }[];
    }
  ).volumes.find(({ name }) => name === 'postgres')!;

  test('to another node and back: every row goes along', async () => {
    const before = await rowsOf(live);
    expect(Object.values(before).some((count) => count > 0)).toBe(true);
    const original = live.manifest(file);
    const elsewhere = original.replaceAll(`- ${home}\n`, '- control\n');
    expect(elsewhere).not.toBe(original);
    for (const [node, manifest] of [
      ['control', elsewhere],
      [home, original],
    ] as const) {
      await move(node as 'control', manifest);
      expect(await rowsOf(live)).toEqual(before);
      const where = ['get', 'pod', 'postgres-0', '-n', NAMESPACE, '-o', 'jsonpath={.spec.nodeName}'];
      expect(await live.kubectl.kubectl(where)).toBe(node);
      await allReady(live);
    }
  }, 900_000);

  async function move(node: 'control', manifest: string): Promise<void> {
    const [dump, pauseBoth, , letGo, resume] = stepsOf('how-to/restore-postgres-to-another-node.md');
    const restore = stepsOf('database.md', 'Restore');
    const type = (commands: readonly string[]) => runStep(live.kubectl.kubeconfig, commands);
    // Of an earlier dump or move, which a person would have let expire.
    await live.kubectl.kubectl(['delete', 'job', 'postgres-backup-last', '-n', NAMESPACE, '--ignore-not-found']);
    await type(dump!);
    await type(pauseBoth!);
    await live.surroundings.commit(`feat: the database moves to ${node}`, { [`dist/${file}`]: manifest });
    // What the role of the volumes does, on a disk that holds nothing.
    await live.nodes[node].inside([
      'sh',
      '-ec',
      `mkdir -p ${path}; find ${path} -mindepth 1 -delete; chown ${user}:${group} ${path}; chmod 700 ${path}`,
    ]);
    await type(letGo!);
    await refresh(live);
    await type(resume!);
    for (const step of restore) await type(step);
  }
});
