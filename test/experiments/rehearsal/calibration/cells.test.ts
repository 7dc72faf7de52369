import {
  heldAgainstBounds,
  pairsToldApart,
  podsApart,
  predictionLines,
} from '../../../../experiments/rehearsal/calibration/held-against';
import { meanOutcome, outcomeOf, type TrialOutcome } from '../../../../experiments/rehearsal/calibration/outcome';
import { cellsOf, type Prediction } from '../../../../experiments/rehearsal/calibration/prediction';

const outcome = (p50: number, more: Partial<TrialOutcome> = {}): TrialOutcome => ({
  ...{ p50, p95: 2 * p50, failed: 0, throughput: 1, ready: [1, 1], coreSeconds: 2 },
  ...more,
});

const trial = (variant: string, profile: string, predicted: number, measured: number): Prediction => ({
  trial: `${variant}.${profile}.${measured}`,
  ...{ experiment: 'replica-count', testType: 'uor', variant, profile },
  predicted: outcome(predicted),
  measured: outcome(measured, { failed: 0.1 }),
});

test('the trials of a variant under a load are judged together, others apart', () => {
  const cells = cellsOf([
    trial('one', 'average', 10, 8),
    trial('two', 'average', 40, 40),
    trial('one', 'average', 10, 12),
    trial('one', 'stress', 20, 25),
  ]);
  expect(cells.map(({ variant, profile, trials }) => [variant, profile, trials.length])).toEqual([
    ['one', 'average', 2],
    ['two', 'average', 1],
    ['one', 'stress', 1],
  ]);
  // Each is a fifth off, and their means agree.
  expect(cells[0]).toMatchObject({ predicted: { p50: 10, p95: 20 }, measured: { p50: 10, p95: 20, failed: 0.1 } });
});

describe('what a trial came to', () => {
  const settings = { 'django-api': { cpuMillicores: 500 }, idaes: { cpuMillicores: 1000 } };
  const row = (at: number, workload: string, desired: number, current = desired, ready = current) => ({
    ...{ at, workload, desired, current, ready },
  });

  test('is worked out by hand', () => {
    const replicas = [
      ...[row(0, 'django-api', 1), row(0, 'idaes', 1)],
      ...[row(4, 'django-api', 3, 1), row(6, 'django-api', 3, 3, 1), row(8, 'django-api', 3)],
    ];
    expect(outcomeOf({ times: [10, 20, 30], requests: 4, seconds: 10, replicas, settings })).toMatchObject({
      ...{ p50: 20, failed: 0.25, throughput: 0.3, scaledUpAt: 4 },
      ready: [2, 2, 2, 2, 2, 2, 2, 2, 4, 4],
      // 6 s of one pod and 4 s of three at half a core, and 10 s of a whole one.
      coreSeconds: 6 * 0.5 + 4 * 1.5 + 10,
    });
  });

  test('a scale-up after the load, or a way down, is none', () => {
    const replicas = [
      ...[row(0, 'django-api', 2), row(0, 'idaes', 1)],
      ...[row(4, 'django-api', 1), row(12, 'django-api', 5)],
    ];
    expect(outcomeOf({ times: [], requests: 0, seconds: 10, replicas, settings }).scaledUpAt).toBeUndefined();
  });

  test('a mean has a scale-up where most trials have one', () => {
    const [early, late, never] = [outcome(1, { scaledUpAt: 10 }), outcome(1, { scaledUpAt: 20 }), outcome(1)];
    expect(meanOutcome([early, late, never]).scaledUpAt).toBe(15);
    expect(meanOutcome([early, never]).scaledUpAt).toBeUndefined();
  });
});

describe('the bounds', () => {
  const cell = (variant: string, predicted: number, measured: readonly number[]) =>
    measured.map((each) => trial(variant, 'spike', predicted, each));

  test('hold or not, each by its own figure', () => {
    const verdicts = (predicted: number) =>
      heldAgainstBounds(cellsOf(cell('one', predicted, [10]))).map(({ holds }) => holds);
    expect(verdicts(10.9)).toEqual([true, true, undefined, undefined]);
    expect(verdicts(11.1)).toEqual([false, true, undefined, undefined]);
    expect(verdicts(7)).toEqual([false, false, undefined, undefined]);
  });

  test('pairs that the trials tell apart are ranked, others are not', () => {
    const slow = cell('slow', 10, [21, 22, 23]);
    expect(pairsToldApart(cellsOf([...cell('fast', 9, [10, 11, 12]), ...slow]))).toEqual([
      { faster: 'fast', slower: 'slow', isRight: true },
    ]);
    expect(pairsToldApart(cellsOf([...cell('fast', 11, [10, 11, 12]), ...slow]))).toMatchObject([{ isRight: false }]);
    expect(pairsToldApart(cellsOf([...cell('fast', 9, [10, 11, 22]), ...slow]))).toEqual([]);
    expect(pairsToldApart(cellsOf([...cell('fast', 9, [10, 11]), ...slow]))).toEqual([]);
  });

  test('a scale-up that is predicted too late, or where there was none, is missed', () => {
    const scaled = (measured?: number, predicted?: number) => [
      {
        ...trial('one', 'spike', 1, 1),
        measured: outcome(1, measured === undefined ? {} : { scaledUpAt: measured }),
        predicted: outcome(1, predicted === undefined ? {} : { scaledUpAt: predicted }),
      },
    ];
    const holds = (predictions: Prediction[]) => heldAgainstBounds(cellsOf(predictions))[3].holds;
    expect([
      holds(scaled(30, 44)),
      holds(scaled(30, 46)),
      holds(scaled(30)),
      holds(scaled(undefined, 30)),
      holds(scaled()),
    ]).toEqual([true, false, false, false, undefined]);
  });

  test('the area between curves of pods', () => {
    expect(podsApart(outcome(1, { ready: [1, 2, 3, 3] }), outcome(1, { ready: [1, 1, 1, 3] }))).toBe(0.75);
  });

  test('are told in words beside the cells', () => {
    const lines = predictionLines(cellsOf(cell('one', 10, [10])));
    expect(lines[1]).toMatch(/replica-count +one +spike +1 +10\.0 +10\.0 +0(\.0)? %/);
    expect(lines.join('\n')).toContain('first scale-up: 0 of 0 cells within 15 s (all): nothing to hold it against');
  });
});
