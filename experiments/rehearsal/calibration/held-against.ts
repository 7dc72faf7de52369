import { percent } from '../../../lib/primitives/percent';
import { aligned } from '../../../lib/console/text-table';
import { percentile } from '../campaign/trial-summary';
import { relativeError, type CellPrediction } from './prediction';

/**
 * What a prediction of the live cluster is held to. Fixed before anything was measured: a miss is reported, and the bound stays.
 */
const BOUNDS = {
  /** Median over the cells of the absolute relative error. */
  p50: 0.1,
  p95: 0.2,
  /** Share of the pairs of policies that the trials can tell apart, whose order must be right. */
  ranking: 0.9,
  /** One sync of the autoscaler, seconds: how far the mean times of the first scale-up may be apart. */
  scaleUpSeconds: 15,
} as const;

/** Trials of a cell, below which no pair is told apart. */
const FEWEST_TRIALS = 3;

/** One promise of the model, and what came of it. */
export interface BoundVerdict {
  readonly name: string;
  readonly seen: string;
  readonly bound: string;
  /** Absent where the campaign has nothing to hold it against. */
  readonly holds?: boolean;
}

/** Every bound, held against all cells together. */
export function heldAgainstBounds(cells: readonly CellPrediction[]): BoundVerdict[] {
  const ranked = pairsToldApart(cells);
  const right = ranked.filter(({ isRight }) => isRight).length;
  const scaling = cells.filter(({ measured, predicted }) => measured.scaledUpAt ?? predicted.scaledUpAt);
  const late = scaling.filter(
    ({ measured, predicted }) => !(Math.abs(scaleUpError(measured, predicted)) <= BOUNDS.scaleUpSeconds),
  );
  return [
    errorVerdict('p50', cells),
    errorVerdict('p95', cells),
    {
      name: 'order of policies that the trials tell apart (p95)',
      seen: `${right} of ${ranked.length} pairs right`,
      bound: `at least ${percent(BOUNDS.ranking)}`,
      ...(ranked.length > 0 && { holds: right >= BOUNDS.ranking * ranked.length }),
    },
    {
      name: 'first scale-up',
      seen: `${scaling.length - late.length} of ${scaling.length} cells within ${BOUNDS.scaleUpSeconds} s`,
      bound: 'all',
      ...(scaling.length > 0 && { holds: late.length === 0 }),
    },
  ];
}

function errorVerdict(measure: 'p50' | 'p95', cells: readonly CellPrediction[]): BoundVerdict {
  const errors = cells
    .map(({ predicted, measured }) => Math.abs(relativeError(predicted[measure], measured[measure])))
    .sort((one, other) => one - other);
  const median = percentile(errors, 0.5);
  return {
    name: `median absolute error of ${measure}`,
    seen: percent(median),
    bound: `at most ${percent(BOUNDS[measure])}`,
    holds: median <= BOUNDS[measure],
  };
}

/**
 * Two variants under the same load whose 95th percentiles do not overlap in any of three trials or more each, and whether the
 * prediction puts them in the same order.
 */
export function pairsToldApart(
  cells: readonly CellPrediction[],
): { readonly faster: string; readonly slower: string; readonly isRight: boolean }[] {
  return cells.flatMap((one) =>
    cells.flatMap((other) => {
      if (one.testType !== other.testType || one.profile !== other.profile || one.experiment !== other.experiment)
        return [];
      if (Math.min(one.trials.length, other.trials.length) < FEWEST_TRIALS) return [];
      const [mine, theirs] = [one, other].map(({ trials }) => trials.map(({ measured }) => measured.p95));
      if (!(Math.max(...mine) < Math.min(...theirs))) return [];
      return [{ faster: one.variant, slower: other.variant, isRight: one.predicted.p95 < other.predicted.p95 }];
    }),
  );
}

type Curve = CellPrediction['measured'];

/** Mean absolute difference of ready pods over the load: the area between both curves, per second. */
export function podsApart(measured: Curve, predicted: Curve): number {
  const seconds = Math.min(measured.ready.length, predicted.ready.length);
  let area = 0;
  for (let second = 0; second < seconds; second++) area += Math.abs(measured.ready[second] - predicted.ready[second]);
  return area / seconds;
}

function scaleUpError(measured: Curve, predicted: Curve): number {
  if (measured.scaledUpAt === undefined || predicted.scaledUpAt === undefined) return Infinity;
  return predicted.scaledUpAt - measured.scaledUpAt;
}

const HEADER = [
  ...['experiment', 'variant', 'profile', 'trials'],
  ...['p50 ms', 'predicted', 'error', 'p95 ms', 'predicted', 'error'],
  ...['good/s', 'predicted', 'failed', 'predicted', 'pods apart', 'scale-up s', 'predicted', 'core-s', 'predicted'],
];

function rowOf({ experiment, variant, profile, trials, measured, predicted }: CellPrediction): string[] {
  const error = (measure: 'p50' | 'p95') => percent(relativeError(predicted[measure], measured[measure]));
  const at = ({ scaledUpAt }: Curve) => scaledUpAt?.toFixed(0) ?? '-';
  return [
    ...[experiment, variant, profile, String(trials.length)],
    ...[measured.p50.toFixed(1), predicted.p50.toFixed(1), error('p50')],
    ...[measured.p95.toFixed(1), predicted.p95.toFixed(1), error('p95')],
    ...[
      measured.throughput.toFixed(2),
      predicted.throughput.toFixed(2),
      percent(measured.failed),
      percent(predicted.failed),
    ],
    ...[podsApart(measured, predicted).toFixed(2), at(measured), at(predicted)],
    ...[measured.coreSeconds.toFixed(0), predicted.coreSeconds.toFixed(0)],
  ];
}

/** Predicted against measured for a terminal: a line for each cell, then one for each bound. */
export function predictionLines(cells: readonly CellPrediction[]): string[] {
  const verdicts = heldAgainstBounds(cells).map(
    ({ name, seen, bound, holds }) => `${name}: ${seen} (${bound}): ${verdictWord(holds)}`,
  );
  return [...aligned([HEADER, ...cells.map(rowOf)]), '', ...verdicts];
}

/** The same as tables of a page. */
export function predictionMarkdown(cells: readonly CellPrediction[]): string {
  const table = (rows: readonly (readonly string[])[]) =>
    [rows[0], rows[0].map(() => '---'), ...rows.slice(1)].map((row) => `| ${row.join(' | ')} |`).join('\n');
  const verdicts = heldAgainstBounds(cells).map(({ name, seen, bound, holds }) => [
    name,
    seen,
    bound,
    verdictWord(holds),
  ]);
  return `${table([HEADER, ...cells.map(rowOf)])}\n\n${table([['bound', 'seen', 'asked', 'verdict'], ...verdicts])}\n`;
}

function verdictWord(holds: boolean | undefined): string {
  if (holds === undefined) return 'nothing to hold it against';
  return holds ? 'holds' : 'missed';
}
