import type { WorkloadName, WorkloadSettings } from '../../plan';
import { percentile } from '../campaign/trial-summary';

/** What a trial came to, measured or predicted: one definition for both sides of a comparison. */
export interface TrialOutcome {
  /** Percentiles of the response time of successful requests, milliseconds; NaN where none succeeded. */
  readonly p50: number;
  readonly p95: number;
  /** Share of failed requests, 0 to 1. */
  readonly failed: number;
  /** Successful requests per second of load. */
  readonly throughput: number;
  /** Ready pods of both workloads together, at each second of the load. */
  readonly ready: readonly number[];
  /** When more pods were first wanted than at the start, seconds into the load; absent where they never were. */
  readonly scaledUpAt?: number;
  /** What the pods that existed requested over the load, core-seconds. */
  readonly coreSeconds: number;
}

interface ReplicaRow {
  readonly at: number;
  readonly workload: string;
  readonly desired: number;
  readonly current: number;
  readonly ready: number;
}

interface Observed {
  /** Response times of the successful requests, milliseconds. */
  readonly times: readonly number[];
  /** All requests, failed and dropped ones included. */
  readonly requests: number;
  /** Length of the load, seconds. */
  readonly seconds: number;
  /** A row at the start and at every change. */
  readonly replicas: readonly ReplicaRow[];
  readonly settings: Readonly<Record<WorkloadName, Pick<WorkloadSettings, 'cpuMillicores'>>>;
}

export function outcomeOf({ times, requests, seconds, replicas, settings }: Observed): TrialOutcome {
  const sorted = Float64Array.from(times).sort();
  const workloads = Object.keys(settings) as WorkloadName[];
  const at = (second: number, workload: WorkloadName) =>
    replicas.filter((row) => row.workload === workload && row.at <= second).at(-1);
  const instants = Array.from({ length: Math.max(1, Math.floor(seconds)) }, (_, second) => second);
  const sumOver = (value: (row: ReplicaRow, workload: WorkloadName) => number) =>
    instants.map((second) =>
      workloads.reduce((sum, workload) => {
        const row = at(second, workload);
        return sum + (row === undefined ? 0 : value(row, workload));
      }, 0),
    );
  const scaledUp = replicas.find(
    ({ at: when, workload, desired }) =>
      when <= seconds && desired > (at(0, workload as WorkloadName)?.desired ?? desired),
  );
  return {
    p50: sorted.length > 0 ? percentile(sorted, 0.5) : NaN,
    p95: sorted.length > 0 ? percentile(sorted, 0.95) : NaN,
    failed: requests === 0 ? 0 : 1 - times.length / requests,
    throughput: times.length / seconds,
    ready: sumOver(({ ready }) => ready),
    ...(scaledUp && { scaledUpAt: scaledUp.at }),
    coreSeconds: sumOver(({ current }, workload) => (current * settings[workload].cpuMillicores) / 1000).reduce(
      (sum, value) => sum + value,
      0,
    ),
  };
}

/** The means of several trials; more pods were wanted at the mean time, where most of them wanted more. */
export function meanOutcome(outcomes: readonly TrialOutcome[]): TrialOutcome {
  const mean = (value: (one: TrialOutcome) => number) =>
    outcomes.reduce((sum, one) => sum + value(one), 0) / outcomes.length;
  const scaledUp = outcomes.flatMap(({ scaledUpAt }) => scaledUpAt ?? []);
  const seconds = Math.min(...outcomes.map(({ ready }) => ready.length));
  return {
    p50: mean(({ p50 }) => p50),
    p95: mean(({ p95 }) => p95),
    failed: mean(({ failed }) => failed),
    throughput: mean(({ throughput }) => throughput),
    ready: Array.from({ length: seconds }, (_, second) => mean(({ ready }) => ready[second])),
    ...(scaledUp.length * 2 > outcomes.length && {
      scaledUpAt: scaledUp.reduce((sum, at) => sum + at, 0) / scaledUp.length,
    }),
    coreSeconds: mean(({ coreSeconds }) => coreSeconds),
  };
}
