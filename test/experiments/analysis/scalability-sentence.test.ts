import type { CapacityPoint } from '../../../experiments/analysis/answers/questions/scalability';
import { scalabilitySentence } from '../../../experiments/analysis/answers/questions/scalability';
import { fitScalabilityLaw } from '../../../experiments/analysis/statistics/scalability-law';
import { normal, seeded } from './random-truth';

/** What the report says of three trials each of 1, 2, 4 and 8 replicas that serve so much. */
function said(throughput: (replicas: number) => number, scatter: number): string {
  const random = seeded(17);
  const points = [1, 2, 4, 8].flatMap((replicas) =>
    [0, 1, 2].map(() => ({
      cell: { testType: 'uor' } as CapacityPoint['cell'],
      replicas,
      rate: throughput(replicas) * (1 + scatter * normal(random)),
    })),
  );
  const fit = fitScalabilityLaw(
    points.map(({ replicas, rate }) => ({ parallelism: replicas, throughput: rate })),
    0.95,
  );
  return scalabilitySentence(fit, points, 'uor')
    .map((part) => (typeof part === 'string' ? part : part.text))
    .join('');
}

describe('What the report says of the scalability law', () => {
  it.each([
    [
      'the same whatever their number',
      () => 10,
      0,
      ', which shows no replica count beyond which throughput would fall.',
    ],
    ['the same but for chance', () => 10, 0.05, ', which shows no peak for certain, and excludes none.'],
    ['less with each', (n: number) => 10 / n ** 0.5, 0.01, ', so throughput would fall from the second replica on.'],
    ['in proportion', (n: number) => 10 * n, 0, ', which shows no replica count beyond which throughput would fall.'],
    [
      'as the law has it, with a peak at five',
      (n: number) => (10 * n) / (1 + 0.04 * n * (n - 1)),
      0.002,
      /, so throughput would peak at [\d.]+ \(4\.\d+ to 5(\.\d+)?\) replicas\.$/,
    ],
  ])('of replicas that serve %s', (_, throughput, scatter, end) => {
    const sentence = said(throughput, scatter);
    if (typeof end === 'string') expect(sentence.slice(-end.length)).toBe(end);
    else expect(sentence).toMatch(end);
    expect(sentence).not.toMatch(/e-\d\d|below [01] replicas/);
  });
});
