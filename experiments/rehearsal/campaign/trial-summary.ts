import { percent } from '../../../lib/primitives/percent';
import {
  countFailures,
  droppedStarts,
  errorBudget,
  GATE_LIMITS,
  isSaturated,
  RECORD_VERSION,
  sessionKept,
  type GateResult,
  type Outcomes,
  type TrialRecord,
} from '../../campaign';
import type { LoadScale, Trial, WorkloadName } from '../../plan';
import { ERRORS, SampleOutcome } from '../trial/sample-table';
import type { TrialSetup, SimulatedTrial } from '../trial/trial-simulation';

/** The figures of one rehearsed trial that findings and the screen need; times in milliseconds. */
export interface TrialSummary {
  readonly trial: string;
  readonly experiment: string;
  readonly testType: Trial['testType'];
  readonly variant: string;
  readonly profile: Trial['profile'];
  readonly repetition: number;
  readonly requests: number;
  readonly failed: number;
  readonly dropped: number;
  /** Percentiles of the response time of successful requests; absent where there are none. */
  readonly p50?: number;
  readonly p95?: number;
  readonly p99?: number;
  /** Response time within which so many thousandths of all requests were answered well: Infinity beyond those that were. */
  readonly within: Float32Array;
  readonly coreSeconds: number;
  readonly aborted: boolean;
  readonly endedAt: number;
  /** Lowest and highest number of pods asked for. */
  readonly desired: Readonly<Record<WorkloadName, readonly [number, number]>>;
  readonly mostPending: Readonly<Record<WorkloadName, number>>;
}

export function summariseTrial(trial: Trial, result: SimulatedTrial): TrialSummary {
  const { samples, rows } = result;
  const times = new Float32Array(rows);
  let successes = 0;
  let dropped = 0;
  for (let row = 0; row < rows; row++) {
    if (samples.outcome[row] === SampleOutcome.Success) times[successes++] = samples.responseTime(row);
    else if (samples.outcome[row] === SampleOutcome.Dropped) dropped += 1;
  }
  const sorted = times.subarray(0, successes).sort();
  return {
    trial: trial.id,
    experiment: trial.experiment,
    testType: trial.testType,
    variant: trial.variant.name,
    profile: trial.profile,
    repetition: trial.repetition,
    requests: rows,
    failed: rows - successes,
    dropped,
    ...(successes > 0 && {
      p50: percentile(sorted, 0.5),
      p95: percentile(sorted, 0.95),
      p99: percentile(sorted, 0.99),
    }),
    within: answeredWithin(sorted, rows),
    coreSeconds: result.coreSeconds,
    aborted: result.aborted,
    endedAt: result.endedAt,
    desired: { 'django-api': desiredRange(result, 'django-api'), idaes: desiredRange(result, 'idaes') },
    mostPending: result.mostPending,
  };
}

/** Linear interpolation between order statistics, as DuckDB's `quantile_cont` and numpy do it. */
export function percentile(sorted: ArrayLike<number>, probability: number): number {
  const place = probability * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

/** Of all requests, failed and dropped ones included; entry 989 is what 99 % of them kept. */
function answeredWithin(sorted: ArrayLike<number>, requests: number): Float32Array {
  return Float32Array.from({ length: 1000 }, (_, index) => {
    const needed = Math.ceil(((index + 1) / 1000) * requests);
    return needed <= sorted.length ? (sorted[needed - 1] ?? Infinity) : Infinity;
  });
}

function desiredRange({ replicas }: SimulatedTrial, workload: WorkloadName): [number, number] {
  const desired = replicas.filter((row) => row.workload === workload).map((row) => row.desired);
  return [Math.min(...desired), Math.max(...desired)];
}

/** Rehearsed trials begin at this instant of a clock that is nobody's, one after the other. */
export const VIRTUAL_EPOCH = Date.UTC(2000, 0, 1);

/** trial.json of a rehearsed trial. Gates are judged as for a measured one, so a load that would be thrown away shows here. */
export function toTrialRecord(
  trial: Trial,
  input: TrialSetup,
  result: SimulatedTrial,
  startedAt: number,
  scale: LoadScale,
): TrialRecord {
  const outcomes = outcomesOf(result);
  const generator = [
    metricGate(result, 'generator-cpu', 'generator_cpu_ratio', GATE_LIMITS.generatorCpu, 'of the generator host’s CPU'),
    metricGate(result, 'generator-memory', 'generator_memory_ratio', GATE_LIMITS.generatorMemory, 'of its memory'),
  ];
  const unhealthy = generator.filter(({ passed }) => !passed).map(({ gate }) => gate);
  const failures = countFailures(outcomes, scaleDownsOf(result));
  const gates = [
    ...generator,
    droppedStarts(outcomes, unhealthy, input.model.generator.maxVirtualUsers),
    ...sessionKept(failures),
    errorBudget(outcomes.rows, failures),
  ];
  return {
    schemaVersion: RECORD_VERSION,
    trial: trial.id,
    attempt: 1,
    experiment: trial.experiment,
    testType: trial.testType,
    variant: trial.variant.name,
    profile: trial.profile,
    repetition: trial.repetition,
    origin: 'rehearsed',
    generator: 'simulation',
    startedAt: new Date(VIRTUAL_EPOCH + startedAt * 1000).toISOString(),
    scheduledSeconds: input.profile.stages.reduce((sum, stage) => sum + stage.seconds, 0),
    scale,
    aborted: result.aborted,
    saturated: isSaturated(outcomes),
    valid: gates.every((gate) => gate.passed),
    gates,
    rows: { samples: result.rows, replicas: result.replicas.length, metrics: result.metrics.length },
  };
}

function metricGate(result: SimulatedTrial, gate: string, metric: string, limit: number, what: string): GateResult {
  const value = Math.max(0, ...result.metrics.filter((row) => row.metric === metric).map((row) => row.value));
  const detail = `The model reckons with ${percent(value)} ${what}.`;
  return { gate, passed: value <= limit, value, limit, detail };
}

/** The simulated samples in the form in which measured ones are judged. */
function outcomesOf({ samples, rows }: SimulatedTrial): Outcomes {
  return {
    rows,
    scheduled_s: samples.scheduled,
    started_s: samples.started,
    status: samples.status,
    error: (row) => ERRORS[samples.outcome[row]],
    responseMs: (row) => samples.responseTime(row),
  };
}

/** Moments at which fewer pods of a workload were wanted than before, seconds from the load's start. */
function scaleDownsOf({ replicas }: SimulatedTrial): number[] {
  const before = new Map<string, number>();
  return replicas.flatMap(({ at, workload, desired }) => {
    const fewer = desired < (before.get(workload) ?? desired);
    before.set(workload, desired);
    return fewer ? [at] : [];
  });
}
