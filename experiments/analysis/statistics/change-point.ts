import { jStat } from 'jstat';
import { standardError, studentQuantile } from './mean-interval';

/** One second of a trial whose load climbs. */
export interface RampSecond {
  readonly second: number;
  /** Requests due in this second. */
  readonly rate: number;
  /** Requests left behind by the end of this second: waiting, in service, or failed beyond what is tolerated. */
  readonly backlog: number;
  /** Requests answered rightly in this second, whenever they were due. */
  readonly served: number;
}

/** Where a climbing load left the linear regime. */
export interface ChangePoint {
  /** Second of the trial at which the rate was reached. */
  readonly second: number;
  /** The rate, requests per second: what the system serves while requests wait. */
  readonly rate: number;
  /** Its interval from this trial alone. */
  readonly low: number;
  readonly high: number;
  /** Seconds at the limit that the rate is the mean of. */
  readonly seconds: number;
  /** Standard error of the rate from the scatter within the trial, and its degrees of freedom. */
  readonly error: number;
  readonly freedom: number;
  /** Evidence that there is a change at all: sup-F statistic of the backlog. */
  readonly statistic: number;
}

/** Seconds that must lie on either side of a change. */
const SHORTEST_SIDE = 5;

/** A bend is one where chance alone would show it in so many loads without a limit. */
export const BEND_LEVEL = 0.01;

/**
 * At {@link BEND_LEVEL}, of the sup-F statistic for one changed coefficient with 15 % trimming (D. W. K. Andrews, "Tests for
 * Parameter Instability and Structural Change With Unknown Change Point", Econometrica 61(4), 1993, table I).
 */
const CRITICAL_VALUE = 12.35;

/** A change that leaves fewer requests than this behind is of no practical weight. */
const LEAST_EXCESS = 5;

/** Beyond this the generator drops starts and the load stops: what follows says nothing about the rate of the change. */
const LARGEST_BACKLOG = 150;

/** Steps of the search for the rate, as parts of one second's climb. */
const STEPS_PER_SECOND = 10;

/** Seconds at the limit lie this near the rate that the regression finds: an autoscaled system had other limits before. */
const NEAR_THE_LIMIT = 0.85;

/** Seconds that make one batch: departures at the limit are near regular, so neighbouring seconds make up for each other. */
const BATCH_SECONDS = 5;

/**
 * The rate at which a system stops keeping up with a load that climbs linearly, or null where it keeps up.
 * The backlog is proportional to the rate (Little's law), and beyond the limit grows with the square of the time since:
 * `s·rate + d·max(0, second − τ)²` (s, d ≥ 0, weights of 1/backlog) over every second τ is held against the straight line by
 * the sup-F test.
 * The limit is the mean served near the break of a two-phase regression (Hinkley, Biometrika 56, 1969), in seconds that began
 * with requests waiting (two standard deviations of arrivals beyond those in service): no choice of when the load stops
 * biases it (Wald's identity). Its interval has Student's t and the scatter of batches of five seconds.
 */
export function findChangePoint(ramp: readonly RampSecond[], confidence: number): ChangePoint | null {
  const seconds = beforeOverload(ramp);
  if (seconds.length < 4 * SHORTEST_SIDE) return null;
  const statistic = evidenceOfChange(seconds);
  if (statistic < CRITICAL_VALUE) return null;

  const climb = climbOf(seconds);
  const served = seconds.map((one) => one.served);
  const due = seconds.map(({ second }) => climb.rateAt(second));
  const bend = twoPhaseRegression(due, served, climb.perSecond / STEPS_PER_SECOND);
  if (bend === null) return null;
  const after = served.filter((_, index) => due[index] > bend);
  // A rate that is hardly passed before the load ends is no rate at which the system stopped keeping up.
  if (after.length < SHORTEST_SIDE) return null;

  const busy = inService(seconds) * bend;
  const queued = withQueue(seconds, busy + 2 * Math.sqrt(bend), busy);
  const atLimit = served.filter((_, index) => due[index] > NEAR_THE_LIMIT * bend && queued[index]);
  // A system that drops or refuses early has no queue to speak of: there the seconds past the bend must do.
  const measured = atLimit.length >= 2 * BATCH_SECONDS ? atLimit : after;
  const { mean, error, freedom } = batchMeans(measured);
  // What never served anything has no regime that could end.
  if (mean === 0) return null;
  const margin = studentQuantile(confidence, freedom) * error;
  return {
    second: climb.secondOf(mean),
    rate: mean,
    low: Math.max(0, mean - margin),
    high: mean + margin,
    seconds: measured.length,
    error,
    freedom,
    statistic,
  };
}

/**
 * Which seconds began with requests waiting: from one that found `many` inside on, until one finds `few`. A second left out because
 * an answer had just shortened the queue would be one without an answer where they are seconds apart, and the rest too good.
 */
function withQueue(seconds: readonly RampSecond[], many: number, few: number): boolean[] {
  let waits = false;
  return seconds.map((_, index) => {
    const inside = index === 0 ? 0 : seconds[index - 1].backlog;
    waits = inside >= many || (waits && inside > few);
    return waits;
  });
}

/**
 * The rate at which served stops following due, by least squares; null where the load is too short to look. Sums over the
 * seconds before and after make each candidate a matter of a few operations.
 */
function twoPhaseRegression(due: readonly number[], served: readonly number[], step: number): number | null {
  const n = due.length;
  const before = new Float64Array(n + 1);
  const sumAfter = new Float64Array(n + 1);
  const squaresAfter = new Float64Array(n + 1);
  for (let index = 0; index < n; index++) before[index + 1] = before[index] + (served[index] - due[index]) ** 2;
  for (let index = n - 1; index >= 0; index--) {
    sumAfter[index] = sumAfter[index + 1] + served[index];
    squaresAfter[index] = squaresAfter[index + 1] + served[index] ** 2;
  }
  let best: { rate: number; squares: number } | null = null;
  let passed = 0;
  for (let rate = due[SHORTEST_SIDE]; rate < due[n - 3]; rate += step) {
    while (passed < n && due[passed] <= rate) passed++;
    const after = squaresAfter[passed] - 2 * rate * sumAfter[passed] + (n - passed) * rate ** 2;
    if (best === null || before[passed] + after < best.squares) best = { rate, squares: before[passed] + after };
  }
  return best === null ? null : best.rate;
}

/** Mean of a run of seconds with its standard error from the scatter of batches (Law and Kelton, chapter 9). */
function batchMeans(values: readonly number[]): { mean: number; error: number; freedom: number } {
  const mean = jStat.mean(values);
  const batches = Math.max(2, Math.floor(values.length / BATCH_SECONDS));
  const means = Array.from({ length: batches }, (_, index) =>
    jStat.mean(
      values.slice(Math.floor((index * values.length) / batches), Math.floor(((index + 1) * values.length) / batches)),
    ),
  );
  return { mean, error: standardError(means), freedom: batches - 1 };
}

/** The sup-F statistic of a bend in the backlog; zero where the bend is too small to matter. */
function evidenceOfChange(seconds: readonly RampSecond[]): number {
  const ramp = weighted(seconds);
  const straight = fitAt(ramp, Infinity);
  const fits = seconds
    .slice(SHORTEST_SIDE, seconds.length - SHORTEST_SIDE)
    .map(({ second }) => ({ second, ...fitAt(ramp, second) }));
  const best = fits.reduce((a, b) => (b.squares < a.squares ? b : a));
  const variance = best.squares / (seconds.length - 3);
  const excess = best.curvature * (seconds[seconds.length - 1].second - best.second) ** 2;
  if (!(best.curvature > 0) || excess < LEAST_EXCESS) return 0;
  return variance > 0 ? (straight.squares - best.squares) / variance : Infinity;
}

function beforeOverload(ramp: readonly RampSecond[]): readonly RampSecond[] {
  const overloaded = ramp.findIndex((second) => second.backlog > LARGEST_BACKLOG);
  return overloaded < 0 ? ramp : ramp.slice(0, overloaded + 1);
}

/** Counts scatter with the square root of their size, judged from the straight part of the line. */
function weightsOf(seconds: readonly RampSecond[]): number[] {
  const slope = inService(seconds);
  return seconds.map(({ rate }) => 1 / Math.max(1, slope * rate));
}

/** Requests inside the system for each request per second (Little's law: the time each takes), while it keeps up. */
function inService(seconds: readonly RampSecond[]): number {
  const early = seconds.slice(0, Math.ceil(seconds.length / 3));
  return ratio(
    early.reduce((sum, one) => sum + one.backlog, 0),
    early.reduce((sum, one) => sum + one.rate, 0),
  );
}

/** A ramp with its weights and the sums that no bend changes. */
interface WeightedRamp {
  readonly seconds: readonly RampSecond[];
  readonly weights: readonly number[];
  readonly rr: number;
  readonly rb: number;
  readonly bb: number;
}

function weighted(seconds: readonly RampSecond[]): WeightedRamp {
  const weights = weightsOf(seconds);
  const sum = (term: (second: RampSecond) => number) =>
    seconds.reduce((total, second, index) => total + weights[index] * term(second), 0);
  return {
    seconds,
    weights,
    rr: sum(({ rate }) => rate * rate),
    rb: sum(({ rate, backlog }) => rate * backlog),
    bb: sum(({ backlog }) => backlog * backlog),
  };
}

interface Fit {
  readonly squares: number;
  readonly curvature: number;
}

/** Weighted least squares of the backlog on the rate and on the parabola that starts at tau; no negative coefficients. */
function fitAt({ seconds, weights, rr, rb, bb }: WeightedRamp, tau: number): Fit {
  let rq = 0;
  let qq = 0;
  let qb = 0;
  for (let index = seconds.length - 1; index >= 0 && seconds[index].second > tau; index--) {
    const { second, rate, backlog } = seconds[index];
    const late = (second - tau) ** 2;
    const weighted = weights[index] * late;
    rq += weighted * rate;
    qq += weighted * late;
    qb += weighted * backlog;
  }
  const determinant = rr * qq - rq * rq;
  const curvature = determinant > 0 ? (rr * qb - rq * rb) / determinant : 0;
  const slope = determinant > 0 ? (qq * rb - rq * qb) / determinant : 0;
  if (curvature > 0 && slope >= 0) return { squares: bb - slope * rb - curvature * qb, curvature };
  if (curvature > 0) return { squares: bb - ratio(qb * qb, qq), curvature: ratio(qb, qq) };
  return { squares: bb - ratio(rb * rb, rr), curvature: 0 };
}

interface Climb {
  readonly perSecond: number;
  readonly rateAt: (second: number) => number;
  readonly secondOf: (rate: number) => number;
}

/** Counts per second are whole numbers; the rate itself is the straight line through them. */
function climbOf(seconds: readonly RampSecond[]): Climb {
  const n = seconds.length;
  const meanSecond = seconds.reduce((sum, one) => sum + one.second, 0) / n;
  const meanRate = seconds.reduce((sum, one) => sum + one.rate, 0) / n;
  const covariance = seconds.reduce((sum, one) => sum + (one.second - meanSecond) * (one.rate - meanRate), 0);
  const variance = seconds.reduce((sum, one) => sum + (one.second - meanSecond) ** 2, 0);
  // A load that does not climb has no rate to find: a tiny slope keeps the search finite and finds nothing.
  const perSecond = Math.max(1e-3, ratio(covariance, variance));
  return {
    perSecond,
    rateAt: (second) => Math.max(0, meanRate + perSecond * (second - meanSecond)),
    secondOf: (rate) => meanSecond + (rate - meanRate) / perSecond,
  };
}

function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}
