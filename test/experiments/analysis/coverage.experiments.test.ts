import { findChangePoint } from '../../../experiments/analysis/statistics/change-point';
import { compareGroups, holm } from '../../../experiments/analysis/statistics/comparison';
import { meanInterval, type Interval } from '../../../experiments/analysis/statistics/mean-interval';
import { fitScalabilityLaw } from '../../../experiments/analysis/statistics/scalability-law';
import {
  bootstrapInterval,
  resampledPercentile,
  trialResamples,
} from '../../../experiments/analysis/statistics/trial-bootstrap';
import { rampThroughServers } from './ramp';
import { normal, seeded } from './random-truth';

jest.setTimeout(600_000);

const CONFIDENCE = 0.95;

/** Share of intervals that hold the truth. */
function coverage(seeds: number, truth: number, estimate: (seed: number) => Interval | null): number {
  let held = 0;
  for (let seed = 0; seed < seeds; seed++) {
    const interval = estimate(seed);
    if (
      interval !== null &&
      interval.low !== null &&
      interval.high !== null &&
      interval.low <= truth &&
      truth <= interval.high
    )
      held++;
  }
  return held / seeds;
}

/** The stated rate, less four standard errors of this many seeds. */
function leastCoverage(seeds: number): number {
  return CONFIDENCE - 4 * Math.sqrt((CONFIDENCE * (1 - CONFIDENCE)) / seeds);
}

/** Times in an M/M/c queue in its steady state: Lindley's recursion over c servers, the first fifth dropped. */
function responseTimes(
  seed: number,
  servers: number,
  arrivalRate: number,
  serviceRate: number,
  requests: number,
): number[] {
  const random = seeded(seed);
  const free = new Array<number>(servers).fill(0);
  const times: number[] = [];
  let now = 0;
  for (let index = 0; index < requests * 1.25; index++) {
    now -= Math.log(1 - random()) / arrivalRate;
    let server = 0;
    for (let other = 1; other < servers; other++) if (free[other] < free[server]) server = other;
    free[server] = Math.max(now, free[server]) - Math.log(1 - random()) / serviceRate;
    if (index >= requests * 0.25) times.push(free[server] - now);
  }
  return times;
}

/** Erlang's C formula: the chance that an arrival has to wait. */
function erlangC(servers: number, load: number): number {
  let blocking = 1;
  for (let n = 1; n <= servers; n++) blocking = (load * blocking) / (n + load * blocking);
  return blocking / (1 - (load / servers) * (1 - blocking));
}

/** P(T > t) of the time in an M/M/c queue, first come first served (Kleinrock, Queueing Systems I, 1975, chapter 3). */
function survival(t: number, servers: number, arrivalRate: number, serviceRate: number): number {
  const wait = erlangC(servers, arrivalRate / serviceRate);
  const spare = servers * serviceRate - arrivalRate;
  const late = (wait * serviceRate * (Math.exp(-spare * t) - Math.exp(-serviceRate * t))) / (serviceRate - spare);
  return Math.exp(-serviceRate * t) + late;
}

describe('Queue M/M/c against its closed form', () => {
  const servers = 4;
  const serviceRate = 10;
  const arrivalRate = 28;
  const seeds = 200;
  const trials = (seed: number) =>
    [1, 2, 3].map((trial) => responseTimes(seed * 31 + trial, servers, arrivalRate, serviceRate, 4000));

  it('the mean response time lies in the t interval of three trials at the stated rate', () => {
    const truth = 1 / serviceRate + erlangC(servers, arrivalRate / serviceRate) / (servers * serviceRate - arrivalRate);
    const rate = coverage(seeds, truth, (seed) =>
      meanInterval(
        trials(seed).map((times) => times.reduce((a, b) => a + b, 0) / times.length),
        CONFIDENCE,
      ),
    );
    console.log(`mean: ${(rate * 100).toFixed(1)} % of ${seeds}`);
    expect(rate).toBeGreaterThan(leastCoverage(seeds));
  });

  it.each([0.5, 0.95, 0.99])(
    'the percentile %d lies in the bootstrap interval over three trials at the stated rate',
    (p) => {
      let low = 0;
      let high = 10;
      while (high - low > 1e-10) {
        const middle = (low + high) / 2;
        if (survival(middle, servers, arrivalRate, serviceRate) > 1 - p) low = middle;
        else high = middle;
      }
      const resamples = trialResamples(3);
      const rate = coverage(seeds, low, (seed) => {
        const sorted = trials(seed).map((times) => Float64Array.from(times).sort());
        const at = (counts: readonly number[]) => resampledPercentile(sorted, counts, p);
        return bootstrapInterval(
          at([1, 1, 1]),
          resamples.map(({ counts }) => at(counts)),
          resamples,
          3,
          CONFIDENCE,
        );
      });
      console.log(`p${p * 100}: ${(rate * 100).toFixed(1)} % of ${seeds}`);
      expect(rate).toBeGreaterThan(leastCoverage(seeds));
    },
  );
});

describe('Planted breakpoint', () => {
  it.each([
    { name: 'two servers of 60 requests/s', capacity: 60, servers: 2, peak: 200, exponential: false },
    {
      name: 'eight servers with exponential service, 120 requests/s',
      capacity: 120,
      servers: 8,
      peak: 200,
      exponential: true,
    },
    { name: 'eight solvers of 10 solves/s', capacity: 10, servers: 8, peak: 32, exponential: false },
  ])('$name: the interval over three trials holds it at the stated rate', ({ name, ...ramp }) => {
    const seeds = 60;
    const rate = coverage(seeds, ramp.capacity, (seed) => {
      const rates = [1, 2, 3].flatMap((trial) => {
        const found = findChangePoint(
          rampThroughServers({ ...ramp, seconds: 600, seed: seed * 3 + trial }),
          CONFIDENCE,
        );
        return found === null ? [] : [found.rate];
      });
      return rates.length === 3 ? meanInterval(rates, CONFIDENCE) : null;
    });
    console.log(`${name}: ${(rate * 100).toFixed(1)} % of ${seeds}`);
    expect(rate).toBeGreaterThan(leastCoverage(seeds));
  });

  it('none is found in 60 ramps that never saturate', () => {
    for (let seed = 0; seed < 60; seed++)
      expect(
        findChangePoint(
          rampThroughServers({ capacity: 500, servers: 15, peak: 200, seconds: 300, seed, exponential: true }),
          CONFIDENCE,
        ),
      ).toBeNull();
  });
});

describe('Planted effects', () => {
  const group = (random: () => number, mean: number, deviation: number) =>
    [0, 0, 0].map(() => Math.exp(mean + deviation * normal(random)));

  it('the ratio of two variants lies in its interval at the stated rate, even where they scatter unalike', () => {
    const seeds = 2000;
    const rate = coverage(seeds, 1.25, (seed) => {
      const random = seeded(seed + 1);
      return compareGroups(group(random, Math.log(1.25), 0.08), group(random, 0, 0.03), 'ratio', CONFIDENCE)!.effect;
    });
    console.log(`planted ratio: ${(rate * 100).toFixed(1)} % of ${seeds}`);
    expect(rate).toBeGreaterThan(leastCoverage(seeds));
  });

  it('without any effect a family of eleven variants raises a false alarm in at most 5 % of campaigns', () => {
    const seeds = 2000;
    let alarms = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const random = seeded(seed + 77);
      const reference = group(random, 0, 0.05);
      const ps = Array.from(
        { length: 11 },
        () => compareGroups(group(random, 0, 0.05), reference, 'ratio', CONFIDENCE)!.p,
      );
      if (holm(ps).some((p) => p < 0.05)) alarms++;
    }
    console.log(`false alarms: ${((alarms / seeds) * 100).toFixed(1)} % of ${seeds}`);
    expect(alarms / seeds).toBeLessThan(0.05 + 4 * Math.sqrt((0.05 * 0.95) / seeds));
  });
});

describe('Planted scalability', () => {
  it('contention and coherency lie in their intervals at the stated rate', () => {
    const seeds = 400;
    const truth = { gamma: 33, alpha: 0.06, beta: 0.004 };
    const fits = Array.from({ length: seeds }, (_, seed) => {
      const random = seeded(seed + 5);
      const points = [1, 2, 4, 8].flatMap((parallelism) =>
        [1, 2, 3].map(() => ({
          parallelism,
          throughput:
            (truth.gamma * parallelism) /
              (1 + truth.alpha * (parallelism - 1) + truth.beta * parallelism * (parallelism - 1)) +
            1.5 * normal(random),
        })),
      );
      return fitScalabilityLaw(points, CONFIDENCE)!;
    });
    for (const name of ['gamma', 'alpha', 'beta'] as const) {
      const rate = coverage(seeds, truth[name], (seed) => fits[seed][name]);
      console.log(`${name}: ${(rate * 100).toFixed(1)} % of ${seeds}`);
      expect(rate).toBeGreaterThan(leastCoverage(seeds));
    }
  });
});
