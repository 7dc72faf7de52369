import { ArrivalSchedule, ENDPOINTS, loadProfile, PROFILE_NAMES, type TestType } from '../../../experiments/plan';

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
