import { dirname } from 'node:path';
import { buildTool } from '../../tools/build';
import { FreshClone } from '../docs/fresh-clone';
import { commandsTypedBy } from '../docs/how-each-is-typed';
import { applyObjects, installPrerequisites } from './apply';
import { startControlPlane, type ControlPlane } from './control-plane';
import { inSyncOrder, readTree } from './manifests';

/*
 * Commands of the pages that ask a cluster and that no test of a whole recipe types, in a fresh clone, as they stand but for `sudo`: the
 * kubeconfig here is an administrator's already.
 */

jest.setTimeout(300_000);

const commands = commandsTypedBy('test/cluster/pages.cluster.test.ts');
let cluster: ControlPlane;
let clone: FreshClone;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  cluster = await startControlPlane();
  clone = new FreshClone();
  env = {
    ...process.env,
    KUBECONFIG: cluster.kubeconfig,
    PATH: `${dirname(await buildTool('kubectl'))}:${process.env['PATH']}`,
  };
  await installPrerequisites(cluster);
  for (const tree of ['platform', 'workloads/production', 'argocd'])
    for (const wave of inSyncOrder(readTree(tree)))
      expect(await applyObjects(cluster, wave)).toMatchObject({ status: 0 });
  // K3s keeps one for each node that has joined.
  for (const node of ['worker-3', 'control'])
    await cluster.kubectl(['-n', 'kube-system', 'create', 'secret', 'generic', `${node}.node-password.k3s`]);
  // What the platform leaves when its signals are switched off.
  await cluster.kubectl(['create', 'namespace', 'signals']);
  await cluster.kubectl(['label', 'namespace', 'signals', 'app.kubernetes.io/part-of=signals']);
});
afterAll(async () => {
  clone?.remove();
  await cluster?.stop();
});

test('the pages have some', () => expect(commands.length).toBeGreaterThan(6));

test.each(commands.map(({ page, command }) => [page, command]))('%s: %s', async (_page, command) => {
  const { status, output } = await clone.type(command!.replace(/^sudo /, ''), '.', env);
  if (status !== 0) throw new Error(`${command} ended with ${status}:\n${output}`);
});

test('and they have done what the pages say', async () => {
  const names = (await cluster.kubectl(['get', 'node,namespace,job,secret', '-A', '-o', 'name'])).split('\n');
  expect(names).toContain('job.batch/postgres-backup-now');
  for (const gone of ['node/worker-3', 'namespace/signals', 'secret/worker-3.node-password.k3s'])
    expect(names).not.toContain(gone);
});
