import { secondaryMetricsAnswer } from '../../../experiments/analysis/answers/questions/secondary-metrics';
import { correlations } from '../../../experiments/analysis/measurement/trial/correlations';
import { RESOURCE_COLUMNS } from '../../../experiments/analysis/measurement/trial/queries';
import type { TrialSeries } from '../../../experiments/analysis/measurement/trial/result';
import { partialCorrelation, rankCorrelation } from '../../../experiments/analysis/statistics/rank-correlation';
import { cellOf, decided, spoken } from './decided-cells';
import { normal, seeded } from './random-truth';

const SECONDS = 600;

/**
 * Load drives response time, CPU and network; a queue that comes and goes by itself drives response time and the waiting
 * clients; memory follows nothing.
 */
function trial(seed: number, withQueue: boolean): TrialSeries {
  const random = seeded(seed);
  const column = (of: (second: number) => number) => Float64Array.from({ length: SECONDS }, (_, second) => of(second));
  const offered = column((second) => 40 + 30 * Math.sin(second / 60));
  let drift = 0;
  const queue = column(() => (drift = 0.9 * drift + normal(random)));
  const noisy = (of: (second: number) => number, scatter: number) =>
    column((second) => of(second) + scatter * normal(random));
  return {
    ...Object.fromEntries(RESOURCE_COLUMNS.map((name) => [name, column(() => NaN)])),
    offered,
    in_flight: column(() => 1),
    p95: noisy((second) => 3 * offered[second] + (withQueue ? 30 * queue[second] : 0), 20),
    django_cpu: noisy((second) => offered[second] / 40, 0.1),
    network: noisy((second) => offered[second] * 1000, 2000),
    django_memory: noisy(() => 500, 10),
    waiting_clients: noisy((second) => 5 + queue[second], 0.3),
    replicas: {},
  } as unknown as TrialSeries;
}

describe('Secondary metrics', () => {
  it('that follow the load alone warn of nothing, and the one that says more is named', () => {
    const trials = Array.from({ length: 12 }, (_, seed) => correlations(trial(seed + 71, true), SECONDS));
    const answer = secondaryMetricsAnswer(
      decided([cellOf(['replica-count', 'uor', 'uor-replicas-1', 'spike'], trials)]),
      'uor',
    );
    const [first, second] = answer.sentences.map(spoken);
    expect(first).toMatch(
      /^At equal load, 1 of 4 metrics goes with the moving p95 beyond chance: clients waiting at PgBouncer \(ρ = 0\.\d+ \(.*\)\)\.$/,
    );
    // Without regard to the load, whatever the load drives goes with response time.
    expect(Number(/the load, (\d) of 5 metrics/.exec(second)?.[1])).toBeGreaterThanOrEqual(4);
  });

  it('names none where chance is all there is: an estimate of no certainty is no answer', () => {
    const trials = Array.from({ length: 3 }, (_, seed) => correlations(trial(seed + 900, false), SECONDS));
    const answer = secondaryMetricsAnswer(
      decided([cellOf(['replica-count', 'uor', 'uor-replicas-1', 'spike'], trials)]),
      'uor',
    );
    expect(spoken(answer.sentences[0])).toBe('At equal load, 0 of 4 metrics go with the moving p95 beyond chance.');
  });
});

describe('Rank correlation at equal values of a third figure', () => {
  it('is the partial correlation of the ranks', () => {
    const [a, b, third] = [
      [1, 2, 3, 4, 5, 6],
      [2, 1, 4, 3, 6, 5],
      [1, 3, 2, 5, 4, 6],
    ];
    // From the sums of squared differences of ranks: 6, 4 and 18.
    const [ab, ac, bc] = [29 / 35, 31 / 35, 17 / 35];
    expect(rankCorrelation(a, b)).toBeCloseTo(ab, 12);
    expect(partialCorrelation(a, b, third)).toBeCloseTo((ab - ac * bc) / Math.sqrt((1 - ac ** 2) * (1 - bc ** 2)), 12);
  });

  it('is none where a figure is the third one in another unit, and the plain one where the third stands still', () => {
    const [a, b] = [
      [1, 2, 3, 4, 5],
      [2, 1, 4, 3, 5],
    ];
    expect(
      partialCorrelation(
        a,
        b,
        a.map((value) => 10 * value),
      ),
    ).toBeNull();
    expect(partialCorrelation(a, b, [1, 1, 1, 1, 1])).toBe(rankCorrelation(a, b));
    expect(rankCorrelation(a, [1, 1, 1, 1, 1])).toBeNull();
  });
});
