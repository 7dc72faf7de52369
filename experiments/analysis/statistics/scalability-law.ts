import { levenbergMarquardt } from 'ml-levenberg-marquardt';
import { inverse, Matrix, solve } from 'ml-matrix';
import { studentQuantile, type Interval } from './mean-interval';

/** Throughput measured at one degree of parallelism (replicas, processors, users). */
export interface ScalabilityPoint {
  readonly parallelism: number;
  readonly throughput: number;
}

/** Gunther's law X(N) = γN / (1 + α(N − 1) + βN(N − 1)), fitted. */
export interface ScalabilityFit {
  /** Throughput of one. */
  readonly gamma: Interval;
  /** Contention: the share of work that cannot be done side by side. */
  readonly alpha: Interval;
  /** Coherency: the cost of keeping each pair in step. */
  readonly beta: Interval;
  /** Standard errors of γ, α, β; null where there are no more points than parameters. */
  readonly errors: readonly [number, number, number] | null;
  /** Measured minus fitted, in the order of the points. */
  readonly residuals: readonly number[];
  readonly rSquared: number | null;
  /** Parallelism of the greatest throughput, √((1 − α)/β); null where the law has no maximum. */
  readonly peakParallelism: number | null;
  readonly throughputAt: (parallelism: number) => number;
}

type Parameters = readonly [number, number, number];

/** What the solver leaves of a parameter that is none: of β, less than a billionth of a replica's cost. */
const SOLVER_NOISE = 1e-12;

const clean = (value: number): number => (Math.abs(value) < SOLVER_NOISE ? 0 : value);

/**
 * Fits the Universal Scalability Law (N. J. Gunther, Guerrilla Capacity Planning, Springer 2007, chapter 4) by least squares
 * with α, β ≥ 0. Starting values come from the linear regression of N/X on N, which is exact without noise.
 * Returns null for fewer than three distinct degrees of parallelism: three parameters need three.
 */
export function fitScalabilityLaw(points: readonly ScalabilityPoint[], confidence: number): ScalabilityFit | null {
  if (new Set(points.map((point) => point.parallelism)).size < 3) return null;
  if (points.some((point) => !(point.throughput > 0 && point.parallelism > 0))) return null;
  const x = points.map((point) => point.parallelism);
  const y = points.map((point) => point.throughput);
  const start = startingValues(x, y);
  // The parameters differ by six orders of magnitude: the solver works on multiples of typical values.
  const unit: Parameters = [start[0], 0.01, 0.0001];
  const unscaled = (scaled: ArrayLike<number>): Parameters => [
    scaled[0] * unit[0],
    scaled[1] * unit[1],
    scaled[2] * unit[2],
  ];
  const fit = levenbergMarquardt({ x, y }, (scaled) => (n) => law(unscaled(scaled), n), {
    initialValues: start.map((value, index) => value / unit[index]),
    minValues: [1e-9, 0, 0],
    maxValues: [1e9, 1e9, 1e9],
    jacobianFunction: (scaled) => (n) => gradient(unscaled(scaled), n).map((slope, index) => slope * unit[index]),
    damping: 1e-3,
    maxIterations: 500,
    improvementThreshold: 1e-12,
    errorTolerance: 0,
  });
  const [gamma, alpha, beta] = unscaled(fit.parameterValues);
  return describe([gamma, clean(alpha), clean(beta)], x, y, confidence);
}

function law([gamma, alpha, beta]: Parameters, n: number): number {
  return (gamma * n) / (1 + alpha * (n - 1) + beta * n * (n - 1));
}

function gradient([gamma, alpha, beta]: Parameters, n: number): number[] {
  const divisor = 1 + alpha * (n - 1) + beta * n * (n - 1);
  const fall = (-gamma * n) / divisor ** 2;
  return [n / divisor, fall * (n - 1), fall * n * (n - 1)];
}

/** N/X = 1/γ + (α/γ)(N − 1) + (β/γ)N(N − 1) is linear in its three unknowns; relative weights, negatives cut to zero. */
function startingValues(x: readonly number[], y: readonly number[]): Parameters {
  const rows = x.map((n, index) => [1, n - 1, n * (n - 1)].map((term) => (term * y[index]) / n));
  const [a, b, c] = solve(new Matrix(rows), Matrix.columnVector(x.map(() => 1)), true).to1DArray();
  if (a > 0) return [1 / a, Math.max(0, b / a), Math.max(0, c / a)];
  return [Math.max(...y.map((value, index) => value / x[index])), 0.01, 0.0001];
}

function describe(
  parameters: Parameters,
  x: readonly number[],
  y: readonly number[],
  confidence: number,
): ScalabilityFit {
  const [gamma, alpha, beta] = parameters;
  const residuals = x.map((n, index) => y[index] - law(parameters, n));
  const squares = residuals.reduce((sum, residual) => sum + residual ** 2, 0);
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
  const spread = y.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const errors = standardErrors(parameters, x, squares);
  const margin = errors === null ? null : studentQuantile(confidence, x.length - 3);
  const interval = (index: 0 | 1 | 2, floor: number): Interval => ({
    value: parameters[index],
    low: errors === null || margin === null ? null : Math.max(floor, parameters[index] - margin * errors[index]),
    high: errors === null || margin === null ? null : clean(parameters[index] + margin * errors[index]),
    n: x.length,
  });
  return {
    gamma: interval(0, 0),
    alpha: interval(1, 0),
    beta: interval(2, 0),
    errors,
    residuals,
    rSquared: spread > 0 ? 1 - squares / spread : null,
    peakParallelism: beta > 1e-9 && alpha < 1 ? Math.sqrt((1 - alpha) / beta) : null,
    throughputAt: (parallelism) => law([gamma, alpha, beta], parallelism),
  };
}

/** From the curvature at the minimum: s²(JᵀJ)⁻¹. */
function standardErrors(
  parameters: Parameters,
  x: readonly number[],
  squares: number,
): readonly [number, number, number] | null {
  if (x.length <= 3) return null;
  const unit = [parameters[0], 0.01, 0.0001];
  const jacobian = new Matrix(x.map((n) => gradient(parameters, n).map((slope, index) => slope * unit[index])));
  const covariance = inverse(jacobian.transpose().mmul(jacobian));
  const error = (index: number) => Math.sqrt((covariance.get(index, index) * squares) / (x.length - 3)) * unit[index];
  return [error(0), error(1), error(2)];
}
