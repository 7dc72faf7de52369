import { plannedVariant, type TrialRecord } from '../../../campaign';
import type { RecordedTrial } from '../campaign-input';
import type { Engine, NumberColumn } from '../engine';
import { AnalysisError, type TrialFinding } from '../finding';
import {
  failuresQuery,
  movingQuery,
  phasesQuery,
  replicaRowsQuery,
  resourcesQuery,
  secondsQuery,
  summaryQuery,
  type Phase,
  type ResourceColumn,
} from './queries';
import { scalingMeasures, type ReplicaInterval } from './scaling-measures';
import { PERCENTILE_NAMES, SUSTAINED, type AnalysisSettings, type PercentileName } from '../settings';
import { findChangePoint } from '../../statistics/change-point';
import { correlations } from './correlations';
import { sustainedRate } from './sustained-rate';
import type { TrialMeasures, TrialFigures, TrialSeries } from './result';

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
  readonly scheduled_percentiles_ms: readonly (number | null)[] | null;
  readonly max_ms: number | null;
  readonly scheduled_max_ms: number | null;
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
  input: RecordedTrial,
  settings: AnalysisSettings,
): Promise<TrialFigures> {
  const { record, files, folder, plan } = input;
  const [summary] = await engine.rows<Summary>(summaryQuery(slot, settings.objectiveMs[record.testType]));
  const loadSeconds = lengthOfLoad(record, summary.last_due_s);
  // Responses come in until the generator stops waiting for them.
  const seconds = Math.ceil(loadSeconds) + plan.generator.gracefulStopSeconds;
  if (seconds / settings.halfLifeSeconds > MOST_HALF_LIVES)
    throw new AnalysisError(
      `A half-life of ${settings.halfLifeSeconds} s is too short for trial ${folder} of ${seconds} s: give at least ${Math.ceil(seconds / MOST_HALF_LIVES)} s.`,
    );

  const intervals = await engine.rows<ReplicaInterval & Record<string, unknown>>(replicaRowsQuery(slot));
  const series = await seriesOf(engine, slot, input, settings, { seconds, intervals });
  const change = record.profile === 'breakpoint' ? changePoint(series, loadSeconds, settings.confidence) : null;
  const sustained = sustainedRate(series, loadSeconds, SUSTAINED.seconds * record.scale.duration, change);
  const scaling = plan.loadedWorkloads[record.testType].flatMap((name) => {
    const ofWorkload = watchedFromStart(intervals, name) ? intervals.filter(({ workload }) => workload === name) : [];
    return scalingMeasures(name, ofWorkload, loadSeconds) ?? [];
  });
  const [phases] = await engine.rows<Record<Phase, number>>(phasesQuery(files.samples));
  const measures: TrialMeasures = {
    ...requestMeasures(input, summary, loadSeconds),
    phases: summary.succeeded > 0 ? phases : null,
    sustainedRate: sustained.rate,
    sustainedAtLeast: sustained.atLeast,
    changePoint: change,
    scaling,
    reservedCoreSeconds: reservedCoreSeconds(input, scaling),
    usedCoreSeconds: usedCoreSeconds(series, loadSeconds),
    memoryMiB: mostMemory(series, loadSeconds),
    ...pressure(series, loadSeconds),
    failures: await engine.rows<{ error: string; requests: number }>(failuresQuery(slot)),
    ...correlations(series, loadSeconds),
  };
  return { measures, series, findings: findingsOf(input, summary, intervals) };
}

/** Part of the schedule that may pass after its last request: a load that ends at rate zero has few requests near its end. */
const QUIET_END = 0.1;

/**
 * Length of the load, seconds: the schedule's, or up to the last request due where it was aborted, or stopped for another
 * reason. Nothing after that counts as load, and nothing of it is rounded up: an abort ends in the middle of a second.
 */
function lengthOfLoad({ aborted, scheduledSeconds }: TrialRecord, lastDue: number): number {
  const stopped = aborted || lastDue < (1 - QUIET_END) * scheduledSeconds;
  return Math.max(1e-3, stopped ? Math.min(scheduledSeconds, lastDue) : scheduledSeconds);
}

async function seriesOf(
  engine: Engine,
  slot: number,
  { record, files, plan }: RecordedTrial,
  settings: AnalysisSettings,
  { seconds, intervals }: { readonly seconds: number; readonly intervals: readonly ReplicaInterval[] },
): Promise<TrialSeries> {
  const perSecond = await engine.columns<keyof TrialSeries & string>(secondsQuery(slot, settings, seconds));
  const moving = onGrid(await engine.columns<string>(movingQuery(slot, settings, seconds)), seconds);
  const resources = await engine.columns<ResourceColumn>(resourcesQuery(files.metrics, seconds));
  const workloads = plan.loadedWorkloads[record.testType];
  return {
    ...perSecond,
    ...moving,
    ...resources,
    replicas: Object.fromEntries(workloads.map((name) => [name, replicaColumns(intervals, name, seconds)])),
  } as TrialSeries;
}

/** What the samples alone say. */
function requestMeasures({ record: { saturated }, plan }: RecordedTrial, summary: Summary, loadSeconds: number) {
  const degraded = summary.failed + summary.slow;
  return {
    due: summary.due,
    succeeded: summary.succeeded,
    failed: summary.failed,
    dropped: summary.dropped,
    saturated: saturated === true || summary.dropped > plan.gates['droppedStarts'] * summary.due,
    errorShare: summary.failed / summary.due,
    degraded,
    degradedShare: degraded / summary.due,
    mean: summary.mean_ms,
    ...percentiles(summary.percentiles_ms),
    max: summary.max_ms,
    fromSchedule: { ...percentiles(summary.scheduled_percentiles_ms), max: summary.scheduled_max_ms },
    loadSeconds,
    offeredRate: summary.due / loadSeconds,
    servedRate: summary.succeeded / loadSeconds,
    goodRate: (summary.succeeded - summary.slow) / loadSeconds,
  };
}

/** Seconds of the load that may pass before its replicas are first seen. */
const FIRST_SEEN_S = 5;

/** Whether a workload's replicas are known from the start of the load on: what was not watched is not counted as none. */
function watchedFromStart(intervals: readonly ReplicaInterval[], name: string): boolean {
  return intervals.some(({ workload, at_s: from }) => workload === name && from <= FIRST_SEEN_S);
}

function findingsOf(
  { record, folder, plan }: RecordedTrial,
  summary: Summary,
  intervals: readonly ReplicaInterval[],
): TrialFinding[] {
  const unwatched = plan.loadedWorkloads[record.testType].filter((name) => !watchedFromStart(intervals, name));
  const finding = (kind: TrialFinding['kind'], sentence: string): TrialFinding => ({
    kind,
    trial: folder,
    sentence,
    excluded: false,
  });
  return [
    ...(summary.succeeded > 0
      ? []
      : [
          finding(
            'all-failed',
            `All ${summary.due} requests of trial ${folder} failed: it has an error rate, but no response times.`,
          ),
        ]),
    ...(record.rows.metrics > 0
      ? []
      : [finding('no-metrics', `Trial ${folder} has no metrics: its CPU and memory are unknown.`)]),
    ...(intervals.length > 0 && unwatched.length > 0
      ? [
          finding(
            'no-replicas',
            `The replica timeline of trial ${folder} does not hold ${unwatched.join(' and ')} from the start of its load: scaling and CPU reserved are unknown.`,
          ),
        ]
      : []),
    ...(intervals.length > 0
      ? []
      : [finding('no-replicas', `Trial ${folder} has no replica timeline: its scaling is unknown.`)]),
  ];
}

function reservedCoreSeconds({ record, plan }: RecordedTrial, scaling: TrialMeasures['scaling']): number | null {
  const variant = plannedVariant(plan, record);
  if (variant === undefined || scaling.length < plan.loadedWorkloads[record.testType].length) return null;
  return scaling.reduce(
    (sum, { workload, podSeconds }) => sum + (podSeconds * variant.settings[workload].cpuMillicores) / 1000,
    0,
  );
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

/**
 * The backlog is what is inside the system, requests given up when a load was aborted included, and failures beyond the share
 * that a sustained rate tolerates: a few all along are no sign of overload, though their sum grows.
 */
function changePoint(series: TrialSeries, loadSeconds: number, confidence: number) {
  let due = 0;
  let failed = 0;
  const ramp = Array.from({ length: Math.floor(loadSeconds) }, (_, second) => {
    due += series.offered[second];
    failed += series.failed[second] - series.interrupted[second];
    const excess = Math.max(0, failed - SUSTAINED.failedShare * due);
    const backlog = series.in_flight[second] + excess;
    return { second, rate: series.offered[second], backlog, served: series.served[second] };
  });
  return findChangePoint(ramp, confidence);
}

/** Share of the load whose CPU must be known: what is left tells of the rest. */
const LEAST_KNOWN = 0.5;

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
  return known < LEAST_KNOWN * loadSeconds || known === 0 ? null : (sum / known) * loadSeconds;
}

const BYTES_PER_MIB = 1024 * 1024;

function mostMemory(series: TrialSeries, loadSeconds: number): number | null {
  let most: number | null = null;
  for (let second = 0; second < loadSeconds; second++) {
    const parts = [series.django_memory[second], series.idaes_memory[second]].filter((bytes) => !Number.isNaN(bytes));
    if (parts.length > 0) most = Math.max(most ?? 0, parts.reduce((a, b) => a + b, 0) / BYTES_PER_MIB);
  }
  return most;
}

/** What stands between a pod and its work, where the site can tell. */
function pressure(series: TrialSeries, loadSeconds: number) {
  const known = (column: NumberColumn) =>
    Array.from(column.subarray(0, Math.ceil(loadSeconds))).filter((value) => !Number.isNaN(value));
  const most = (column: NumberColumn) => known(column).reduce<number | null>((a, b) => Math.max(a ?? b, b), null);
  const mean = (column: NumberColumn) => {
    const values = known(column);
    return values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
  };
  return {
    throttledShare: most(series.throttled),
    waitingClients: most(series.waiting_clients),
    containerDisk: mean(series.container_disk),
    podNetwork: mean(series.pod_network),
  };
}
