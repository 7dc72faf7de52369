import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { reportFailure } from '../../lib/console/failure';
import { program } from '../../lib/console/program';
import { createRunFolder } from '../cluster/run-folder';
import { removeStale } from './cluster';
import { requireMachine } from './machine';
import { MEMORY_LIMIT, MemoryWatch } from './memory';
import { prepare } from './prepare';
import { traces } from './traces';

/**
 * `npm run test:live`: the short form, or all with `--full`; further arguments go to jest. Fails when the tests leave
 * anything behind or take more memory than promised. What a killed run left is removed first.
 */
async function main(args: readonly string[]): Promise<void> {
  requireMachine();
  const started = Date.now();
  await removeStale();
  await prepare();
  console.error(`test:live: everything needed is there after ${seconds(started)}; running the tests`);
  const before = traces();
  const results = join(createRunFolder('results'), 'results.json');
  const testsStarted = Date.now();
  // The kernel ends jest with this process, and the nodes with jest.
  const command = ['--pdeathsig', 'KILL', '--', process.execPath, ...jestCommand(results, args)];
  const jest = spawn('setpriv', command, { stdio: ['ignore', 'ignore', 'inherit'] });
  const memory = new MemoryWatch(jest.pid!);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => jest.kill(signal));
  const [status] = (await once(jest, 'exit')) as [number | null];
  memory.end();

  const left = traces().filter((each) => !before.includes(each));
  for (const each of left) console.error(`test:live: left behind: ${each}`);
  const tally = existsSync(results) ? (JSON.parse(readFileSync(results, 'utf8')) as Tally) : {};
  rmSync(join(results, '..'), { recursive: true });
  const { numPassedTests = 0, numFailedTests = 0, numRuntimeErrorTestSuites = 0 } = tally;
  const clean = left.length === 0 ? 'nothing was left behind' : `${left.length} left behind`;
  console.log(`test:live: tests took ${seconds(testsStarted)}, with preparation ${seconds(started)}; ${clean}`);
  console.log(`live: ${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed`);
  const isFrugal = memory.peak <= MEMORY_LIMIT;
  console.log(
    `test:live: memory at most ${gibibytes(memory.peak)}, ${isFrugal ? 'within' : 'more than'} the ${gibibytes(MEMORY_LIMIT)} promised`,
  );
  process.exitCode = status === 0 && left.length === 0 && numPassedTests > 0 && isFrugal ? 0 : 1;
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

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
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
