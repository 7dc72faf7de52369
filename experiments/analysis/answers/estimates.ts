import type { Cell } from '../measurement/analyse';
import { PERCENTILE_NAMES, type AnalysisSettings, type PercentileName } from '../measurement/settings';
import { bounded, logInterval, positiveMeanInterval, type Bounds, type Interval } from '../statistics/mean-interval';
import { pooledChangePoint } from '../statistics/pooled/change-point';
import { sharePercent } from '../statistics/share-interval';
import type { Measure } from './measures';

/** The values of a measure in the trials of a cell that have one. */
export function trialValues(cell: Cell, measure: Measure): number[] {
  return cell.trials.map((trial) => measure.of(trial.measures)).filter((value) => value !== null);
}

/** Whether any trial's figure is only a lower bound; then the cell's is one too. */
export function isCensored(cell: Cell, measure: Measure): boolean {
  return cell.trials.some(({ measures }) => measure.censored?.(measures) === true);
}

/** Whether any trial of a cell was overwhelmed. */
export function hasSaturatedTrial(cell: Cell): boolean {
  return cell.trials.some(({ measures }) => measures.saturated);
}

/**
 * Estimate of a measure over a cell: response times and breakpoints are pooled over trials, everything else is a mean of them.
 * Trials without a value are counted in it.
 */
export function cellEstimate(cell: Cell, measure: Measure, settings: AnalysisSettings): Interval | null {
  const found = estimateOf(cell, measure, settings);
  if (found === null) return null;
  const without = cell.trials.length - trialValues(cell, measure).length;
  const known = without > 0 ? { ...found, without } : found;
  return isCensored(cell, measure) ? { ...known, high: null, atLeast: true } : known;
}

/** Whether two figures cannot be told apart by their intervals; without an interval nothing can. */
export function overlap(one: Interval, other: Interval): boolean {
  const low = (interval: Interval) => interval.low ?? -Infinity;
  const high = (interval: Interval) => interval.high ?? Infinity;
  return low(one) <= high(other) && low(other) <= high(one);
}

function estimateOf(cell: Cell, measure: Measure, settings: AnalysisSettings): Interval | null {
  if ((PERCENTILE_NAMES as readonly string[]).includes(measure.key))
    return cell.pooled?.percentiles[measure.key as PercentileName] ?? null;
  if (measure.key === 'mean') return cell.pooled?.mean ?? null;
  const values = trialValues(cell, measure);
  switch (measure.key) {
    case 'breakpoint':
      return pooledChangePoint(
        cell.trials.flatMap(({ measures: { changePoint } }) => (changePoint === null ? [] : [changePoint])),
        settings.confidence,
      );
    case 'max':
    case 'p95FromSchedule':
    case 'p99FromSchedule':
      return possibleTime(
        cell,
        logInterval(values, settings.confidence) ?? positiveMeanInterval(values, settings.confidence),
      );
    default: {
      const most = mostOf(cell, measure);
      return withCounts(cell, measure, positiveMeanInterval(values, settings.confidence, most), settings);
    }
  }
}

/** A response time within what can be: none is faster than the fastest seen, and none outlasts the time-out, late starts apart. */
function possibleTime({ pooled, trials }: Cell, interval: Interval | null): Interval | null {
  if (interval === null || pooled === null) return interval;
  const timeOut = trials[0].input.plan.generator.timeoutSeconds * 1000;
  const slowest = trials.map(({ measures }) => Math.max(measures.max ?? 0, measures.fromSchedule.max ?? 0));
  const bounds: Bounds = { least: pooled.spectrum[0], most: Math.max(timeOut, ...slowest) };
  return bounded(interval, bounds);
}

/** The most that a measure can be in a cell. How far a climbing load comes is its own outcome, so it bounds nothing. */
function mostOf({ trials, profile }: Cell, { most }: Measure): number | undefined {
  if (typeof most !== 'function') return most;
  return profile === 'breakpoint' ? undefined : Math.max(...trials.map(({ measures }) => most(measures)));
}

/**
 * A share is known no better than the number of its requests allows: trials without a single failure agree wholly, and still
 * leave room for as many as chance may have kept out of them.
 */
function withCounts(
  cell: Cell,
  { counts }: Measure,
  between: Interval | null,
  { confidence }: AnalysisSettings,
): Interval | null {
  if (counts === undefined || between?.low == null || between.high === null) return between;
  const all = cell.trials.map(({ measures }) => counts(measures));
  const sum = (pick: (one: (typeof all)[number]) => number) => all.reduce((total, one) => total + pick(one), 0);
  const [low, high] = sharePercent(
    sum((one) => one.counted),
    sum((one) => one.of),
    confidence,
  );
  return { ...between, low: Math.min(between.low, low), high: Math.max(between.high, high) };
}
