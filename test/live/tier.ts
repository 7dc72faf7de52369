import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { reportFailure } from '../../lib/console/failure';
import { program } from '../../lib/console/program';
import { toolCache } from '../../tools/build';
import { leftPrefixes } from './cluster';
import { requireMachine } from './machine';
import { prepare } from './prepare';

/**
 * `npm run test:live`: the short form, or with `--full` everything that may happen to the platform. Fails when the tests leave a
 * process, namespace, mount, control group, loop device or file behind. Further arguments go to jest.
 */
async function main(args: readonly string[]): Promise<void> {
  requireMachine();
  const started = Date.now();
  await prepare();
  console.error(`test:live: everything needed is there after ${seconds(started)}; running the tests`);
  const before = traces();
  mkdirSync(toolCache(), { recursive: true });
  const results = join(mkdtempSync(join(toolCache(), 'tier-')), 'results.json');
  const testsStarted = Date.now();
  const jest = spawn(process.execPath, jestCommand(results, args), { stdio: ['ignore', 'ignore', 'inherit'] });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => jest.kill(signal));
  const [status] = (await once(jest, 'exit')) as [number | null];

  const left = traces().filter((each) => !before.includes(each));
  for (const each of left) console.error(`test:live: left behind: ${each}`);
  const tally = existsSync(results) ? (JSON.parse(readFileSync(results, 'utf8')) as Tally) : {};
  rmSync(join(results, '..'), { recursive: true });
  const { numPassedTests = 0, numFailedTests = 0, numRuntimeErrorTestSuites = 0 } = tally;
  const clean = left.length === 0 ? 'nothing was left behind' : `${left.length} left behind`;
  console.log(`test:live: tests took ${seconds(testsStarted)}, with preparation ${seconds(started)}; ${clean}`);
  console.log(`live: ${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed`);
  process.exitCode = status === 0 && left.length === 0 && numPassedTests > 0 ? 0 : 1;
}

interface Tally {
  readonly numPassedTests?: number;
  readonly numFailedTests?: number;
  readonly numRuntimeErrorTestSuites?: number;
}

function jestCommand(results: string, args: readonly string[]): string[] {
  const jest = join(require.resolve('jest/package.json'), '..', 'bin', 'jest.js');
  const isFull = args.includes('--full');
  const rest = args.filter((arg) => arg !== '--full');
  const patterns = ['--testPathPatterns', isFull ? '\\.live\\.test' : 'short\\.live\\.test'];
  return [jest, '--selectProjects', 'live', '--runInBand', '--json', `--outputFile=${results}`, ...patterns, ...rest];
}

/** What a live cluster could leave: names of namespaces and control groups, mounts, loop devices, run folders, processes. */
function traces(): string[] {
  const list = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes('-live-'));
  const loops = list('/sys/block').filter((name) => {
    const file = `/sys/block/${name}/loop/backing_file`;
    return existsSync(file) && readFileSync(file, 'utf8').includes('-live-');
  });
  const processes = list('/proc').filter(
    (pid) =>
      /^\d+$/.test(pid) && commandLine(pid).includes(join(toolCache(), 'run')) && commandLine(pid).includes('-live-'),
  );
  return [
    ...leftPrefixes().map((prefix) => `namespaces or control groups of ${prefix}`),
    ...mounts.map((line) => `mount ${line}`),
    ...loops.map((name) => `loop device ${name}`),
    ...list(join(toolCache(), 'run'))
      .filter((name) => name.includes('-live-') && !existsSync(`/proc/${name.split('-')[0]}`))
      .map((name) => `folder ${name}`),
    ...processes.map((pid) => `process ${pid}: ${commandLine(pid).slice(0, 120)}`),
  ];
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // It ended while being looked at.
  }
}

function seconds(since: number): string {
  return `${Math.round((Date.now() - since) / 1000)} s`;
}

program(
  'test:live',
  'Run the platform on three real nodes and look at it; needs root, and builds first what is missing. Further flags go to jest.',
  'npm run test:live',
  'npm run test:live -- --full',
)
  .argument('[jest...]', 'arguments of jest')
  .option('--full', 'everything that may happen to the platform, instead of the short form')
  .allowUnknownOption()
  .action(() => main(process.argv.slice(2)).catch((error: unknown) => reportFailure(error)))
  .parse();
