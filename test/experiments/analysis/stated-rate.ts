import type { Interval } from '../../../experiments/analysis/statistics/mean-interval';

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

/** Counts the intervals that hold the truth, and says so in the test's output. */
export class Coverage {
  private held = 0;
  private early = 0;
  private late = 0;
  /** Estimates so far; one without an interval holds nothing. */
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

  /** Fails where the count is too small for the stated rate. */
  expectStatedRate(): void {
    this.expectAtLeast(leastHeld(this.seeds));
  }

  /** Fails where a smaller share than this holds the truth. */
  expectRate(share: number): void {
    this.expectAtLeast(share * this.seeds);
  }

  private expectAtLeast(least: number): void {
    const { held, seeds, early, late } = this;
    console.log(
      `${this.name}: ${((held / seeds) * 100).toFixed(1)} % of ${seeds}; truth below ${early}, above ${late}, no interval ${seeds - held - early - late}`,
    );
    expect(held).toBeGreaterThanOrEqual(least);
  }
}
