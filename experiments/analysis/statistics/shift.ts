import { linearCongruential } from '../../../lib/primitives/random';

/** The most likely place at which a series moved to another level. */
export interface Shift {
  /** Index of the first value of the new level. */
  readonly at: number;
  /** New level less the old one. */
  readonly difference: number;
  /** Chance of as large a shift among the same values in random order. */
  readonly p: number;
}

/** Fewest values on which a shift can be told from chance at all: of fewer, too few orders exist. */
const FEWEST = 6;
const ORDERS = 4999;

/**
 * One change of level in a series of six values or more (else null), by the largest standardised difference of means over all
 * splits (D. V. Hinkley, Biometrika 57, 1970), judged by random orders of the same values, so that one odd value is no new
 * level (Matteson and James, Journal of the American Statistical Association 109, 2014).
 */
export function shiftOf(values: readonly number[]): Shift | null {
  if (values.length < FEWEST) return null;
  const found = largestSplit(values);
  if (found.statistic === 0) return null;
  // The same history gives the same verdict.
  const random = linearCongruential(values.length * 2_654_435_761);
  const order = [...values];
  let asLarge = 0;
  for (let draw = 0; draw < ORDERS; draw++) {
    for (let index = order.length - 1; index > 0; index--) {
      const other = Math.floor(random() * (index + 1));
      [order[index], order[other]] = [order[other], order[index]];
    }
    if (largestSplit(order).statistic >= found.statistic - 1e-12) asLarge++;
  }
  return { at: found.at, difference: found.difference, p: (asLarge + 1) / (ORDERS + 1) };
}

function largestSplit(values: readonly number[]): { at: number; difference: number; statistic: number } {
  const n = values.length;
  const total = values.reduce((sum, value) => sum + value, 0);
  let best = { at: 1, difference: 0, statistic: 0 };
  let before = 0;
  for (let at = 1; at < n; at++) {
    before += values[at - 1];
    const difference = (total - before) / (n - at) - before / at;
    const statistic = Math.abs(difference) * Math.sqrt((at * (n - at)) / n);
    if (statistic > best.statistic) best = { at, difference, statistic };
  }
  return best;
}
