import { jStat } from 'jstat';
import { Matrix, solve } from 'ml-matrix';

/** One trial of a design of two factors. */
export interface FactorialPoint {
  readonly row: string;
  readonly column: string;
  readonly value: number;
}

/** Whether a factor, or the interaction of both, moves the figure. */
export interface FactorTest {
  readonly f: number;
  readonly freedom: readonly [number, number];
  readonly p: number;
}

export interface TwoWayAnalysis {
  readonly rows: FactorTest;
  readonly columns: FactorTest;
  readonly interaction: FactorTest;
}

/**
 * Two-way analysis of variance with interaction for unequal cells: sums of squares of type II (Fox, Applied Regression
 * Analysis, 2016, chapter 8). Null where a factor has one level, missing cells make the design fall apart, or nothing is
 * repeated.
 */
export function twoWay(points: readonly FactorialPoint[]): TwoWayAnalysis | null {
  const rows = [...new Set(points.map(({ row }) => row))];
  const columns = [...new Set(points.map(({ column }) => column))];
  const cells = [...new Set(points.map(({ row, column }) => `${row}|${column}`))];
  const errorFreedom = points.length - cells.length;
  const interactionFreedom = cells.length - (rows.length + columns.length - 1);
  if (rows.length < 2 || columns.length < 2 || errorFreedom < 1 || interactionFreedom < 1) return null;
  const rowTerms = rows.slice(1).map((row) => points.map((point) => Number(point.row === row)));
  const columnTerms = columns.slice(1).map((column) => points.map((point) => Number(point.column === column)));
  const y = points.map(({ value }) => value);
  const both = residualSquares(y, [...rowTerms, ...columnTerms]);
  const error = withinCells(points, cells) / errorFreedom;
  if (both === null || !(error > 0)) return null;
  const [withoutRows, withoutColumns] = [residualSquares(y, columnTerms), residualSquares(y, rowTerms)];
  if (withoutRows === null || withoutColumns === null) return null;
  const test = (squares: number, freedom: number): FactorTest => {
    const f = Math.max(0, squares) / freedom / error;
    return { f, freedom: [freedom, errorFreedom], p: 1 - jStat.centralF.cdf(f, freedom, errorFreedom) };
  };
  return {
    rows: test(withoutRows - both, rows.length - 1),
    columns: test(withoutColumns - both, columns.length - 1),
    interaction: test(both - withinCells(points, cells), interactionFreedom),
  };
}

/** What a linear model with an intercept leaves unexplained; null where its terms do not determine it. */
function residualSquares(y: readonly number[], terms: readonly (readonly number[])[]): number | null {
  const design = new Matrix(y.map((_, index) => [1, ...terms.map((term) => term[index])]));
  const normal = design.transpose().mmul(design);
  const right = design.transpose().mmul(Matrix.columnVector([...y]));
  try {
    const coefficients = solve(normal, right);
    const fitted = design.mmul(coefficients).to1DArray();
    return y.reduce((sum, value, index) => sum + (value - fitted[index]) ** 2, 0);
  } catch {
    return null; // Singular: some cells are missing, and rows and columns cannot be told apart.
  }
}

function withinCells(points: readonly FactorialPoint[], cells: readonly string[]): number {
  return cells.reduce((sum, cell) => {
    const values = points.filter(({ row, column }) => `${row}|${column}` === cell).map(({ value }) => value);
    const mean = jStat.mean(values);
    return sum + values.reduce((squares, value) => squares + (value - mean) ** 2, 0);
  }, 0);
}
