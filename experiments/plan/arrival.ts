import type { LoadProfile, PoissonArrivals, Stage } from './profile';
import { seededRandom } from '../../lib/primitives/random';

/**
 * Arrivals at a piecewise linear rate from zero. Request n is due when the rate's integral reaches n, as in k6's
 * ramping-arrival-rate, or n exponential gaps (Lewis and Shedler, Simulation of nonhomogeneous Poisson processes by thinning,
 * 1979, section 2).
 */
export class ArrivalSchedule {
  /** Length of the schedule, seconds. */
  readonly seconds: number;
  /** Number of requests due: the integral of the rate over the whole profile, rounded down; at random, about as many. */
  readonly count: number;
  /** Its parts of steady climb, fall or rate, in order. */
  readonly segments: readonly Segment[];
  /** The integral of the rate at each request; absent where they are evenly spaced, and it is the request's number. */
  private readonly integrals: Float64Array | undefined;

  constructor(stages: readonly Stage[], arrivals?: PoissonArrivals) {
    const segments: Segment[] = [];
    let start = 0;
    let before = 0;
    let from = 0;
    for (const { target, seconds } of stages) {
      if (seconds > 0) segments.push({ start, seconds, from, to: target, before });
      before += ((from + target) / 2) * seconds;
      start += seconds;
      from = target;
    }
    this.segments = segments;
    this.seconds = start;
    // Sums of decimal rates miss whole numbers by some 1e-13; an arrival must not be lost to that.
    this.integrals = arrivals === undefined ? undefined : poissonProcess(before, arrivals.seed);
    this.count = this.integrals?.length ?? Math.floor(before + TOLERANCE);
  }

  static of({ stages, arrivals }: Pick<LoadProfile, 'stages' | 'arrivals'>): ArrivalSchedule {
    return new ArrivalSchedule(stages, arrivals);
  }

  /** Requests per second asked for at a moment, seconds from the start; zero outside the schedule. */
  rateAt(seconds: number): number {
    const segment = this.segments.find((one) => seconds >= one.start && seconds < one.start + one.seconds);
    if (segment === undefined) return 0;
    return segment.from + ((segment.to - segment.from) * (seconds - segment.start)) / segment.seconds;
  }

  /** Requests due up to a moment, as the exact integral of the rate (a fraction is a request on its way). */
  integralTo(seconds: number): number {
    let due = 0;
    for (const segment of this.segments) {
      if (seconds <= segment.start) break;
      const inside = Math.min(seconds - segment.start, segment.seconds);
      due = segment.before + segment.from * inside + (slope(segment) * inside * inside) / 2;
    }
    return due;
  }

  /**
   * When request n is due, seconds from the start: in closed form.
   *
   * @throws {RangeError} when n is not between 1 and {@link count}.
   */
  arrival(n: number): number {
    if (!(n >= 1 && n <= this.count)) throw new RangeError(`The schedule has requests 1 to ${this.count}, not ${n}.`);
    const integral = this.integralAt(n);
    return timeOf(this.segmentOf(integral), integral);
  }

  /** Every due time in order, seconds from the start. */
  arrivals(): Float64Array {
    const times = new Float64Array(this.count);
    let index = 0;
    for (const segment of this.segments) {
      const end = segment.before + area(segment) + TOLERANCE;
      for (; index < this.count; index++) {
        const integral = this.integralAt(index + 1);
        if (integral > end) break;
        times[index] = timeOf(segment, integral);
      }
    }
    return times;
  }

  private integralAt(n: number): number {
    return this.integrals?.[n - 1] ?? n;
  }

  private segmentOf(integral: number): Segment {
    const segment = this.segments.find((one) => integral <= one.before + area(one) + TOLERANCE);
    if (segment === undefined) throw new RangeError(`Request ${integral} is past the end of the schedule.`);
    return segment;
  }
}

/** A part of a schedule in which the rate follows one line. */
export interface Segment {
  /** Seconds from the start of the schedule. */
  readonly start: number;
  readonly seconds: number;
  /** Rate at the start and at the end, requests per second. */
  readonly from: number;
  readonly to: number;
  /** Requests due before the segment. */
  readonly before: number;
}

const TOLERANCE = 1e-9;

/** Points of a Poisson process of rate 1 up to a bound. */
function poissonProcess(bound: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  const points: number[] = [];
  for (let at = exponential(random); at < bound; at += exponential(random)) points.push(at);
  return Float64Array.from(points);
}

function exponential(random: () => number): number {
  return -Math.log(1 - random());
}

function slope(segment: Segment): number {
  return (segment.to - segment.from) / segment.seconds;
}

function area(segment: Segment): number {
  return ((segment.from + segment.to) / 2) * segment.seconds;
}

/** Solves `from * t + slope * t² / 2 = integral - before`, in the form that loses no digits when the slope is small or zero. */
function timeOf(segment: Segment, integral: number): number {
  const due = integral - segment.before;
  const root = Math.sqrt(Math.max(0, segment.from * segment.from + 2 * slope(segment) * due));
  const inside = (2 * due) / (segment.from + root);
  return segment.start + Math.min(inside, segment.seconds);
}
