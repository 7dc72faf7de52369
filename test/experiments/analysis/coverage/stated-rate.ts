import type { Interval } from '../../../../experiments/analysis/statistics/mean-interval';

/** The rate that every interval of the report states. */
export const STATED_RATE = 0.95;

/** Chance at which a test of an interval that holds exactly its stated rate would fail. */
const FALSE_ALARM = 0.001;

/** P(X ≤ k) of a binomial count, summed term by term. */
export function binomialUpTo(k: number, n: number, rate: number): number {
  let term = n * Math.log(1 - rate);
  let sum = 0;
  for (let count = 0; count <= k; count++) {
    sum += Math.exp(term);
    term += Math.log((n - count) / (count + 1)) + Math.log(rate / (1 - rate));
  }
  return sum;
}

/** The smallest count of intervals that hold the truth which the stated rate can explain: fewer happen once in a thousand. */
export function leastHeld(n: number, rate = STATED_RATE): number {
  let least = Math.floor(n * rate);
  while (least > 0 && binomialUpTo(least - 1, n, rate) > FALSE_ALARM) least--;
  return least;
}

/** How many intervals of one figure held the truth. */
export interface Tally {
  readonly name: string;
  /** Estimates; one without an interval holds nothing. */
  readonly seeds: number;
  readonly held: number;
  /** Truths below, and above, their interval. */
  readonly early: number;
  readonly late: number;
}

/** Counts the intervals that hold the truth. */
export class Coverage {
  private held = 0;
  private early = 0;
  private late = 0;
  private seeds = 0;

  constructor(
    private readonly name: string,
    private readonly truth: number,
  ) {}

  add(interval: Interval | null): void {
    this.seeds++;
    if (interval?.low == null || interval.high === null) return;
    if (this.truth < interval.low) this.early++;
    else if (this.truth > interval.high) this.late++;
    else this.held++;
  }

  get tally(): Tally {
    const { name, seeds, held, early, late } = this;
    return { name, seeds, held, early, late };
  }
}

/** Fails where too few intervals held the truth for the stated rate, and says in the test's output how many did. */
export function expectStatedRate(system: string, tallies: readonly Tally[]): void {
  for (const tally of tallies) expectAtLeast(system, tally, leastHeld(tally.seeds));
}

/** Fails where a smaller share than this holds the truth. */
export function expectRate(system: string, tallies: readonly Tally[], share: number): void {
  for (const tally of tallies) expectAtLeast(system, tally, share * tally.seeds);
}

function expectAtLeast(system: string, { name, seeds, held, early, late }: Tally, least: number): void {
  console.log(
    `${system}, ${name}: ${((held / seeds) * 100).toFixed(1)} % of ${seeds}; truth below ${early}, above ${late}, no interval ${seeds - held - early - late}`,
  );
  expect(held).toBeGreaterThanOrEqual(least);
}
