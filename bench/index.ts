import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { reportFailure } from '../lib/console/failure';

/** What a file `bench/<topic>.ts` exports as `benchmark`. */
export interface Benchmark {
  /** One line: what is measured. */
  readonly title: string;
  /** Measures, prints a table with targets, and says whether each is met; returns whether all are. */
  run(): Promise<boolean>;
}

const DEFAULT_TOPIC = 'synth';

/** `npm run bench` measures synthesis; `npm run bench -- <topic>…` runs the benchmarks of those names. */
async function main(arguments_: readonly string[]): Promise<void> {
  const topics = readdirSync(__dirname)
    .filter((file) => file.endsWith('.ts') && file !== basename(__filename))
    .filter((file) => readFileSync(join(__dirname, file), 'utf8').includes('export const benchmark'))
    .map((file) => basename(file, '.ts'))
    .sort();
  const chosen = arguments_.length > 0 ? arguments_ : [DEFAULT_TOPIC];
  const unknown = chosen.filter((topic) => !topics.includes(topic));
  if (unknown.length > 0) {
    console.error(`error: no benchmark is named ${unknown.join(', ')}; choose among ${topics.join(', ')}`);
    process.exitCode = 1;
    return;
  }
  for (const topic of chosen) {
    const { benchmark } = require(join(__dirname, `${topic}.ts`)) as { benchmark: Benchmark };
    console.log(`\n${benchmark.title}\n`);
    if (!(await benchmark.run())) process.exitCode = 1;
  }
}

main(process.argv.slice(2)).catch((error: unknown) => reportFailure(error, 'error: '));
