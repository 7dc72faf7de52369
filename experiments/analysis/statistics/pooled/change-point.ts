import type { ChangePoint } from '../change-point';
import { meanInterval, studentQuantile, type Interval } from '../mean-interval';

/** The part of a trial's change point that a cell's is made from. */
export type TrialChangePoint = Pick<ChangePoint, 'rate' | 'seconds' | 'error' | 'freedom'>;

/**
 * Breakpoint of a cell: requests served by seconds at the limit, over all trials together. Slow trials stop sooner, which
 * biases their mean; the jackknife takes that out (Tukey's pseudo-values; Efron and Tibshirani, An Introduction to the
 * Bootstrap, 1993, chapter 11). Its Student's t is never narrower than the scatter within trials, and has no bounds for a
 * single one.
 */
export function pooledChangePoint(trials: readonly TrialChangePoint[], confidence: number): Interval | null {
  if (trials.length === 0) return null;
  if (trials.length === 1) return { value: trials[0].rate, low: null, high: null, n: 1 };
  const n = trials.length;
  const all = pooled(trials);
  const pseudo = trials.map((_, left) => n * all - (n - 1) * pooled(trials.filter((_, index) => index !== left)));
  const between = meanInterval(pseudo, confidence)!;
  const within = studentQuantile(confidence, sum(trials.map((trial) => trial.freedom))) * errorWithin(trials);
  return {
    value: between.value,
    low: Math.max(0, Math.min(between.low!, between.value - within)),
    high: Math.max(between.high!, between.value + within),
    n,
  };
}

function pooled(trials: readonly TrialChangePoint[]): number {
  return sum(trials.map(({ rate, seconds }) => rate * seconds)) / sum(trials.map(({ seconds }) => seconds));
}

function errorWithin(trials: readonly TrialChangePoint[]): number {
  return (
    Math.sqrt(sum(trials.map(({ error, seconds }) => (error * seconds) ** 2))) /
    sum(trials.map(({ seconds }) => seconds))
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
