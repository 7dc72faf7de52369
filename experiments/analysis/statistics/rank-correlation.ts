import { jStat } from 'jstat';

/** Spearman's rank correlation; null where either does not vary. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number | null {
  if (!varies(a) || !varies(b)) return null;
  const rho = jStat.spearmancoeff([...a], [...b]);
  return Number.isFinite(rho) ? rho : null;
}

/**
 * Rank correlation of two figures at equal values of a third that drives both (Conover, Practical Nonparametric Statistics,
 * 1999, section 5.4). Null where one of the two does not vary, or follows the third exactly, so that nothing is left of it.
 */
export function partialCorrelation(
  a: readonly number[],
  b: readonly number[],
  third: readonly number[],
): number | null {
  const together = rankCorrelation(a, b);
  if (together === null) return null;
  // A third that does not vary is equal anyway.
  const [withA, withB] = [rankCorrelation(a, third) ?? 0, rankCorrelation(b, third) ?? 0];
  const left = (1 - withA ** 2) * (1 - withB ** 2);
  return left < NOTHING_LEFT ? null : Math.max(-1, Math.min(1, (together - withA * withB) / Math.sqrt(left)));
}

/** Below this share of its variance a figure is the third one in another unit. */
const NOTHING_LEFT = 1e-6;

function varies(values: readonly number[]): boolean {
  return values.some((value) => value !== values[0]);
}
