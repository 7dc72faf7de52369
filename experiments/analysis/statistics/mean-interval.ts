import { jStat } from 'jstat';

/** A figure with the interval that covers the truth at the stated confidence. */
export interface Interval {
  readonly value: number;
  /** Null where one trial alone gives no interval. */
  readonly low: number | null;
  readonly high: number | null;
  /** Number of trials behind it. */
  readonly n: number;
}

/**
 * Mean of independent trials with Student's t interval (n − 1 degrees of freedom): for three trials and 95 % it reaches
 * 2.48 standard deviations either way. Returns null for no values, and no bounds for a single one.
 */
export function meanInterval(values: readonly number[], confidence: number): Interval | null {
  if (values.length === 0) return null;
  const value = jStat.mean(values);
  if (values.length === 1) return { value, low: null, high: null, n: 1 };
  const margin = studentQuantile(confidence, values.length - 1) * standardError(values);
  return { value, low: value - margin, high: value + margin, n: values.length };
}

/** As {@link meanInterval}, for a figure that cannot be negative: the lower bound stops at zero. */
export function positiveMeanInterval(values: readonly number[], confidence: number): Interval | null {
  const interval = meanInterval(values, confidence);
  if (interval?.low == null) return interval;
  return { ...interval, low: Math.max(0, interval.low) };
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
