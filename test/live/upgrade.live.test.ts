import { join } from 'node:path';
import { settings } from '../../facts/settings';
import { must } from './command';
import type { Manifest } from './add-ons';
import { LiveCluster } from './cluster';
import { ADDRESSES, entryWorks, flowsheetPath, refresh, synced } from './platform';
import { rowsOf } from './database';

jest.setTimeout(600_000);

/** The commit whose manifests the cluster of today runs. */
const TODAY = '2cc5dc4';
const NAMESPACE = settings.namespace;
/** What an upgrade must never make anew. */
const KEPT = [
  ['namespace', NAMESPACE],
  ['persistentvolume', 'postgres'],
  ['persistentvolume', 'postgres-backup'],
  ['persistentvolumeclaim', 'data-postgres-0'],
  ['persistentvolumeclaim', 'postgres-backup'],
] as const;

let live: LiveCluster;

beforeAll(async () => {
  live = await LiveCluster.start({ say: (line) => process.stderr.write(`live: ${line}\n`) });
}, 3_600_000);

afterAll(async () => {
  await live?.stop();
}, 180_000);

test('the cluster that runs today is synced to what is here: nothing is refused or pruned, and every row is there', async () => {
  const old = join(live.folder, 'today');
  await must('sh', [
    '-ec',
    `mkdir -p ${old} && git -C ${join(__dirname, '..', '..')} archive ${TODAY} dist | tar -x -C ${old}`,
  ]);
  await synced(live, await live.deploy(join(old, 'dist'), 'feat: the platform of today'));
  const member = await entryWorks(live);
  const path = await flowsheetPath(member, 'made before the upgrade');
  const answer = (await member.ask(`${ADDRESSES.api}${path}`)).body;
  const [rows, kept] = [await rowsOf(live), await identities()];
  expect(Object.values(rows).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(100);

  const commit = await live.commitDist(undefined, 'feat: what is here');
  await refresh(live);
  await synced(live, commit, 400);

  expect(await identities()).toEqual(kept);
  expect(await rowsOf(live)).toEqual(rows);
  const { items } = await live.kubectl.get<{ items: Manifest[] }>(['applications', '-n', 'argocd']);
  for (const { metadata, status } of items.filter(({ metadata: { name } }) => name !== 'monitoring')) {
    const results = (status.operationState?.syncResult?.resources ?? []) as {
      kind: string;
      name: string;
      status: string;
      message: string;
    }[];
    expect([metadata.name, results.filter((each) => each.status === 'SyncFailed')]).toEqual([metadata.name, []]);
    const pruned = results.filter((each) => each.status === 'Pruned').map(({ kind }) => kind);
    expect(
      pruned.filter((kind) => ['Namespace', 'PersistentVolume', 'PersistentVolumeClaim', 'StatefulSet'].includes(kind)),
    ).toEqual([]);
  }
  const after = await entryWorks(live);
  expect((await after.ask(`${ADDRESSES.api}${path}`)).body).toBe(answer);
});

/** Identity of each object that must stay, by kind and name. */
async function identities(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [kind, name] of KEPT) {
    const scope = kind === 'persistentvolumeclaim' ? ['-n', NAMESPACE] : [];
    found[`${kind} ${name}`] = await live.kubectl.kubectl([
      'get',
      kind,
      name,
      ...scope,
      '-o',
      'jsonpath={.metadata.uid}',
    ]);
  }
  return found;
}
