import { deflateRawSync } from 'node:zlib';
import type { TrialFigures } from './result';
import type { RecordedTrial } from '../campaign-input';
import { meanOffered } from './scaling-measures';

/** Points per line of a trace at most; a plot of 1000 pixels shows no more. */
const TRACE_POINTS = 300;

/** One trial's traces as the figures draw them; null where there is no value. */
export interface Trace {
  readonly trial: string;
  /** Second of each point. */
  readonly t: readonly number[];
  readonly lines: Readonly<Record<string, readonly (number | null)[]>>;
}

const RATES = new Set(['offered', 'served', 'failed']);
const COLUMNS = [
  'offered',
  'served',
  'failed',
  'in_flight',
  'ewma_ms',
  'p50',
  'p90',
  'p95',
  'p99',
  'django_cpu',
  'idaes_cpu',
  'other_cpu',
  'node_cpu',
  'busiest_node_cpu',
  'django_memory',
  'idaes_memory',
  'node_memory',
] as const;

/**
 * Traces of a cell's trials, thinned to {@link TRACE_POINTS} points (rates averaged over the seconds between two points,
 * everything else as it stood at the point), rounded to four digits, compressed, in base64.
 */
export function traceBlob(trials: readonly (TrialFigures & { input: RecordedTrial })[]): string {
  return deflateRawSync(JSON.stringify(trials.map(trace)), { level: 4 }).toString('base64');
}

/** See {@link traceBlob}. */
function trace({ input, series, measures }: TrialFigures & { input: RecordedTrial }): Trace {
  const { busy, known: seconds } = lastSeconds(series);
  const stride = Math.max(1, Math.ceil(seconds / TRACE_POINTS));
  const t: number[] = [];
  for (let second = stride - 1; second < seconds; second += stride) t.push(second + 1);
  const thinned = (column: Float64Array, average: boolean) =>
    t.map((end) => {
      if (!average) return rounded(column[end - 1]);
      return rounded(column.subarray(end - stride, end).reduce((a, b) => a + b, 0) / stride);
    });
  const lines: Record<string, (number | null)[]> = {};
  const add = (name: string, column: Float64Array, average: boolean) => {
    const points = thinned(
      name === 'ewma_ms' ? column.map((value, second) => (second < busy ? value : NaN)) : column,
      average,
    );
    if (points.some((point) => point !== null)) lines[name] = points;
  };
  for (const name of COLUMNS) add(name, series[name], RATES.has(name));
  add('demanded', demanded({ series, measures }), false);
  for (const [workload, { desired, ready }] of Object.entries(series.replicas)) {
    add(`desired ${workload}`, desired, false);
    add(`ready ${workload}`, ready, false);
  }
  return { trial: input.folder, t, lines };
}

/** The rate that the demand for pods is worked out from, during the load. */
function demanded({ series: { offered }, measures }: Pick<TrialFigures, 'series' | 'measures'>): Float64Array {
  const rates = new Float64Array(offered.length).fill(NaN);
  rates.set(meanOffered(offered.subarray(0, Math.floor(measures.loadSeconds))));
  return rates;
}

/**
 * How many seconds requests came or went, and how many anything was watched: what is held until the next value, such as the
 * EWMA, would go on for ever.
 */
function lastSeconds(series: TrialFigures['series']): { busy: number; known: number } {
  const length = (columns: readonly Float64Array[], has: (value: number) => boolean) =>
    Math.max(1, ...columns.map((column) => column.findLastIndex(has) + 1));
  const replicas = Object.values(series.replicas).flatMap(({ desired, ready }) => [desired, ready]);
  const busy = length([series.offered, series.served, series.failed], (rate) => rate > 0);
  return { busy, known: Math.max(busy, length([series.p50, ...replicas], Number.isFinite)) };
}

function rounded(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : null;
}
