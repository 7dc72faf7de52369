import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { reportFailure } from '../../lib/console/failure';
import { program } from '../../lib/console/program';
import { toolCache } from '../../tools/build';
import { prepare } from './prepare';
import { removeStaleRunFolders, runFolders } from './run-folder';

/**
 * `npm run test:cluster`: builds and installs what is missing, runs the tests of the tier, and fails when they leave a process or
 * a run folder behind. Further arguments go to jest.
 */
async function main(): Promise<void> {
  const started = Date.now();
  await prepare();
  console.error(`test:cluster: everything needed is there after ${seconds(started)}; running the tests`);

  const results = join(mkdtempSync(join(toolCache(), 'tier-')), 'results.json');
  const testsStarted = Date.now();
  const jest = spawn(
    process.execPath,
    ['--import', 'tsx', join(__dirname, 'own-network.ts'), ...jestCommand(results)],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => jest.kill(signal));
  const [status] = (await once(jest, 'exit')) as [number | null];

  const leftovers = await leftBehind();
  for (const each of leftovers) console.error(`test:cluster: left behind: ${each}`);
  const {
    numPassedTests = 0,
    numFailedTests = 0,
    numRuntimeErrorTestSuites = 0,
  } = existsSync(results) ? (JSON.parse(readFileSync(results, 'utf8')) as Tally) : {};
  rmSync(join(results, '..'), { recursive: true });
  console.log(
    `test:cluster: tests took ${seconds(testsStarted)}, with preparation ${seconds(started)}; ${leftovers.length === 0 ? 'no process or folder was left behind' : `${leftovers.length} left behind`}`,
  );
  console.log(`cluster: ${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed`);
  process.exitCode = status === 0 && leftovers.length === 0 && numPassedTests > 0 ? 0 : 1;
}

/** Two test files at a time, each with a cluster of its own: they mostly wait, so that two cores carry two. */
function jestCommand(results: string): string[] {
  const jest = join(require.resolve('jest/package.json'), '..', 'bin', 'jest.js');
  return [
    process.execPath,
    jest,
    '--selectProjects',
    'cluster',
    '--maxWorkers=2',
    '--json',
    `--outputFile=${results}`,
    ...patterns(process.argv.slice(2)),
  ];
}

/** Words before the first flag select test files by a part of their path; the rest goes to jest as it is. */
function patterns(args: readonly string[]): string[] {
  const firstFlag = args.findIndex((arg) => arg.startsWith('-'));
  const words = firstFlag === -1 ? args : args.slice(0, firstFlag);
  return [...(words.length > 0 ? ['--testPathPatterns', ...words] : []), ...args.slice(words.length)];
}

interface Tally {
  readonly numPassedTests?: number;
  readonly numFailedTests?: number;
  readonly numRuntimeErrorTestSuites?: number;
}

/** Run folders whose test process is gone, and processes that still use one. The folders are removed after being counted. */
async function leftBehind(): Promise<string[]> {
  const folders = runFolders().filter(({ alive }) => !alive);
  const processes = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      const command = commandLine(pid);
      return folders.some(({ path }) => command.includes(path)) ? [`process ${pid}: ${command.slice(0, 120)}`] : [];
    });
  removeStaleRunFolders();
  return processes;
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
  'test:cluster',
  'Run the tests against a real control plane; builds and installs first what is missing. Further flags go to jest.',
  'npm run test:cluster',
  'npm run test:cluster -- argo-cd',
)
  .argument('[part...]', 'only test files whose path has one of these parts')
  .allowUnknownOption()
  .action(() => main().catch((error: unknown) => reportFailure(error)))
  .parse();
