import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { reportFailure } from '../lib/console/failure';
import { program } from '../lib/console/program';

/** What a file `bench/<topic>.ts` exports as `benchmark`. */
export interface Benchmark {
  /** One line: what is measured. */
  readonly title: string;
  /**
   * Measures, prints a table with targets, and says whether each is met; returns whether all are.
   *
   * @param against Folder of another checkout, with what it needs installed: measured in turns with this one.
   */
  run(against?: string): Promise<boolean>;
  /** Whether it can be measured against another checkout. */
  readonly isPaired?: boolean;
}

const DEFAULT_TOPIC = 'synth';

/** `npm run bench` measures synthesis; `npm run bench -- <topic>…` runs the benchmarks of those names. */
async function main(chosen: readonly string[], against?: string): Promise<void> {
  const topics = readdirSync(__dirname)
    .filter((file) => file.endsWith('.ts') && file !== basename(__filename))
    .filter((file) => readFileSync(join(__dirname, file), 'utf8').includes('export const benchmark'))
    .map((file) => basename(file, '.ts'))
    .sort();
  const unknown = chosen.filter((topic) => !topics.includes(topic));
  if (unknown.length > 0) {
    console.error(`error: no benchmark is named ${unknown.join(', ')}; choose among ${topics.join(', ')}`);
    process.exitCode = 1;
    return;
  }
  const benchmarks = chosen.map(
    (topic) => (require(join(__dirname, `${topic}.ts`)) as { benchmark: Benchmark }).benchmark,
  );
  const alone = chosen.filter((_, index) => against !== undefined && !benchmarks[index]!.isPaired);
  if (alone.length > 0) {
    console.error(`error: ${alone.join(', ')} cannot be measured against another checkout; leave out --against`);
    process.exitCode = 1;
    return;
  }
  for (const benchmark of benchmarks) {
    console.log(`\n${benchmark.title}\n`);
    if (!(await benchmark.run(against))) process.exitCode = 1;
  }
}

program(
  'bench',
  'Measure speed, side by side in one run, and say whether the targets are met.',
  'npm run bench -- synth report',
  'npm run bench -- synth --against ../another-checkout',
)
  .argument('[topic...]', 'generator, generator-cost, rehearsal, report or synth', [DEFAULT_TOPIC])
  .option('--against <folder>', 'synth: another checkout, after npm ci, whose time is measured in turns with ours')
  .action((topics: string[], { against }: { against?: string }) =>
    main(topics, against).catch((error: unknown) => reportFailure(error, 'error: ')),
  )
  .parse();
