import { cellsOf, type Prediction } from '../../../../experiments/rehearsal/calibration/prediction';

const trial = (variant: string, profile: string, predicted: number, measured: number): Prediction => ({
  trial: `${variant}.${profile}.${measured}`,
  variant,
  profile,
  predicted: { p50: predicted, p95: 2 * predicted, failed: 0 },
  measured: { p50: measured, p95: 2 * measured, failed: 0.1 },
});

test('the trials of a variant under a load are judged together, others apart', () => {
  const cells = cellsOf([
    trial('one', 'average', 10, 8),
    trial('two', 'average', 40, 40),
    trial('one', 'average', 10, 12),
    trial('one', 'stress', 20, 25),
  ]);
  expect(cells.map(({ variant, profile, trials }) => [variant, profile, trials])).toEqual([
    ['one', 'average', 2],
    ['two', 'average', 1],
    ['one', 'stress', 1],
  ]);
  // Each is a fifth off, and their means agree.
  expect(cells[0]).toMatchObject({ predicted: { p50: 10, p95: 20 }, measured: { p50: 10, p95: 20, failed: 0.1 } });
});
