import {
  ArrivalSchedule,
  ENDPOINTS,
  expandTrials,
  loadOfTrial,
  loadProfile,
  PROFILE_NAMES,
  type TestType,
} from '../../../experiments/plan';

const TEST_TYPES = Object.keys(ENDPOINTS) as TestType[];

describe('the arrival schedule', () => {
  it.each([
    // profile, test type, requests = area under the stages
    ['average', 'uor', 15 * 570],
    ['stress', 'uor', 30 * 570],
    ['spike', 'uor', 80 * 120],
    ['breakpoint', 'uor', 200 * 300],
    ['average', 'fs', 570],
    ['stress', 'fs', 2 * 570],
    ['spike', 'fs', 8 * 120],
    ['breakpoint', 'fs', 32 * 300],
  ] as const)('of %s %s has as many requests as the area under its stages', (profile, testType, requests) => {
    const schedule = ArrivalSchedule.of(loadProfile(profile, testType));
    expect(schedule.count).toBe(requests);
    expect(schedule.integralTo(schedule.seconds)).toBeCloseTo(requests, 6);
    expect(schedule.arrivals()).toHaveLength(requests);
  });

  it('starts request n exactly when the integral of the rate reaches n, for every profile', () => {
    for (const testType of TEST_TYPES)
      for (const profile of PROFILE_NAMES) {
        const schedule = ArrivalSchedule.of(loadProfile(profile, testType));
        const arrivals = schedule.arrivals();
        for (let n = 1; n <= schedule.count; n += 97) {
          expect(schedule.integralTo(arrivals[n - 1]!)).toBeCloseTo(n, 6);
          expect(schedule.arrival(n)).toBe(arrivals[n - 1]);
        }
      }
  });

  it('agrees with a numerical integration of its own rate', () => {
    const schedule = ArrivalSchedule.of(loadProfile('spike', 'uor'));
    let sum = 0;
    const step = 0.01;
    for (let time = step / 2; time < 200; time += step) sum += schedule.rateAt(time) * step;
    expect(schedule.integralTo(200)).toBeCloseTo(sum, 3);
  });

  it('asks for the spike twice as densely at three quarters of the peak as at three eighths', () => {
    const schedule = ArrivalSchedule.of(loadProfile('spike', 'uor'));
    expect(schedule.rateAt(90)).toBeCloseTo(60, 9);
    expect(schedule.rateAt(45)).toBeCloseTo(30, 9);
    expect(schedule.rateAt(-1)).toBe(0);
    expect(schedule.rateAt(241)).toBe(0);
  });

  it('scales requests with rate and duration', () => {
    const schedule = ArrivalSchedule.of(loadProfile('spike', 'uor', { rate: 0.05, duration: 0.05 }));
    expect([schedule.count, schedule.seconds]).toEqual([24, 12]);
  });

  it('refuses a scale that is no positive number and a request that does not exist', () => {
    expect(() => loadProfile('spike', 'uor', { rate: 0, duration: 1 })).toThrow('The scale of the rate is 0');
    expect(() => ArrivalSchedule.of(loadProfile('spike', 'fs')).arrival(961)).toThrow('requests 1 to 960, not 961');
  });
});

describe('arrivals at random', () => {
  const schedule = (seed: number, profile: (typeof PROFILE_NAMES)[number] = 'spike') =>
    ArrivalSchedule.of({ ...loadProfile(profile, 'uor'), arrivals: { process: 'poisson', seed } });

  it.each(PROFILE_NAMES)('of %s are a Poisson process of the same rate', (profile) => {
    const even = ArrivalSchedule.of(loadProfile(profile, 'uor'));
    // On the clock of the rate's integral gaps are exponential with mean 1, whatever the shape: mean and variance are 1.
    const gaps: number[] = [];
    const counts: number[] = [];
    for (let seed = 1; seed <= 5; seed++) {
      const one = schedule(seed, profile);
      counts.push(one.count);
      const integrals = [...one.arrivals()].map((time) => even.integralTo(time));
      integrals.forEach((value, index) => gaps.push(value - (integrals[index - 1] ?? 0)));
    }
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    const error = 4 / Math.sqrt(gaps.length);
    expect(Math.abs(mean - 1)).toBeLessThan(error);
    expect(Math.abs(variance - 1)).toBeLessThan(error * Math.sqrt(8));
    // Kolmogorov and Smirnov at one in a thousand.
    gaps.sort((a, b) => a - b);
    const distance = (gap: number, index: number) => Math.abs(1 - Math.exp(-gap) - (index + 0.5) / gaps.length);
    const furthest = gaps.reduce((most, gap, index) => Math.max(most, distance(gap, index)), 0);
    expect(furthest).toBeLessThan(1.95 / Math.sqrt(gaps.length));
    for (const count of counts) expect(Math.abs(count - even.count)).toBeLessThan(4.5 * Math.sqrt(even.count));
    expect(new Set(counts).size).toBeGreaterThan(1);
  });

  it('come in order, within the schedule, one by one as together, and again with the same seed', () => {
    const one = schedule(7, 'breakpoint');
    const times = one.arrivals();
    expect(times.every((time, index) => index === 0 || time >= times[index - 1]!)).toBe(true);
    expect(times.at(-1)).toBeLessThanOrEqual(one.seconds);
    for (let n = 1; n <= one.count; n += 101) expect(one.arrival(n)).toBe(times[n - 1]);
    // As bytes: thousands of numbers are many for the comparison that would show each.
    const isSame = (other: Float64Array) => Buffer.compare(Buffer.from(other.buffer), Buffer.from(times.buffer)) === 0;
    expect([7, 8].map((seed) => isSame(schedule(seed, 'breakpoint').arrivals()))).toEqual([true, false]);
  });

  it('are the same for all variants of a block, and others in another repetition and campaign', () => {
    const trials = expandTrials(undefined, 1, {
      experiments: ['replica-count'],
      testTypes: ['uor'],
      profiles: ['spike'],
    });
    const seeds = (campaign: number, repetition: number) =>
      new Set(
        trials
          .filter((trial) => trial.repetition === repetition)
          .map((trial) => loadOfTrial(trial, campaign, 'poisson').arrivals!.seed),
      );
    expect(seeds(1, 1).size).toBe(1);
    expect(new Set([...seeds(1, 1), ...seeds(1, 2), ...seeds(1, 3), ...seeds(2, 1)]).size).toBe(4);
    expect(loadOfTrial(trials[0]!, 1)).toEqual(loadProfile('spike', 'uor'));
  });
});
