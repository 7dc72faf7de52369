import { jStat } from 'jstat';
import { standardDeviation, studentQuantile, type Interval } from './mean-interval';

/** On which scale two groups are compared: as a ratio (of positive figures) or as a difference. */
export type ComparisonScale = 'ratio' | 'difference';

/** A group of trials held against the reference group. */
export interface Comparison {
  readonly scale: ComparisonScale;
  /** Ratio or difference with its interval, before the correction for many comparisons. */
  readonly effect: Interval;
  /** Cohen's d with Hedges' correction for few trials; null where neither group varies. */
  readonly hedgesG: number | null;
  /** Two-sided p of Welch's test. */
  readonly p: number;
  /** Standard deviation of the two groups pooled, on the scale of the test (logarithms for a ratio). */
  readonly pooledDeviation: number;
  readonly trials: readonly [number, number];
}

/**
 * Welch's t test of two groups of trials, on logarithms for a ratio. It does not assume that the variants vary alike (a
 * saturated system varies more), and stays at or below its stated error rate for three trials a side.
 * Returns null where a group has fewer than two trials, or a ratio is asked of figures that are not positive.
 */
export function compareGroups(
  values: readonly number[],
  reference: readonly number[],
  scale: ComparisonScale,
  confidence: number,
): Comparison | null {
  if (values.length < 2 || reference.length < 2) return null;
  if (scale === 'ratio' && ![...values, ...reference].every((value) => value > 0)) return null;
  const toScale = scale === 'ratio' ? Math.log : (value: number) => value;
  const fromScale = scale === 'ratio' ? Math.exp : (value: number) => value;
  const a = values.map(toScale);
  const b = reference.map(toScale);
  const difference = jStat.mean(a) - jStat.mean(b);
  const varianceA = standardDeviation(a) ** 2 / a.length;
  const varianceB = standardDeviation(b) ** 2 / b.length;
  const error = Math.sqrt(varianceA + varianceB);
  const pooledDeviation = Math.sqrt(
    ((a.length - 1) * standardDeviation(a) ** 2 + (b.length - 1) * standardDeviation(b) ** 2) /
      (a.length + b.length - 2),
  );
  const trials = [a.length, b.length] as const;
  const n = a.length + b.length;
  // Groups that do not vary at all (two rehearsals with one seed) differ for certain, or not at all.
  if (error < 1e-12 * Math.max(1, Math.abs(difference))) {
    const value = fromScale(difference);
    return {
      scale,
      effect: { value, low: value, high: value, n },
      hedgesG: null,
      p: Math.abs(difference) < 1e-12 ? 1 : 0,
      pooledDeviation,
      trials,
    };
  }
  const freedom = error ** 4 / (varianceA ** 2 / (a.length - 1) + varianceB ** 2 / (b.length - 1));
  const margin = studentQuantile(confidence, freedom) * error;
  return {
    scale,
    effect: {
      value: fromScale(difference),
      low: fromScale(difference - margin),
      high: fromScale(difference + margin),
      n,
    },
    hedgesG: (difference / pooledDeviation) * (1 - 3 / (4 * n - 9)),
    p: Math.min(1, 2 * jStat.studentt.cdf(-Math.abs(difference / error), freedom)),
    pooledDeviation,
    trials,
  };
}

/**
 * Holm's correction: with these p values in place of the plain ones, the chance of even one false alarm among all
 * comparisons stays at the stated rate. (Holm, Scandinavian Journal of Statistics 6, 1979.)
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, index) => index).sort((a, b) => ps[a] - ps[b]);
  const adjusted = new Array<number>(ps.length).fill(1);
  let floor = 0;
  order.forEach((index, rank) => {
    floor = Math.max(floor, Math.min(1, ps[index] * (ps.length - rank)));
    adjusted[index] = floor;
  });
  return adjusted;
}

/** Chance of seeing an effect that is there, where the number of trials is worked out. */
export const POWER = 0.8;

/** Beyond this the answer "so many trials" helps nobody. */
export const MOST_TRIALS = 1000;

/**
 * Trials a side needed to see an effect of this size with 80 % chance, given how much trials vary: the smallest n with
 * (t(1 − α/2) + t(0.8)) · s · √(2/n) ≤ effect, both quantiles on 2n − 2 degrees of freedom.
 * Null where more than {@link MOST_TRIALS} would be needed.
 *
 * @param deviation Standard deviation between trials, on the test's scale.
 * @param effect Smallest effect of interest, on the same scale (ln 1.1 for 10 % of a ratio).
 * @param alpha Error rate each comparison is held to.
 */
export function trialsNeeded(deviation: number, effect: number, alpha: number): number | null {
  for (let n = 2; n <= MOST_TRIALS; n++) if (detectable(deviation, n, alpha) <= effect) return n;
  return null;
}

/** The smallest effect that n trials a side show with 80 % chance, on the scale of the deviation. */
export function detectable(deviation: number, n: number, alpha: number): number {
  const freedom = 2 * n - 2;
  const quantiles = studentQuantile(1 - alpha, freedom) + jStat.studentt.inv(POWER, freedom);
  return quantiles * deviation * Math.sqrt(2 / n);
}
