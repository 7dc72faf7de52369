import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { once } from 'node:events';
import { startControlPlane } from './control-plane';
import { run } from './daemon';
import { eventually } from './eventually';
import { nodeObjects } from './nodes';
import { pinnedVersion, componentOf } from '../../tools/catalogue';

jest.setTimeout(240_000);

test('two clusters run side by side, know nothing of each other, and leave nothing when stopped', async () => {
  const [first, second] = await Promise.all([startControlPlane(), startControlPlane()]);
  try {
    await first.kubectl(['create', 'namespace', 'only-in-the-first']);
    expect(await second.kubectl(['get', 'namespaces', '-o', 'name'])).not.toContain('only-in-the-first');

    const version = JSON.parse(await first.kubectl(['version', '-o', 'json'])) as {
      serverVersion: { gitVersion: string };
    };
    expect(version.serverVersion.gitVersion).toBe(pinnedVersion(componentOf('kubernetes')));

    const nodes = (
      JSON.parse(await first.kubectl(['get', 'nodes', '-o', 'json'])) as {
        items: { metadata: { name: string; labels: Record<string, string> }; status: { capacity: { cpu: string } } }[];
      }
    ).items;
    expect(nodes.map((node) => node.metadata.name).sort()).toEqual(
      nodeObjects()
        .map((node) => node.metadata.name)
        .sort(),
    );
    expect(nodes.every((node) => node.metadata.labels['kubernetes.io/arch'] === 'arm64')).toBe(true);
    expect(nodes.reduce((cores, node) => cores + Number(node.status.capacity.cpu), 0)).toBe(28);
  } finally {
    await Promise.all([first.stop(), second.stop()]);
  }
  for (const { folder } of [first, second]) {
    expect(existsSync(folder)).toBe(false);
    expect(processesOf(folder)).toEqual([]);
  }
});

test('"npm run cluster" prints a kubeconfig that works, and Ctrl-C ends and removes the cluster', async () => {
  const keeper = await startKeeper();
  const nodes = await run('npm', ['run', '--silent', 'tools', '--', 'kubectl']);
  const kubectl = nodes.stdout.trim();
  const answer = await run(kubectl, ['--kubeconfig', keeper.kubeconfig, 'get', 'nodes', '-o', 'name']);
  expect(answer.stdout.trim().split('\n')).toHaveLength(nodeObjects().length);
  keeper.process.kill('SIGINT');
  await once(keeper.process, 'exit');
  expect(existsSync(keeper.kubeconfig)).toBe(false);
  expect(processesOf(dirname(keeper.kubeconfig))).toEqual([]);
});

test('a cluster dies with the process that started it, even when that is killed with -9', async () => {
  const keeper = await startKeeper();
  const folder = dirname(keeper.kubeconfig);
  expect(processesOf(folder).length).toBeGreaterThanOrEqual(5);
  keeper.process.kill('SIGKILL');
  await eventually('every process of the cluster is gone', async () => processesOf(folder).length === 0, 15_000);
});

/** `npm run cluster` without npm around it, so that signals reach the process itself. */
async function startKeeper() {
  const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'keep.ts')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { process: child, kubeconfig: line.toString().trim() };
}

/** Command lines of running processes that name the folder. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return []; // It ended while being looked at.
      }
    })
    .filter((command) => command.includes(folder));
}
