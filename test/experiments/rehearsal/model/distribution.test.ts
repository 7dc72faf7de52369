import { RandomStream } from '../../../../lib/primitives/random-stream';
import { draw, inWords, meanOf, scaled } from '../../../../experiments/rehearsal/model/distribution';

test.each([0.2, 0.5, 1])(
  'log-normal times have the mean and the coefficient of variation %d that they say',
  (spread) => {
    const distribution = { kind: 'log-normal', mean: 30, spread } as const;
    const random = new RandomStream(1, 'log-normal');
    const times = Array.from({ length: 200_000 }, () => draw(distribution, random));
    const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
    const deviation = Math.sqrt(times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / times.length);
    expect(mean / 30).toBeCloseTo(1, 1.5);
    expect(deviation / mean / spread).toBeCloseTo(1, 1.5);
    expect(meanOf(scaled(distribution, 2))).toBe(60);
    expect(scaled(distribution, 2)).toMatchObject({ spread });
  },
);

test('a distribution is named in words', () => {
  expect(inWords({ kind: 'log-normal', mean: 30, spread: 0.5 })).toBe(
    'log-normal with mean 30 ms and coefficient of variation 0.5',
  );
  expect(inWords({ kind: 'quantiles', values: [10, 20, 30] })).toBe('as measured, 3 quantiles with mean 20 ms');
});
