import { jStat } from 'jstat';

/** A figure with the interval that covers the truth at the stated confidence. */
export interface Interval {
  readonly value: number;
  /** Null where one trial alone gives no interval. */
  readonly low: number | null;
  /** Null where one trial alone gives no interval, and where the figure is censored. */
  readonly high: number | null;
  /** Number of trials behind it. */
  readonly n: number;
  /** Censored: the figure is at least this. */
  readonly atLeast?: boolean;
  /** Trials of the cell that have no value, where there are any. */
  readonly without?: number;
}

/** What a figure can be at all. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/**
 * Mean of independent trials with Student's t interval (n − 1 degrees of freedom): for three trials and 95 % it reaches
 * 2.48 standard deviations either way. Returns null for no values, and no bounds for a single one.
 */
export function meanInterval(values: readonly number[], confidence: number, bounds?: Bounds): Interval | null {
  if (values.length === 0) return null;
  const value = jStat.mean(values);
  if (values.length === 1) return { value, low: null, high: null, n: 1 };
  const margin = studentQuantile(confidence, values.length - 1) * standardError(values);
  return bounded({ value, low: value - margin, high: value + margin, n: values.length }, bounds);
}

/** As {@link meanInterval}, for a figure that cannot be negative: the lower bound stops at zero. */
export function positiveMeanInterval(values: readonly number[], confidence: number, most = Infinity): Interval | null {
  return meanInterval(values, confidence, { least: 0, most });
}

/**
 * Student's t interval, on logarithms, around the geometric mean or the given centre: it reaches further up than down. Null
 * for fewer than two values, or where one is not positive.
 */
export function logInterval(values: readonly number[], confidence: number, centre?: number): Interval | null {
  if (values.length < 2 || !values.every((value) => value > 0)) return null;
  const logs = values.map(Math.log);
  const value = centre ?? Math.exp(jStat.mean(logs));
  const factor = Math.exp(studentQuantile(confidence, values.length - 1) * standardError(logs));
  return { value, low: value / factor, high: value * factor, n: values.length };
}

/** An interval within what is possible; it always holds its own estimate. */
export function bounded(interval: Interval, bounds: Bounds | undefined): Interval {
  if (bounds === undefined) return interval;
  const { value, low, high } = interval;
  return {
    ...interval,
    low: low === null ? null : Math.min(value, Math.max(bounds.least, low)),
    high: high === null ? null : Math.max(value, Math.min(bounds.most, high)),
  };
}

/** Two-sided quantile of Student's t: the factor of the standard error at this confidence. */
export function studentQuantile(confidence: number, degreesOfFreedom: number): number {
  return jStat.studentt.inv(1 - (1 - confidence) / 2, degreesOfFreedom);
}

export function standardDeviation(values: readonly number[]): number {
  return jStat.stdev(values, true);
}

export function standardError(values: readonly number[]): number {
  return standardDeviation(values) / Math.sqrt(values.length);
}
