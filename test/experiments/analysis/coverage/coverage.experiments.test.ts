import { SIMULATED_COVERAGE } from '../../../../experiments/analysis/statistics/pooled/simulated-coverage';
import { SimulationThreads } from './in-threads';
import { binomialUpTo, expectRate, expectStatedRate, leastHeld, STATED_RATE } from './stated-rate';
import { SLOW_TRIALS, USUAL_SHAPES } from './traffic';

jest.setTimeout(600_000);

/** Simulated cells of three trials behind each rate. */
const CELLS = 1000;

let threads: SimulationThreads;
beforeAll(() => (threads = new SimulationThreads()));
afterAll(() => threads.stop());

describe('The criterion', () => {
  it('passes an interval that holds 95 % but for one time in a thousand, and fails one of 90 % or 92 % nearly always', () => {
    const least = leastHeld(CELLS);
    expect(binomialUpTo(least - 1, CELLS, STATED_RATE)).toBeLessThanOrEqual(0.001);
    expect(binomialUpTo(least, CELLS, STATED_RATE)).toBeGreaterThan(0.001);
    expect(binomialUpTo(least - 1, CELLS, 0.9)).toBeGreaterThan(0.998);
    expect(binomialUpTo(least - 1, CELLS, 0.92)).toBeGreaterThan(0.75);
  });

  it('counts every cell once, whichever thread plays it', async () => {
    const system = { kind: 'ratio', effect: 1.25, deviation: 0.08 } as const;
    const [whole] = await threads.simulate(system, 301);
    expect(whole.seeds).toBe(301);
    expect(whole.held + whole.early + whole.late).toBe(301);
    expect(await threads.simulate(system, 301)).toEqual([whole]);
  });
});

describe('Queue M/M/c against its closed form', () => {
  it.each([
    { name: 'M/M/4 at 70 %', queue: { servers: 4, serviceRate: 10, arrivalRate: 28 }, requests: 4000 },
    { name: 'M/M/6 at 83 %', queue: { servers: 6, serviceRate: 10, arrivalRate: 50 }, requests: 2000 },
    { name: 'M/M/8 at 80 %', queue: { servers: 8, serviceRate: 10, arrivalRate: 64 }, requests: 2000 },
  ])('$name: mean and percentiles lie in their intervals at the stated rate', async ({ name, queue, requests }) => {
    expectStatedRate(name, await threads.simulate({ kind: 'queue', queue, requests }, CELLS));
  });
});

describe('Service and arrivals that are not exponential: four servers at 70 %', () => {
  const { requests, held, bimodal, short } = SIMULATED_COVERAGE;

  it.each(Object.keys(USUAL_SHAPES))(
    '%s: mean and percentiles lie in their intervals at the stated rate',
    async (shape) => expectRate(shape, await threads.simulate({ kind: 'traffic', shape, requests }, CELLS), held),
  );

  it.each([
    { shape: 'two modes', requests, heldByP99: bimodal.heldByP99 },
    { shape: 'bursts of three times the rate', requests: short.requests, heldByP99: short.heldByP99 },
  ])(
    '$shape, $requests requests: where the method says that the 99th percentile holds less often, it holds as often as it says',
    async ({ heldByP99, ...system }) => {
      const all = await threads.simulate({ kind: 'traffic', ...system }, CELLS);
      expectRate(system.shape, all.slice(0, -1), held - 0.01);
      expectRate(system.shape, all.slice(-1), heldByP99 - 0.01);
    },
  );

  it.each(SLOW_TRIALS)(
    '$shape: intervals hold the truth over all trials as often as the method says, and far less often than stated',
    async ({ shape, held: share }) => {
      const all = await threads.simulate({ kind: 'traffic', shape, requests }, CELLS);
      expectRate(shape, all, share - 0.01);
      const lowest = Math.min(...all.map((tally) => tally.held / tally.seeds));
      expect(lowest).toBeLessThan(share + 0.08);
    },
  );
});

describe('Planted breakpoint', () => {
  it.each([
    { name: 'two servers of 60 requests/s', capacity: 60, servers: 2, peak: 200, exponential: false },
    { name: 'eight servers, exponential, 120 requests/s', capacity: 120, servers: 8, peak: 200, exponential: true },
    { name: 'one server, exponential, 30 requests/s', capacity: 30, servers: 1, peak: 200, exponential: true },
    { name: 'two solvers of 0.5 solves/s', capacity: 0.5, servers: 2, peak: 32, exponential: false },
    { name: 'two solvers, exponential, 0.5 solves/s', capacity: 0.5, servers: 2, peak: 32, exponential: true },
    { name: 'eight solvers of 10 solves/s', capacity: 10, servers: 8, peak: 32, exponential: false },
    { name: 'eight solvers, exponential, 10 solves/s', capacity: 10, servers: 8, peak: 32, exponential: true },
  ])('$name: the interval over three trials holds it at the stated rate', async ({ name, ...ramp }) => {
    expectStatedRate(name, await threads.simulate({ kind: 'breakpoint', ...ramp }, CELLS));
  });

  it('none is found in 300 ramps that never saturate', async () => {
    const [{ held }] = await threads.simulate({ kind: 'never saturates' }, 300);
    expect(held).toBe(300);
  });
});

describe('Planted effects', () => {
  it.each([
    { effect: 1.25, deviation: 0.08 },
    { effect: 1.02, deviation: 0.03 },
    { effect: 1, deviation: 0.05 },
  ])(
    'the ratio $effect of two variants lies in its interval at the stated rate, though they scatter unalike',
    async (system) =>
      expectStatedRate(`ratio ${system.effect}`, await threads.simulate({ kind: 'ratio', ...system }, 5 * CELLS)),
  );

  it.each(
    (['log-normal', 'heavy', 'hardly any'] as const).flatMap((scatter) => [
      { scatter, reserving: 1 },
      { scatter, reserving: 2 },
    ]),
  )(
    'of reports on identical variants that reserve $reserving times as much, whose trials scatter $scatter, at most 5 % name a difference that is none',
    async (system) =>
      expectStatedRate(system.scatter, await threads.simulate({ kind: 'identical variants', ...system }, CELLS)),
  );
});

describe('Planted scalability', () => {
  it.each([
    { gamma: 33, alpha: 0.06, beta: 0.004 },
    { gamma: 33, alpha: 0.02, beta: 0 },
  ])('γ $gamma, α $alpha, β $beta lie in their intervals at the stated rate', async (truth) => {
    expectStatedRate(`γ ${truth.gamma}`, await threads.simulate({ kind: 'scalability', ...truth }, CELLS));
  });
});
