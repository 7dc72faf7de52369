import { isSaturated, RECORD_VERSION, tableDigests, type GateResult, type TrialRecord } from '../../../campaign';
import { loadProfile, scheduledSeconds } from '../../../plan';
import { comparableNumbers, outcomesOf } from '../../../workload';
import type { AttemptContext, Loaded } from '../attempt-context';
import type { Timeline } from '../observation';
import type { MetricPoint, ReplicaObservation } from '../ports';
import { writeMetrics, writeReplicas, writeSamples } from './trial-tables';

/** What an attempt has found out by its end. */
export interface MeasuredAttempt {
  /** Absent where the load did not run to its end. */
  readonly loaded: Loaded | undefined;
  readonly verdicts: readonly GateResult[];
  readonly timeline: Timeline;
  /** Milliseconds since the epoch. */
  readonly watchEnded: number;
  readonly points: readonly MetricPoint[];
}

/** Stores an attempt's tables, and then its verdict with their digests. */
export function storeRecord(context: AttemptContext, measured: MeasuredAttempt): TrialRecord {
  const { trial, attempt, folder, settings } = context;
  const { loaded, verdicts } = measured;
  const path = folder.openAttempt(trial.id, attempt);
  const start = loaded?.result.startedAt ?? new Date();
  const rows = writeTables(path, trial.id, measured, start.getTime());
  const digests = tableDigests(path);
  const record: TrialRecord = {
    schemaVersion: RECORD_VERSION,
    trial: trial.id,
    attempt,
    experiment: trial.experiment,
    testType: trial.testType,
    variant: trial.variant.name,
    profile: trial.profile,
    repetition: trial.repetition,
    origin: 'measured',
    generator: settings.generator,
    startedAt: start.toISOString(),
    scheduledSeconds: scheduledSeconds(loadProfile(trial.profile, trial.testType, settings.scale)),
    scale: settings.scale,
    aborted: loaded?.result.aborted ?? false,
    saturated: loaded !== undefined && isSaturated(outcomesOf(loaded.result.samples)),
    valid: verdicts.every(({ passed }) => passed),
    gates: verdicts,
    rows,
    campaignCreatedAt: folder.manifest.createdAt,
    ...(trial.testType === 'fs' && loaded?.load.answer && { solution: comparableNumbers(loaded.load.answer.values) }),
    ...(digests && { digests }),
  };
  folder.store(record);
  return record;
}

function writeTables(
  path: string,
  trial: string,
  { loaded, timeline, watchEnded, points }: MeasuredAttempt,
  start: number,
): TrialRecord['rows'] {
  if (loaded === undefined) return { samples: 0, replicas: 0, metrics: 0 };
  return {
    samples: writeSamples(path, trial, loaded.result.samples),
    replicas: writeReplicas(path, replicasFrom(timeline, start, watchEnded), start),
    metrics: writeMetrics(path, points, loaded.host, start),
  };
}

/** The state at the load's start, every change after it, and the state at the end of the watch. */
function replicasFrom(timeline: Timeline, start: number, end: number): ReplicaObservation[] {
  return timeline
    .workloads()
    .flatMap((workload) => {
      const first = timeline.at(workload, start) ?? timeline.replicaRows.find((one) => one.workload === workload)!;
      const later = timeline.replicaRows.filter((one) => one.workload === workload && one.at > start);
      const last = later.at(-1) ?? first;
      return [{ ...first, at: start }, ...later, { ...last, at: end }];
    })
    .sort((a, b) => a.at - b.at);
}
