import { jStat } from 'jstat';

/** One second of a trial whose load climbs. */
export interface RampSecond {
  readonly second: number;
  /** Requests due in this second. */
  readonly rate: number;
  /** Requests left behind by the end of this second: waiting, in service, or failed beyond what is tolerated. */
  readonly backlog: number;
}

/** Where a climbing load left the linear regime. */
export interface ChangePoint {
  /** Second of the trial at which the rate was reached. */
  readonly second: number;
  /** The rate, requests per second. */
  readonly rate: number;
  /** Rates that the F test does not reject at the stated confidence, from this trial alone. */
  readonly low: number;
  readonly high: number;
  /** Evidence that there is a change at all: sup-F statistic of the backlog. */
  readonly statistic: number;
}

/** Seconds that must lie on either side of a change. */
const SHORTEST_SIDE = 5;

/**
 * 1 % critical value of the sup-F statistic for one changed coefficient with 15 % trimming.
 * (D. W. K. Andrews, "Tests for Parameter Instability and Structural Change With Unknown Change Point",
 * Econometrica 61(4), 1993, table I.)
 */
const CRITICAL_VALUE = 12.35;

/** A change that leaves fewer requests than this behind is of no practical weight. */
const LEAST_EXCESS = 5;

/** Beyond this the generator drops starts and the load stops: what follows says nothing about the rate of the change. */
const LARGEST_BACKLOG = 150;

/** Steps of the search for the rate, as parts of one second's climb. */
const STEPS_PER_SECOND = 10;

/**
 * Finds the rate at which a system stops keeping up with a load that climbs linearly, in two steps.
 *
 * Is there a change? While the system keeps up, the requests inside it are proportional to the rate (Little's law); once it
 * serves no more than some rate, the backlog grows with the square of the time since. The backlog is fitted by
 * `s·rate + d·max(0, second − τ)²` with s, d ≥ 0 and weights of 1/backlog, over every second τ, and held against the
 * straight line by the sup-F test. Failures can be part of the backlog, so a system that sheds load counts too.
 *
 * At which rate? Two-phase regression (Hinkley, Biometrika 56, 1969) of requests served in each second on the rate: as many as
 * are due up to the rate sought, and that rate from then on. It is the least squares estimate, so it equals what the
 * system goes on serving. The interval holds every rate whose fit the F test cannot tell from the best, with the scatter of
 * the second phase (the first hardly scatters: nearly every request is answered in its own second).
 *
 * Returns null where no change is found: the backlog fits a straight line as well, or what stays behind is too little to
 * matter.
 */
export function findChangePoint(ramp: readonly RampSecond[], confidence: number): ChangePoint | null {
  const seconds = beforeOverload(ramp);
  if (seconds.length < 4 * SHORTEST_SIDE) return null;
  const statistic = evidenceOfChange(seconds);
  if (statistic < CRITICAL_VALUE) return null;

  const climb = climbOf(seconds);
  const served = seconds.map(
    ({ rate, backlog }, index) => rate - (backlog - (index === 0 ? 0 : seconds[index - 1].backlog)),
  );
  const due = seconds.map(({ second }) => climb.rateAt(second));
  const squaresAt = (limit: number) =>
    served.reduce((sum, value, index) => sum + (value - Math.min(due[index], limit)) ** 2, 0);
  const candidates: { rate: number; squares: number }[] = [];
  for (let rate = due[SHORTEST_SIDE]; rate < due[due.length - 3]; rate += climb.perSecond / STEPS_PER_SECOND)
    candidates.push({ rate, squares: squaresAt(rate) });
  if (candidates.length === 0) return null;
  const best = candidates.reduce((a, b) => (b.squares < a.squares ? b : a));
  const after = served.filter((_, index) => due[index] > best.rate);
  // A rate that is hardly passed before the load ends is no rate at which the system stopped keeping up.
  if (after.length < SHORTEST_SIDE) return null;
  const scatter = after.reduce((sum, value) => sum + (value - best.rate) ** 2, 0) / (after.length - 1);
  const limit = best.squares + scatter * jStat.centralF.inv(confidence, 1, after.length - 1);
  const accepted = candidates.filter((candidate) => candidate.squares <= limit);
  return {
    second: climb.secondOf(best.rate),
    rate: best.rate,
    low: accepted[0].rate,
    high: accepted[accepted.length - 1].rate,
    statistic,
  };
}

/** The sup-F statistic of a bend in the backlog; zero where the bend is too small to matter. */
function evidenceOfChange(seconds: readonly RampSecond[]): number {
  const weights = weightsOf(seconds);
  const straight = fitAt(seconds, weights, Infinity);
  const fits = seconds
    .slice(SHORTEST_SIDE, seconds.length - SHORTEST_SIDE)
    .map(({ second }) => ({ second, ...fitAt(seconds, weights, second) }));
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
  const early = seconds.slice(0, Math.ceil(seconds.length / 3));
  const slope = ratio(
    early.reduce((sum, one) => sum + one.backlog, 0),
    early.reduce((sum, one) => sum + one.rate, 0),
  );
  return seconds.map(({ rate }) => 1 / Math.max(1, slope * rate));
}

interface Fit {
  readonly squares: number;
  readonly curvature: number;
}

/** Weighted least squares of the backlog on the rate and on the parabola that starts at tau; no negative coefficients. */
function fitAt(seconds: readonly RampSecond[], weights: readonly number[], tau: number): Fit {
  let rr = 0;
  let rq = 0;
  let qq = 0;
  let rb = 0;
  let qb = 0;
  let bb = 0;
  seconds.forEach(({ second, rate, backlog }, index) => {
    const weight = weights[index];
    const late = second > tau ? (second - tau) ** 2 : 0;
    rr += weight * rate * rate;
    rq += weight * rate * late;
    qq += weight * late * late;
    rb += weight * rate * backlog;
    qb += weight * late * backlog;
    bb += weight * backlog * backlog;
  });
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
