import { jStat } from 'jstat';
import { linearCongruential } from '../../../lib/primitives/random';
import { studentQuantile, type Interval } from './mean-interval';

/** How often each trial was drawn in one resample, and the resample's probability. */
export interface Resample {
  readonly counts: readonly number[];
  readonly probability: number;
}

/** Resamples drawn at random where there are too many to enumerate. */
const DRAWS = 200;
const ENUMERATED_UP_TO = 4;

/**
 * The bootstrap's resamples of whole trials, since requests of one trial are not independent: up to four trials every
 * possible resample with its exact probability, from five on a fixed number drawn with a fixed seed.
 */
export function trialResamples(trials: number): Resample[] {
  return trials <= ENUMERATED_UP_TO ? enumerated(trials) : drawn(trials);
}

/**
 * Interval of a percentile pooled over trials. With three trials the percentile bootstrap covers far less than it claims, so
 * it supplies the standard error alone: on the logarithm, widened by n/(n − 1), with Student's t on n − 1 degrees of freedom
 * (Hesterberg, "What Teachers Should Know About the Bootstrap", The American Statistician 69(4), 2015, section 4).
 */
export function bootstrapInterval(
  estimate: number,
  resampled: readonly number[],
  resamples: readonly Resample[],
  trials: number,
  confidence: number,
): Interval {
  if (trials < 2 || estimate <= 0 || resampled.some((value) => !(value > 0)))
    return { value: estimate, low: null, high: null, n: trials };
  const logs = resampled.map(Math.log);
  const mean = sum(logs.map((value, index) => value * resamples[index].probability));
  const variance = sum(logs.map((value, index) => (value - mean) ** 2 * resamples[index].probability));
  const error = Math.sqrt((variance * trials) / (trials - 1));
  const factor = Math.exp(studentQuantile(confidence, trials - 1) * error);
  return { value: estimate, low: estimate / factor, high: estimate * factor, n: trials };
}

/**
 * The smallest value at which the samples up to it, each counted as often as its trial was drawn, reach the share p of all.
 * Bisection over the merged order of `sorted` (each ascending), without copying a sample.
 */
export function resampledPercentile(sorted: readonly Float64Array[], counts: readonly number[], p: number): number {
  const drawn = sorted.map((values, index) => ({ values, count: counts[index] })).filter(({ count }) => count > 0);
  const needed = p * drawn.reduce((total, { values, count }) => total + count * values.length, 0);
  const upTo = (x: number) => drawn.reduce((total, { values, count }) => total + count * samplesUpTo(values, x), 0);
  // The answer is a sample of one of the trials: the smallest of each trial's first sample that suffices.
  return Math.min(
    ...drawn.map(({ values }) => {
      let low = 0;
      let high = values.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (upTo(values[middle]) >= needed) high = middle;
        else low = middle + 1;
      }
      return low < values.length ? values[low] : Infinity;
    }),
  );
}

function samplesUpTo(values: Float64Array, x: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

function enumerated(trials: number): Resample[] {
  const result: Resample[] = [];
  const place = (counts: number[], left: number): void => {
    if (counts.length === trials - 1) {
      const all = [...counts, left];
      result.push({ counts: all, probability: multinomial(all) / trials ** trials });
      return;
    }
    for (let count = 0; count <= left; count++) place([...counts, count], left - count);
  };
  if (trials > 0) place([], trials);
  return result;
}

function multinomial(counts: readonly number[]): number {
  const total = sum(counts);
  return counts.reduce((ways, count) => ways / factorial(count), factorial(total));
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}

function drawn(trials: number): Resample[] {
  const random = linearCongruential(20_150_401);
  return Array.from({ length: DRAWS }, () => {
    const counts = new Array<number>(trials).fill(0);
    for (let draw = 0; draw < trials; draw++) counts[Math.floor(random() * trials)]++;
    return { counts, probability: 1 / DRAWS };
  });
}

function sum(values: readonly number[]): number {
  return values.length === 0 ? 0 : jStat.mean(values) * values.length;
}
