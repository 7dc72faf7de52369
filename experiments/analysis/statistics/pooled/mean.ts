import { bounded, logInterval, studentQuantile, type Bounds, type Interval } from '../mean-interval';
import { errorOfMean, type WindowSum } from './window-scatter';

/** By how much the upper part of the interval is lengthened, as a power: found by simulation, as for percentiles. */
const UPPER_STRETCH = 1.3;

/**
 * Mean response time of a cell, every trial counting alike: Student's t over the logarithms of the trials' means, as wide as
 * the scatter within trials (`windows`) at least, its upper part lengthened as in {@link pooledPercentileInterval}.
 */
export function pooledMeanInterval(
  means: readonly number[],
  windows: readonly (readonly WindowSum[])[],
  confidence: number,
  bounds?: Bounds,
): Interval | null {
  if (means.length === 0) return null;
  const value = means.reduce((sum, mean) => sum + mean, 0) / means.length;
  const between = logInterval(means, confidence, value);
  if (between?.low == null || between.high === null) return { value, low: null, high: null, n: means.length };
  const { error, freedom } = errorOfMean(windows);
  const within = Math.exp((studentQuantile(confidence, freedom) * error) / value);
  const low = Math.min(between.low, value / within);
  const high = Math.max(between.high, value * within);
  return bounded({ value, low, high: value * (high / value) ** UPPER_STRETCH, n: means.length }, bounds);
}
