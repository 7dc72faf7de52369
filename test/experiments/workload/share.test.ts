import { ArrivalSchedule, loadProfile, PROFILE_NAMES } from '../../../experiments/plan';
import { seededRandom } from '../../../lib/primitives/random';
import { emptySamples, type LoadResult } from '../../../experiments/workload';
import { arrivalsOfShare, mergeShares, shareOfLoad } from '../../../experiments/workload/share';

const random = seededRandom(7);

/** Loads of the plan at odd scales, each with an odd number of generators. */
const loads = PROFILE_NAMES.flatMap((name) =>
  (['uor', 'fs'] as const).map((testType) => {
    const scale = { rate: 0.1 + random(), duration: 0.05 + random() };
    return { name, testType, scale, of: 1 + Math.floor(random() * 9) };
  }),
);

const ways = loads.flatMap((one, seed) => [
  { ...one, way: 'evenly spaced', arrivals: undefined },
  { ...one, way: 'at random', arrivals: { process: 'poisson', seed } as const },
]);

test.each(ways)('the shares of $name $testType $way over $of generators are together what one would send', (one) => {
  const profile = loadProfile(one.name, one.testType, one.scale);
  const whole = ArrivalSchedule.of({ ...profile, ...(one.arrivals && { arrivals: one.arrivals }) }).arrivals();
  const shares = Array.from({ length: one.of }, (_, index) => arrivalsOfShare(whole, { index, of: one.of }));
  expect(whole.length).toBeGreaterThan(0);
  const union = shares.flatMap((share) => [...share]).sort((a, b) => a - b);
  expect(union).toEqual([...whole]);
  for (const share of shares) {
    expect([...share]).toEqual([...share].sort((a, b) => a - b));
    // Nobody has more than one request more than anybody else.
    expect(Math.abs(share.length - whole.length / one.of)).toBeLessThan(1);
  }
});

test.each([
  [3, 3],
  [-1, 2],
  [0.5, 2],
  [0, 0],
])('there is no share %d of %d', (index, of) => {
  expect(() => arrivalsOfShare(new Float64Array(4), { index, of })).toThrow(/no share/);
});

test('samples of shares come together in the order in which they were due, on the clock of the common start', () => {
  const startAt = 1_000_000;
  const part = (due: readonly number[], lateMs: number, status: number): LoadResult => {
    const samples = emptySamples(due.length);
    samples.scheduled_s.set(due);
    samples.started_s.set(due);
    samples.status.fill(status);
    return { generator: 'embedded', startedAt: new Date(startAt + lateMs), aborted: false, samples };
  };
  const merged = mergeShares([part([1, 3, 5], 0, 200), part([2, 4], 40, 201)], startAt);
  expect([...merged.scheduled_s]).toEqual([1, 2, 3, 4, 5]);
  expect([...merged.status]).toEqual([200, 201, 200, 201, 200]);
  // A generator that began 40 ms late started every request of its share 40 ms late.
  expect([...merged.started_s].map((value) => Number(value.toFixed(3)))).toEqual([1, 2.04, 3, 4.04, 5]);
});

test('virtual users are divided between the shares', () => {
  const load = {
    trial: 'one',
    stages: [],
    request: { method: 'GET', url: 'http://one', headers: {} },
    abortAboveVirtualUsers: 100,
  } as const;
  expect(shareOfLoad(load, { index: 1, of: 3 }, 5)).toMatchObject({ abortAboveVirtualUsers: 33, startAt: 5 });
});
