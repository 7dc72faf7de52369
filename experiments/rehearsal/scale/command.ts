import { wholePercent } from '../../../lib/primitives/percent';
import { Command } from 'commander';
import { aligned } from '../../../lib/console/text-table';
import { scaleOnPaper, type ScaleStep, type Station } from './scale-on-paper';
import { positiveWholeNumber } from '../../../lib/console/number-options';

const STATIONS: readonly Station[] = ['gateway', 'oauth2-proxy', 'pgbouncer', 'postgres', 'django-api'];

interface ScaleOptions {
  readonly nodes: number;
  readonly rate: number;
  readonly limit: number;
  readonly seed: number;
}

/** `experiment scale`: where the design breaks when it grows. */
export function scaleCommand(): Command {
  return new Command('scale')
    .description('Rehearse a larger cluster under a rising load, and double what breaks until the load is borne.')
    .option('--nodes <number>', 'nodes of the cluster', positiveWholeNumber, 100)
    .option('--rate <number>', 'requests per second to bear (unit operation retrieval)', positiveWholeNumber, 10_000)
    .option('--limit <milliseconds>', '95th percentile that counts as broken', positiveWholeNumber, 200)
    .option('--seed <number>', 'seed', positiveWholeNumber, 1)
    .action(({ nodes, rate, limit, seed }: ScaleOptions) => {
      if (nodes < 2) throw new Error('--nodes: a cluster needs a server and at least one agent.');
      const steps = scaleOnPaper({ nodes, rate, limitMs: limit, seed });
      for (const line of stepLines(steps, rate)) console.log(line);
      console.log('\nUse is rate x demand / capacity. Rehearsed with assumed service times, not measured.');
    });
}

function stepLines(steps: readonly ScaleStep[], rate: number): string[] {
  const header = ['step', ...STATIONS, 'bears req/s', ...STATIONS.map((station) => `${station} use`), 'busiest'];
  return aligned([
    header,
    ...steps.map(({ parts, brokenAt, utilisation, busiest }, index) => [
      String(index + 1),
      ...STATIONS.map((station) => String(parts[station])),
      brokenAt === undefined ? `${rate}` : brokenAt.toFixed(0),
      ...STATIONS.map((station) => wholePercent(utilisation[station])),
      brokenAt === undefined ? 'none breaks' : busiest,
    ]),
  ]);
}
