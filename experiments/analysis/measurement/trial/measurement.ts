import { jStat } from 'jstat';
import type { TrialRecord } from '../../../campaign';
import { EXPERIMENTS, LOADED_WORKLOADS, type Variant } from '../../../plan';
import type { TrialInput } from '../campaign-input';
import type { Engine, NumberColumn } from '../engine';
import { AnalysisError, type Finding } from '../finding';
import {
  failuresQuery,
  hurtQuery,
  movingQuery,
  replicaRowsQuery,
  RESOURCE_COLUMNS,
  resourcesQuery,
  secondsQuery,
  summaryQuery,
  type ResourceColumn,
} from './queries';
import { scalingMeasures, type ReplicaInterval } from './scaling-measures';
import { PERCENTILE_NAMES, SUSTAINED, type AnalysisSettings, type PercentileName } from '../settings';
import { findChangePoint } from '../../statistics/change-point';
import type { TrialMeasures, TrialResult, TrialSeries } from './result';

/** Responses may come in for this long after the last request was due (the generator's graceful stop). */
const DRAIN_SECONDS = 30;

/** Correlations look at every fifth second: neighbouring windows overlap. */
const CORRELATION_STEP = 5;

/** Beyond this many half-lives the weights of the EWMA leave the range of a double. */
const MOST_HALF_LIVES = 1900;

interface Summary {
  readonly due: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly dropped: number;
  readonly slow: number;
  readonly mean_ms: number | null;
  readonly percentiles_ms: readonly (number | null)[] | null;
  readonly max_ms: number | null;
  readonly last_due_s: number;
}

/**
 * Measures one trial whose samples and replicas are loaded under `slot`.
 *
 * @throws {AnalysisError} when the half-life is too short for the trial's length.
 */
export async function measureTrial(
  engine: Engine,
  slot: number,
  { record, files, folder }: TrialInput,
  settings: AnalysisSettings,
): Promise<TrialResult> {
  const findings: Finding[] = [];
  const finding = (kind: Finding['kind'], sentence: string) =>
    findings.push({ kind, trial: folder, sentence, excluded: false });
  const objective = settings.objectiveMs[record.testType];
  const [summary] = await engine.rows<Summary>(summaryQuery(slot, objective));
  const loadSeconds = Math.min(record.scheduledSeconds, Math.max(1, Math.ceil(summary.last_due_s)));
  const seconds = Math.ceil(loadSeconds) + DRAIN_SECONDS;
  if (seconds / settings.halfLifeSeconds > MOST_HALF_LIVES)
    throw new AnalysisError(
      `A half-life of ${settings.halfLifeSeconds} s is too short for trial ${folder} of ${seconds} s: give at least ${Math.ceil(seconds / MOST_HALF_LIVES)} s.`,
    );

  const perSecond = await engine.columns<keyof TrialSeries & string>(secondsQuery(slot, settings, seconds));
  const moving = onGrid(await engine.columns<string>(movingQuery(slot, settings, seconds)), seconds);
  const resources = await engine.columns<ResourceColumn>(resourcesQuery(files.metrics, seconds));
  const intervals = await engine.rows<ReplicaInterval & Record<string, unknown>>(replicaRowsQuery(slot));
  const workloads = LOADED_WORKLOADS[record.testType];
  const series = {
    ...perSecond,
    ...moving,
    ...resources,
    replicas: Object.fromEntries(workloads.map((name) => [name, replicaColumns(intervals, name, seconds)])),
  } as TrialSeries;

  if (summary.succeeded === 0)
    finding(
      'all-failed',
      `All ${summary.due} requests of trial ${folder} failed: it has an error rate, but no response times.`,
    );
  if (record.rows.metrics === 0)
    finding('no-metrics', `Trial ${folder} has no metrics: its CPU and memory are unknown.`);
  if (intervals.length === 0)
    finding('no-replicas', `Trial ${folder} has no replica timeline: its scaling is unknown.`);

  const scaling = workloads.flatMap((name) => {
    const one = scalingMeasures(
      name,
      intervals.filter((interval) => interval.workload === name),
    );
    return one === null ? [] : [one];
  });
  const [hurt] = await engine.rows<{ hurt: number }>(hurtQuery(slot, objective));
  const variant = plannedVariant(record);
  const measures: TrialMeasures = {
    due: summary.due,
    succeeded: summary.succeeded,
    failed: summary.failed,
    dropped: summary.dropped,
    errorShare: summary.failed / summary.due,
    slowShare: summary.succeeded > 0 ? summary.slow / summary.succeeded : null,
    mean: summary.mean_ms,
    ...percentiles(summary.percentiles_ms),
    max: summary.max_ms,
    loadSeconds,
    offeredRate: summary.due / loadSeconds,
    servedRate: summary.succeeded / loadSeconds,
    sustainedRate: sustainedRate(series, loadSeconds, SUSTAINED.seconds * record.scale.duration),
    changePoint: record.profile === 'breakpoint' ? changePoint(series, loadSeconds, settings.confidence) : null,
    scaling,
    hurtWhileScaling: intervals.length === 0 ? null : hurt.hurt,
    reservedCoreSeconds:
      variant === undefined || scaling.length < workloads.length
        ? null
        : scaling.reduce((sum, one) => sum + (one.podSeconds * variant.settings[one.workload].cpuMillicores) / 1000, 0),
    usedCoreSeconds: usedCoreSeconds(series, loadSeconds),
    failures: await engine.rows<{ error: string; requests: number }>(failuresQuery(slot)),
    correlations: correlations(series, loadSeconds),
  };
  return { measures, series, findings };
}

/** The variant of this commit's plan, or undefined where it does not know it. */
export function plannedVariant(record: TrialRecord): Variant | undefined {
  return EXPERIMENTS.find(
    (experiment) => experiment.name === record.experiment && experiment.testType === record.testType,
  )?.variants.find((variant) => variant.name === record.variant);
}

function percentiles(values: readonly (number | null)[] | null): Record<PercentileName, number | null> {
  return Object.fromEntries(PERCENTILE_NAMES.map((name, index) => [name, values?.[index] ?? null])) as Record<
    PercentileName,
    number | null
  >;
}

/** The moving percentiles have no row for a window without successful requests. */
function onGrid(columns: Record<string, NumberColumn>, seconds: number): Record<PercentileName, NumberColumn> {
  const { second } = columns;
  return Object.fromEntries(
    PERCENTILE_NAMES.map((name) => {
      const full = new Float64Array(seconds).fill(NaN);
      second.forEach((at, index) => (full[at] = columns[name][index]));
      return [name, full];
    }),
  ) as Record<PercentileName, NumberColumn>;
}

function replicaColumns(intervals: readonly ReplicaInterval[], workload: string, seconds: number) {
  const desired = new Float64Array(seconds).fill(NaN);
  const ready = new Float64Array(seconds).fill(NaN);
  for (const interval of intervals.filter((one) => one.workload === workload))
    for (let second = Math.max(0, Math.ceil(interval.at_s)); second < Math.min(seconds, interval.until_s); second++) {
      desired[second] = interval.desired;
      ready[second] = interval.ready;
    }
  return { desired, ready };
}

function sustainedRate(series: TrialSeries, loadSeconds: number, windowSeconds: number): number | null {
  const width = Math.max(5, Math.round(windowSeconds));
  let best: number | null = null;
  for (let start = 0; start + width <= loadSeconds; start++) {
    const sum = (column: NumberColumn) => column.subarray(start, start + width).reduce((a, b) => a + b, 0);
    const offered = sum(series.offered);
    const served = sum(series.served);
    if (offered === 0 || served < SUSTAINED.servedShare * offered) continue;
    if (sum(series.failed) > SUSTAINED.failedShare * offered) continue;
    best = Math.max(best ?? 0, served / width);
  }
  return best;
}

/**
 * The backlog is what is inside the system, and failures beyond the share that a sustained rate tolerates: a few failures all
 * along are no sign of overload, though their sum grows. What the generator gave up at the end of an aborted load counts as
 * inside, not as failed.
 */
function changePoint(series: TrialSeries, loadSeconds: number, confidence: number) {
  let due = 0;
  let failed = 0;
  const ramp = Array.from({ length: Math.floor(loadSeconds) }, (_, second) => {
    due += series.offered[second];
    failed += series.failed[second] - series.interrupted[second];
    const excess = Math.max(0, failed - SUSTAINED.failedShare * due);
    return { second, rate: series.offered[second], backlog: series.in_flight[second] + excess };
  });
  return findChangePoint(ramp, confidence);
}

function usedCoreSeconds(series: TrialSeries, loadSeconds: number): number | null {
  let sum = 0;
  let known = 0;
  for (let second = 0; second < loadSeconds; second++) {
    const django = series.django_cpu[second];
    const idaes = series.idaes_cpu[second];
    if (Number.isNaN(django) && Number.isNaN(idaes)) continue;
    known++;
    sum += (Number.isNaN(django) ? 0 : django) + (Number.isNaN(idaes) ? 0 : idaes);
  }
  // Seconds before the first metric point count as the average of the known ones.
  return known === 0 ? null : (sum / known) * loadSeconds;
}

function correlations(series: TrialSeries, loadSeconds: number): Record<string, number | null> {
  const pairs = (column: NumberColumn) => {
    const a: number[] = [];
    const b: number[] = [];
    for (let second = 0; second < loadSeconds; second += CORRELATION_STEP) {
      if (Number.isNaN(column[second]) || Number.isNaN(series.p95[second])) continue;
      a.push(column[second]);
      b.push(series.p95[second]);
    }
    return [a, b] as const;
  };
  const columns: Record<string, NumberColumn> = {
    offered: series.offered,
    in_flight: series.in_flight,
    ...Object.fromEntries(Object.entries(series.replicas).map(([name, { ready }]) => [`ready ${name}`, ready])),
    ...Object.fromEntries(RESOURCE_COLUMNS.map((name) => [name, series[name]])),
  };
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => {
      const [a, b] = pairs(column);
      const varies = (values: readonly number[]) => values.some((value) => value !== values[0]);
      if (a.length < 10 || !varies(a) || !varies(b)) return [name, null];
      const rho = jStat.spearmancoeff(a, b);
      return [name, Number.isFinite(rho) ? rho : null];
    }),
  );
}
