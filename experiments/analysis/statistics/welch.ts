import { jStat } from 'jstat';

/** Mean, variance and size of one group. */
export interface Group {
  readonly mean: number;
  readonly variance: number;
  readonly n: number;
}

/** What Welch's t test says of two groups. */
export interface WelchTest {
  /** Standard error of the difference of the means. */
  readonly error: number;
  /** Degrees of freedom by Welch and Satterthwaite. */
  readonly freedom: number;
  /** Two-sided p value. */
  readonly p: number;
}

/**
 * Welch's t test of two means, which does not assume that the groups vary alike.
 *
 * @param one A group of at least two; the two must not both be without variance.
 */
export function welchTest(one: Group, other: Group): WelchTest {
  const [a, b] = [one.variance / one.n, other.variance / other.n];
  const error = Math.sqrt(a + b);
  const freedom = error ** 4 / (a ** 2 / (one.n - 1) + b ** 2 / (other.n - 1));
  return { error, freedom, p: Math.min(1, 2 * jStat.studentt.cdf(-Math.abs(one.mean - other.mean) / error, freedom)) };
}
