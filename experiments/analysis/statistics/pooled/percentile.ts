import { bounded, logInterval, studentQuantile, type Bounds, type Interval } from '../mean-interval';
import { bootstrapInterval, resampledPercentile, trialResamples } from '../trial-bootstrap';
import { errorOfShare, type WindowCount } from './window-scatter';

/** The samples that a percentile of a cell rests on. */
export interface PooledSamples {
  /** Response times of each trial in ascending order. */
  readonly sorted: readonly Float64Array[];
  /** For each window of the load, the counts of each trial: the same second of the same load side by side. */
  readonly windows: readonly (readonly WindowCount[])[];
}

/**
 * Interval of a percentile pooled over trials: the widest of Student's t over the logarithms of the trials' own, the
 * bootstrap over trials, and windows of the load held against each other, since three trials now and then agree by chance.
 * Its upper part is lengthened by {@link upperStretch}. How often it holds the truth is simulated in
 * coverage.experiments.test.ts.
 *
 * @param p The percentile as a share, above 0 and below 1.
 */
export function pooledPercentileInterval(
  estimate: number,
  p: number,
  { sorted, windows }: PooledSamples,
  confidence: number,
  bounds?: Bounds,
): Interval {
  const trials = sorted.length;
  const resamples = trialResamples(trials);
  const resampled = trials < 2 ? [] : resamples.map(({ counts }) => resampledPercentile(sorted, counts, p));
  const bootstrap = bootstrapInterval(estimate, resampled, resamples, trials, confidence);
  if (bootstrap.low === null || bootstrap.high === null) return bootstrap;
  const own = sorted.filter(({ length }) => length > 0).map((values) => resampledPercentile([values], [1], p));
  const between = logInterval(own, confidence, estimate);
  const { error, freedom } = errorOfShare(windows);
  const reach = studentQuantile(confidence, freedom);
  // One standard error of the share of slower requests, seen as a step up or down the samples (Woodruff, Journal of the
  // American Statistical Association 47, 1952): on log odds, which cannot leave 0 to 1.
  const step = error / (p * (1 - p));
  const percentileAt = (steps: number) =>
    resampledPercentile(
      sorted,
      sorted.map(() => 1),
      1 / (1 + ((1 - p) / p) * Math.exp(-steps * step)),
    );
  const low = Math.min(bootstrap.low, between?.low ?? estimate, estimate * (percentileAt(-1) / estimate) ** reach);
  const high = Math.max(bootstrap.high, between?.high ?? estimate, estimate * (percentileAt(1) / estimate) ** reach);
  return bounded({ ...bootstrap, low, high: estimate * (high / estimate) ** upperStretch(p) }, bounds);
}

/**
 * The power by which the upper part of a percentile's interval is lengthened: 1 (nothing) for the median, 1.3 for p90, 1.6
 * for p95, 2.1 for p99. Trials that saw no burst of slow requests cannot tell of any. Found by simulation, as the power with
 * which 95 % hold for log-normal and Pareto service, bursts and drift.
 */
function upperStretch(p: number): number {
  return 1 + 0.8 * Math.max(0, Math.log10(1 / (1 - p)) - 0.6);
}
