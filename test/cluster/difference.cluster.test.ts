import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { buildTool } from '../../tools/build';
import { applyObjects, installPrerequisites } from './apply';
import { startControlPlane, type ControlPlane } from './control-plane';
import { inSyncOrder, readTree } from './manifests';

jest.setTimeout(300_000);

const ROOT = join(__dirname, '../..');
let cluster: ControlPlane;
let path: string;

beforeAll(async () => {
  // What is compared are objects; no pod need run for it.
  cluster = await startControlPlane({ kwok: false });
  await installPrerequisites(cluster);
  for (const tree of ['platform', 'workloads/production', 'argocd', 'monitoring'])
    for (const wave of inSyncOrder(readTree(tree)))
      expect(await applyObjects(cluster, wave)).toMatchObject({ status: 0 });
  path = `${dirname(await buildTool('kubectl'))}:${process.env['PATH']}`;
});
afterAll(() => cluster?.stop());

function difference(kubeconfig = cluster.kubeconfig) {
  const command = ['--require', './lib/synthesis/require-typescript.cjs', 'main.ts', '--against', 'cluster'];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, KUBECONFIG: kubeconfig, PATH: path },
  });
  return { status, stdout, stderr };
}

test('a cluster that holds what is rendered differs in nothing, whatever the API server has filled in', () => {
  expect(difference()).toEqual({ status: 0, stdout: 'Nothing would change.\n', stderr: '' });
});

test('what somebody changed or deleted by hand is shown as what applying would do about it', async () => {
  await cluster.kubectl(['-n', 'ahuora', 'set', 'image', 'deployment/front-end', '*=ahuora/front-end:9.9.9']);
  await cluster.kubectl(['-n', 'ahuora', 'delete', 'networkpolicy', 'default-deny']);
  await cluster.kubectl(['-n', 'ahuora', 'annotate', 'service', 'idaes', 'example.org/note=by-hand']);
  const { status, stdout } = difference();
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /platform\n(?: {2}.*\n)*? {2}~ Deployment\/front-end \(ahuora\)\n {6}spec\.template\.spec\.containers\[.*\]\.image: ahuora\/front-end:9\.9\.9 → ahuora\/front-end:/,
  );
  expect(stdout).toContain('+ NetworkPolicy/default-deny (ahuora)');
  expect(stdout).toMatch(/Restarts pods\n {2}platform Deployment\/front-end/);
  // A field that nobody here declares is not applied away.
  expect(stdout).not.toContain('example.org/note');
});

test('a cluster that is not reached is said in one sentence', () => {
  const { status, stderr } = difference('/dev/null');
  expect(status).toBe(1);
  expect(stderr).toMatch(/^error: --against cluster: kubectl knows of no cluster; set KUBECONFIG, or write [^\n]+\n$/);
});
