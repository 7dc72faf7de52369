import { Command, InvalidArgumentError } from 'commander';
import { aligned } from '../campaign/console';
import { scaleOnPaper, type ScaleStep, type Station } from './scale-on-paper';

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
    .option('--nodes <number>', 'nodes of the cluster', positive, 100)
    .option('--rate <number>', 'requests per second to bear (unit operation retrieval)', positive, 10_000)
    .option('--limit <milliseconds>', '95th percentile that counts as broken', positive, 200)
    .option('--seed <number>', 'seed', positive, 1)
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
      ...STATIONS.map((station) => `${(utilisation[station] * 100).toFixed(0)} %`),
      brokenAt === undefined ? 'none breaks' : busiest,
    ]),
  ]);
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Write a whole number above 0.');
  return value;
}
