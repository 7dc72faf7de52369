import { elasticity } from '../../../experiments/analysis/measurement/trial/elasticity';
import { twoWay, UNEVEN_DESIGN } from '../../../experiments/analysis/statistics/two-way';
import { fittedLogAxis, roundEnd, roundTicks } from '../../../experiments/analysis/report/browser/fitted-axis';
import { normal, seeded } from './random-truth';

describe('Two factors', () => {
  const design = (effect: (row: number, column: number) => number, seed: number, repeats = 3) => {
    const random = seeded(seed);
    return [0, 1, 2].flatMap((row) =>
      [0, 1, 2, 3].flatMap((column) =>
        Array.from({ length: repeats }, () => ({
          row: String(row),
          column: String(column),
          value: effect(row, column) + normal(random),
        })),
      ),
    );
  };

  it('gives the sums of squares of a table worked out by hand', () => {
    // Two rows, two columns, two repetitions; row means 2 and 6, column means 3 and 5, no interaction, error 0.5 a cell.
    const points = [
      ['a', 'x', 0.5],
      ['a', 'x', 1.5],
      ['a', 'y', 2.5],
      ['a', 'y', 3.5],
      ['b', 'x', 4.5],
      ['b', 'x', 5.5],
      ['b', 'y', 6.5],
      ['b', 'y', 7.5],
    ].map(([row, column, value]) => ({ row: String(row), column: String(column), value: Number(value) }));
    const found = twoWay(points)!;
    expect(found.rows.f).toBeCloseTo(32 / 0.5, 9);
    expect(found.columns.f).toBeCloseTo(8 / 0.5, 9);
    expect(found.interaction.f).toBeCloseTo(0, 9);
    expect(found.rows.freedom[0]).toBeCloseTo(1, 9);
    expect(found.rows.freedom[1]).toBeCloseTo(4, 9);
  });

  it('finds the factor that was planted and no other, and nothing at the stated rate where there is nothing', () => {
    const planted = twoWay(design((row) => 3 * row, 5))!;
    expect(planted.rows.p).toBeLessThan(1e-5);
    expect(planted.interaction.p).toBeGreaterThan(0.01);
    const crossed = twoWay(design((row, column) => 3 * row * column, 6))!;
    expect(crossed.interaction.p).toBeLessThan(1e-6);
    const ps = Array.from({ length: 400 }, (_, seed) => twoWay(design(() => 0, seed + 100))!);
    for (const name of ['rows', 'columns', 'interaction'] as const) {
      const alarms = ps.filter((one) => one[name].p < 0.05).length / ps.length;
      expect(alarms).toBeGreaterThan(0.002);
      expect(alarms).toBeLessThan(0.05);
    }
  });

  it('raises few false alarms where one cell, near its limit, scatters ten times as much as the others', () => {
    const alarms = { rows: 0, columns: 0, interaction: 0 };
    const random = seeded(5000);
    for (let round = 0; round < 800; round++) {
      const points = design(() => 0, 0).map(({ row, column }) => ({
        ...{ row, column },
        value: (row === '0' && column === '3' ? UNEVEN_DESIGN.times : 1) * normal(random),
      }));
      const found = twoWay(points)!;
      for (const name of ['rows', 'columns', 'interaction'] as const)
        if (found[name].p < UNEVEN_DESIGN.level) alarms[name]++;
    }
    // One scatter for all cells makes it 16 to 21 %, and each cell's own as measured 8 to 11 %.
    for (const count of Object.values(alarms)) expect(count / 800).toBeLessThan(UNEVEN_DESIGN.named);
  });

  it('bears trials that are missing, and says nothing without repetition or a second level', () => {
    const gaps = design((row) => 3 * row, 7).filter((_, index) => index % 7 !== 0);
    expect(twoWay(gaps)!.rows.p).toBeLessThan(1e-4);
    expect(twoWay(design(() => 0, 8, 1))).toBeNull();
    expect(twoWay(design(() => 0, 9).filter(({ row }) => row === '0'))).toBeNull();
  });
});

describe('Elasticity', () => {
  it('is accuracy and time share relative to the demand, and instability where the curves part', () => {
    // Four seconds: one pod too few of two, right, one too many of two, right; they part at each of three steps.
    const found = elasticity([1, 2, 3, 3], [2, 2, 2, 3])!;
    expect(found).toMatchObject({ underAccuracy: 12.5, overAccuracy: 12.5, underShare: 25, overShare: 25 });
    // Of the steps between two seconds, which are one fewer than the seconds: 100 / (T - t1) in the source.
    expect(found.instability).toBe(100);
    expect(elasticity([1, 2, 2, 2], [1, 1, 1, 1])!.instability).toBeCloseTo(100 / 3, 12);
    expect(elasticity([NaN, 1, 2, 2], [1, 1, 1, 1])!.instability).toBe(50);
    expect(elasticity([2], [1])!.instability).toBe(0);
    expect(elasticity([2, 2, 4, 4], [2, 2, 4, 4])).toMatchObject({ instability: 0, underShare: 0, overAccuracy: 0 });
    expect(elasticity([NaN], [1])).toBeNull();
  });
});

describe('An axis fitted to the data', () => {
  it('ends near it, with ticks at round figures, however narrow or wide', () => {
    for (const [low, high] of [
      [58, 80],
      [40, 4000],
      [0.002, 0.0021],
      [1, 1e6],
      [99, 101],
    ]) {
      const axis = fittedLogAxis([low, high]);
      expect(axis.from(axis.min)).toBeGreaterThan(low * 0.4);
      expect(axis.from(axis.max)).toBeLessThan(high * 2.5);
      expect(axis.ticks.length).toBeGreaterThanOrEqual(3);
      expect(axis.ticks.length).toBeLessThanOrEqual(9);
    }
    expect(roundTicks(50, 90)).toEqual([50, 60, 70, 80, 90]);
    expect(roundEnd(169.6)).toBe(200);
  });
});
