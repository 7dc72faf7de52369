import { jStat } from 'jstat';
import { standardDeviation, studentQuantile, type Interval } from './mean-interval';
import { welchTest } from './welch';

/** On which scale two groups are compared: as a ratio (of positive figures) or as a difference. */
export type ComparisonScale = 'ratio' | 'difference';

/** What is known of a ratio or difference where one side is censored: saturated trials have lower bounds only. */
export type Bound = 'at least' | 'at most';

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
  /** Set where one group is censored: the effect is a bound. */
  readonly bound?: Bound;
}

/**
 * Trials are taken to vary by this much of their figure at least, whatever three of them show: figures that happen to agree to
 * the last digit (whole pods times whole seconds) do not prove that nothing varies, and a difference of less is of no use.
 */
export const LEAST_RELATIVE_DEVIATION = 0.005;

/**
 * Welch's t test of two groups of trials, on logarithms for a ratio: variants need not vary alike, and a saturated one varies
 * more. Null where a group has fewer than two trials, or a ratio is asked of figures that are not positive.
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
  const trials = [a.length, b.length] as const;
  const n = a.length + b.length;
  const least = LEAST_RELATIVE_DEVIATION * (scale === 'ratio' ? 1 : Math.max(...[...a, ...b].map(Math.abs)));
  const [deviationA, deviationB] = [a, b].map((group) => Math.max(least, standardDeviation(group)));
  const pooledDeviation = Math.sqrt(
    ((a.length - 1) * deviationA ** 2 + (b.length - 1) * deviationB ** 2) / (a.length + b.length - 2),
  );
  if (difference === 0 && standardDeviation([...a, ...b]) === 0) {
    const value = fromScale(0);
    return { scale, effect: { value, low: value, high: value, n }, hedgesG: null, p: 1, pooledDeviation: 0, trials };
  }
  const { error, freedom, p } = welchTest(
    { mean: jStat.mean(a), variance: deviationA ** 2, n: a.length },
    { mean: jStat.mean(b), variance: deviationB ** 2, n: b.length },
  );
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
    p,
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

/**
 * Benjamini and Hochberg's procedure: at most the stated share of what is called different is expected not to be (Journal of
 * the Royal Statistical Society B 57, 1995; for a shared reference: Benjamini and Yekutieli, Annals of Statistics 29, 2001).
 */
export function benjaminiHochberg(ps: readonly number[]): number[] {
  const order = ps.map((_, index) => index).sort((a, b) => ps[b] - ps[a]);
  const adjusted = new Array<number>(ps.length).fill(1);
  let ceiling = 1;
  order.forEach((index, rank) => {
    ceiling = Math.min(ceiling, (ps[index] * ps.length) / (ps.length - rank));
    adjusted[index] = ceiling;
  });
  return adjusted;
}

/** A p value after the correction, and the plain one that a further comparison of its kind would have to stay below. */
export interface Corrected {
  readonly p: number;
  readonly threshold: number;
}

/** The part of the level that comparisons of what variants reserve get; a report has no more false alarms for them. */
export const SHARE_OF_RESERVED = 0.2;

/**
 * Corrects all comparisons of a report by {@link benjaminiHochberg}, those of what variants reserve by themselves: most of them
 * differ for certain, since the variants were told so, and such finds would let their share of false ones pass among the others.
 */
export function correctedTogether(
  comparisons: readonly { readonly p: number; readonly reserved: boolean }[],
  alpha: number,
): Corrected[] {
  const corrected = new Map<number, Corrected>();
  for (const reserved of [true, false]) {
    const places = comparisons.flatMap((one, place) => (one.reserved === reserved ? [place] : []));
    const alone = places.length === comparisons.length;
    const share = alone ? 1 : reserved ? SHARE_OF_RESERVED : 1 - SHARE_OF_RESERVED;
    const adjusted = benjaminiHochberg(places.map((place) => comparisons[place].p)).map((p) => Math.min(1, p / share));
    const found = adjusted.filter((p) => p < alpha).length;
    const threshold = (alpha * share * (found + 1)) / Math.max(1, places.length);
    places.forEach((place, index) => corrected.set(place, { p: adjusted[index], threshold }));
  }
  return comparisons.map((_, place) => corrected.get(place)!);
}

/** Chance of seeing an effect that is there, where the number of trials is worked out. */
export const POWER = 0.8;

/** Beyond this the answer "so many trials" helps nobody. */
export const MOST_TRIALS = 1000;

/**
 * Trials a side needed to see an effect (on the deviation's scale: ln 1.1 for 10 % of a ratio) with 80 % chance: the smallest
 * n with (t(1 − α/2) + t(0.8)) · s · √(2/n) ≤ effect on 2n − 2 degrees of freedom; null beyond {@link MOST_TRIALS}.
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
