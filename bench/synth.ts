import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { toText } from '../lib/console/text-table';
import type { Benchmark } from './index';
import { measureProcess, type ProcessCost } from './process';

const ROUNDS = 7;
const SCALES = [1, 10, 100];
const TARGETS = { seconds: 1, timesFaster: 3, growth: 110, timesAnother: 1.15 };

const LOADER = './lib/synthesis/require-typescript.cjs';

const repository = resolve(__dirname, '..');
const cdk8s = join(repository, 'node_modules', '.bin', 'cdk8s');

interface Way {
  readonly name: string;
  readonly program: string;
  readonly arguments: readonly string[];
  readonly folder?: string;
}

/** Ways to render the same charts. Each writes to a folder of its own. */
const WAYS: readonly Way[] = [
  {
    name: 'npm run synth, without npm',
    program: process.execPath,
    arguments: ['--require', LOADER, 'main.ts', 'synth', '--output'],
  },
  { name: 'npm run synth', program: 'npm', arguments: ['run', '--silent', 'synth', '--', '--output'] },
  { name: 'cdk8s synth, our loader', program: cdk8s, arguments: ['synth', '--no-check-upgrade', '--output'] },
  {
    name: 'cdk8s synth, ts-node',
    program: cdk8s,
    arguments: ['synth', '--no-check-upgrade', '--app', 'npx ts-node main.ts synth', '--output'],
  },
];

/** The first way, in another checkout. */
function wayOf(against: string): Way {
  const folder = resolve(against);
  if (!existsSync(join(folder, LOADER)) || !existsSync(join(folder, 'node_modules')))
    throw new Error(
      `--against ${against}: no checkout with ${LOADER} and its packages; make one: git worktree add ${against} <revision> && cd ${against} && npm ci`,
    );
  return { ...WAYS[0]!, name: `the same at ${basename(folder)}`, folder };
}

export const benchmark: Benchmark = {
  title: 'Synthesis: our way and that of cdk8s on the same charts, in turns, and growth with the number of components',
  isPaired: true,
  async run(against) {
    const ways = against === undefined ? WAYS : [WAYS[0]!, wayOf(against), ...WAYS.slice(1)];
    const [load = 0] = loadavg();
    if (load > 1)
      console.log(`Other programs keep this machine busy (load ${load.toFixed(1)}): trust CPU time, not seconds.\n`);
    const costs = await measureWays(ways);
    console.log(processTable(ways, costs));
    const scales = measureScales();
    console.log(`\n${scaleTable(scales)}\n`);
    return judge(costs, scales, against !== undefined);
  },
};

async function measureWays(ways: readonly Way[]): Promise<ProcessCost[][]> {
  const costs: ProcessCost[][] = ways.map(() => []);
  const scratch = mkdtempSync(join(tmpdir(), 'bench-synth-'));
  try {
    // The first round fills caches (compiled files, page cache) for all alike, and is not counted.
    for (let round = 0; round <= ROUNDS; round += 1) {
      process.stderr.write(round === 0 ? 'warming up\n' : `round ${round} of ${ROUNDS}\n`);
      for (const [index, way] of ways.entries()) {
        const folder = join(scratch, String(index));
        rmSync(folder, { recursive: true, force: true });
        const cost = await measureProcess(way.program, [...way.arguments, folder], {}, way.folder);
        if (round > 0) costs[index]!.push(cost);
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return costs;
}

/** Processor time of the part inside the process, by scale: other programs on the machine hardly change it. */
function measureScales(): number[][] {
  const times: number[][] = SCALES.map(() => []);
  for (let round = 0; round < 5; round += 1) {
    for (const [index, scale] of SCALES.entries()) {
      const arguments_ = ['--require', LOADER, join(__dirname, 'synth-scale.ts'), String(scale)];
      const answer = execFileSync(process.execPath, arguments_, { cwd: repository, encoding: 'utf8' });
      times[index]!.push((JSON.parse(answer) as { cpuMilliseconds: number }).cpuMilliseconds);
    }
  }
  return times;
}

function processTable(ways: readonly Way[], costs: readonly ProcessCost[][]): string {
  const rows = ways.map(({ name }, index) => {
    const [seconds, memory] = [costs[index]!.map((cost) => cost.seconds), costs[index]!.map((cost) => cost.peakMiB)];
    const cpu = median(costs[index]!.map((cost) => cost.cpuSeconds));
    return [name, ...spread(seconds, 2), cpu.toFixed(2), String(Math.round(median(memory)))];
  });
  return toText({
    heading: [`whole process, ${ROUNDS} rounds`, 'min s', 'median s', 'max s', 'CPU s', 'peak MiB'],
    rows,
  });
}

function scaleTable(times: readonly number[][]): string {
  const rows = SCALES.map((scale, index) => [
    `${scale}x components`,
    ...spread(times[index]!, 0),
    (median(times[index]!) / median(times[0]!)).toFixed(1),
  ]);
  return toText({ heading: ['inside the process', 'min ms', 'median ms', 'max ms', 'times 1x'], rows });
}

function judge(costs: readonly ProcessCost[][], scales: readonly number[][], isPaired: boolean): boolean {
  const [ours = 0, ...others] = costs.map((list) => median(list.map((cost) => cost.seconds)));
  const tsNode = others.at(-1)!;
  const faster = tsNode / ours;
  const growth = median(scales[2]!) / median(scales[0]!);
  const verdicts = [
    [ours < TARGETS.seconds, `under ${TARGETS.seconds} s: ${ours.toFixed(2)} s`],
    [
      faster >= TARGETS.timesFaster,
      `at least ${TARGETS.timesFaster} times faster than cdk8s synth with ts-node: ${faster.toFixed(1)} times`,
    ],
    [growth <= TARGETS.growth, `100x components within ${TARGETS.growth} times 1x: ${growth.toFixed(1)} times`],
    ...(isPaired ? [againstAnother(costs[0]!, costs[1]!)] : []),
  ] as const;
  for (const [isMet, text] of verdicts) console.log(`${isMet ? 'met    ' : 'NOT MET'}  ${text}`);
  return verdicts.every(([isMet]) => isMet);
}

/** By rounds, so that a machine that slows down slows both. */
function againstAnother(ours: readonly ProcessCost[], other: readonly ProcessCost[]): readonly [boolean, string] {
  const ratio = median(ours.map(({ seconds }, round) => seconds / other[round]!.seconds));
  const goal = `within ${TARGETS.timesAnother} times the other checkout`;
  return [ratio <= TARGETS.timesAnother, `${goal}: ${ratio.toFixed(2)} times`];
}

function spread(values: readonly number[], digits: number): string[] {
  return [Math.min(...values), median(values), Math.max(...values)].map((value) => value.toFixed(digits));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}
