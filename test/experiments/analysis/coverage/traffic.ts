import { SIMULATED_COVERAGE } from '../../../../experiments/analysis/statistics/pooled/simulated-coverage';
import { normal, seeded } from '../random-truth';
import type { QueueTrial } from './steady-queue';

const { log, max, exp, floor, sqrt } = Math;
const {
  logNormalSigma,
  paretoIndex,
  gammaShape,
  weibullShape,
  bimodal: modes,
  burst,
  drift,
  wideDrift,
  slowTrials,
} = SIMULATED_COVERAGE;

/** Γ(1 + 1/0.6), so that the mean is a tenth of a second. */
const MEAN_OF_WEIBULL = 1.5046;

/** How requests come to four servers, and how long each takes. */
export interface Shape {
  /** Seconds of one service, mean 0.1 or near it. */
  readonly service: (random: () => number) => number;
  /** Three times the rate for two seconds now and then, so that the servers are overloaded meanwhile. */
  readonly bursts?: true;
  /** Standard deviation of each trial's own speed, as a share. */
  readonly drift?: number;
  /** One trial in so many is so many times as slow, whole. */
  readonly slowTrials?: { readonly oneIn: number; readonly times: number };
}

const exponential = (random: () => number) => -log(1 - random()) / 10;
const logNormal = (random: () => number) => exp(logNormalSigma * normal(random) - logNormalSigma ** 2 / 2) / 10;
const pareto = (random: () => number) => 0.1 * (1 - 1 / paretoIndex) * (1 - random()) ** (-1 / paretoIndex);
/** One in so many takes so many times as long, each within a tenth of its mode. */
const bimodal = (random: () => number) =>
  ((random() < 1 / modes.oneIn ? modes.times : 1) * (0.9 + 0.2 * random())) /
  (10 * (1 + (modes.times - 1) / modes.oneIn));
/** By the method of Marsaglia and Tsang (ACM Transactions on Mathematical Software 26, 2000), shape below one. */
const gamma = (random: () => number) => {
  const d = gammaShape + 1 - 1 / 3;
  for (;;) {
    const x = normal(random);
    const v = (1 + x / sqrt(9 * d)) ** 3;
    if (v > 0 && log(1 - random()) < 0.5 * x * x + d - d * v + d * log(v))
      return ((1 - random()) ** (1 / gammaShape) * d * v) / gammaShape / 10;
  }
};

const weibull = (random: () => number) => (-log(1 - random())) ** (1 / weibullShape) / MEAN_OF_WEIBULL / 10;

/** Shapes that real services have. */
export const USUAL_SHAPES: Readonly<Record<string, Shape>> = {
  'log-normal service, σ 1.2': { service: logNormal },
  'gamma service, 0.5': { service: gamma },
  'Pareto service, 2.5': { service: pareto },
  'bursts of three times the rate': { service: exponential, bursts: true },
  'log-normal service, trials that differ by 5 %': { service: logNormal, drift },
  'Weibull service, 0.6': { service: weibull },
  'exponential service, trials that differ by 10 %': { service: exponential, drift: wideDrift },
};

/** Shapes of which trials differ in kind, and the share of intervals that the method says to hold. */
export const SLOW_TRIALS = slowTrials.cases.map(({ times, held }) => ({
  shape: `one trial in ${slowTrials.oneIn} ${times} times as slow`,
  slowTrials: { oneIn: slowTrials.oneIn, times },
  held,
}));

/** Those, and ones that are harder: where one slow request in twenty meets others, and where a whole trial is slow. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  ...USUAL_SHAPES,
  'two modes': { service: bimodal },
  ...Object.fromEntries(
    SLOW_TRIALS.map((one) => [one.shape, { service: exponential, slowTrials: one.slowTrials }] as const),
  ),
};

const SERVERS = 4;
const RATE = 28;
const CALM_SECONDS = 8;
const BURST_SECONDS = 2;
const CALM_RATE = 20;
const BURST_RATE = CALM_RATE * burst;
const WARM_UP = 1000;

/** One trial of a shape, first come first served. */
export function traffic(shape: Shape, requests: number, seed: number, speed?: number): QueueTrial {
  const random = seeded(seed);
  const slowness = speed ?? speedOf(shape, random);
  const next = shape.bursts === true ? burstyArrivals(random) : poissonArrivals(random);
  const free = new Float64Array(SERVERS);
  const responseSeconds = new Float64Array(requests);
  const arrivals = new Float64Array(requests);
  let start = 0;
  for (let index = -WARM_UP; index < requests; index++) {
    const now = next();
    if (index === 0) start = now;
    let server = 0;
    for (let other = 1; other < SERVERS; other++) if (free[other] < free[server]) server = other;
    free[server] = max(now, free[server]) + shape.service(random) * slowness;
    if (index < 0) continue;
    responseSeconds[index] = free[server] - now;
    arrivals[index] = now - start;
  }
  return { responseSeconds, arrivals };
}

function speedOf({ drift: scatter = 0, slowTrials: slow }: Shape, random: () => number): number {
  if (slow === undefined) return 1 + scatter * normal(random);
  return random() < 1 / slow.oneIn ? slow.times : 1;
}

function poissonArrivals(random: () => number): () => number {
  let now = 0;
  return () => (now -= log(1 - random()) / RATE);
}

/** Two states, each of exponential length: a Poisson process read on the clock of the rate's integral. */
function burstyArrivals(random: () => number): () => number {
  let now = 0;
  let inBurst = false;
  let until = -log(1 - random()) * CALM_SECONDS;
  return () => {
    let due = -log(1 - random());
    for (;;) {
      const rate = inBurst ? BURST_RATE : CALM_RATE;
      if (due <= (until - now) * rate) return (now += due / rate);
      due -= (until - now) * rate;
      now = until;
      inBurst = !inBurst;
      until = now + (inBurst ? BURST_SECONDS : -log(1 - random()) * CALM_SECONDS);
    }
  };
}

const REQUESTS_OF_TRUTH = 2_000_000;

/** Mean and percentiles of a shape, from two million requests: at its mean speed, and of slow trials in their share. */
export function truthOf(shape: Shape, shares: readonly number[]): { mean: number; percentiles: number[] } {
  const slow = Math.round(REQUESTS_OF_TRUTH / (shape.slowTrials?.oneIn ?? Infinity));
  const parts = [
    traffic(shape, REQUESTS_OF_TRUTH - slow, 999_983, 1),
    ...(slow > 0 ? [traffic(shape, slow, 999_979, shape.slowTrials!.times)] : []),
  ];
  const sorted = new Float64Array(REQUESTS_OF_TRUTH);
  sorted.set(parts[0].responseSeconds);
  if (slow > 0) sorted.set(parts[1].responseSeconds, REQUESTS_OF_TRUTH - slow);
  sorted.sort();
  return {
    mean: sorted.reduce((a, b) => a + b, 0) / sorted.length,
    percentiles: shares.map((share) => sorted[floor(share * (sorted.length - 1))]),
  };
}
