import type { NumberColumn } from '../engine';
import type { TrialFinding } from '../finding';
import type { Phase, ResourceColumn } from './queries';
import type { ScalingMeasures } from './scaling-measures';
import type { PercentileName } from '../settings';
import type { ChangePoint } from '../../statistics/change-point';

/** Everything per second of the trial, on its clock; NaN where there is no value. */
export type TrialSeries = Readonly<
  Record<
    | 'offered'
    | 'failed'
    | 'interrupted'
    | 'started'
    | 'served'
    | 'in_flight'
    | 'ewma_ms'
    | PercentileName
    | ResourceColumn,
    NumberColumn
  >
> & {
  /** Replicas of each loaded workload at the start of each second. */
  readonly replicas: Readonly<Record<string, { readonly desired: NumberColumn; readonly ready: NumberColumn }>>;
};

/** The figures of one trial. Null: there is no such figure, for a reason that a finding or the column's title states. */
export interface TrialMeasures {
  readonly due: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly dropped: number;
  /** Share of requests due that failed or were dropped. */
  readonly errorShare: number;
  /**
   * More starts were dropped than a healthy system loses by chance, because every virtual user was waiting: the response times
   * below leave those requests out, and so are lower bounds.
   */
  readonly saturated: boolean;
  /** Requests that failed, were dropped, or took longer than the objective, from the load's first step to its end. */
  readonly degraded: number;
  /** Their share of the requests due. */
  readonly degradedShare: number;
  /** Response times of successful requests, milliseconds. */
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  /** The same, counted from the scheduled start: what a late start adds is in it (coordinated omission). */
  readonly fromSchedule: Readonly<Record<PercentileName | 'max', number | null>>;
  /** Mean time that successful requests spent in each phase, milliseconds. */
  readonly phases: Readonly<Record<Phase, number>> | null;
  /** Length of the load, seconds: up to the last request due where the load stopped early. */
  readonly loadSeconds: number;
  /** Requests per second over the load. */
  readonly offeredRate: number;
  readonly servedRate: number;
  /** Requests answered within the objective per second over the load. */
  readonly goodRate: number;
  /** Highest rate served over 30 s with hardly any failures, requests per second; null where no 30 s had so few. */
  readonly sustainedRate: number | null;
  /** The load never asked for more than was served, so the system sustains that much or more. */
  readonly sustainedAtLeast: boolean;
  /** Where the climbing load left the linear regime; null under other profiles, and where it never did or never was in it. */
  readonly changePoint: ChangePoint | null;
  readonly scaling: readonly ScalingMeasures[];
  /** CPU requested by the pods that existed, over the load, core-seconds; null where the plan does not know the variant. */
  readonly reservedCoreSeconds: number | null;
  /** CPU used by the loaded workloads' containers, core-seconds; null without metrics. */
  readonly usedCoreSeconds: number | null;
  /** Most memory of the loaded workloads' containers during the load, MiB; null without metrics. */
  readonly memoryMiB: number | null;
  /** Largest share of CFS periods in which a container of a loaded workload was held back by its limit; null where unknown. */
  readonly throttledShare: number | null;
  /** Most clients that waited for a connection of PgBouncer at once; null where unknown. */
  readonly waitingClients: number | null;
  /** Disk traffic of the containers and network traffic of the pods, mean over the load, bytes per second; null where unknown. */
  readonly containerDisk: number | null;
  readonly podNetwork: number | null;
  readonly failures: readonly { readonly error: string; readonly requests: number }[];
  /** Spearman's rank correlation of each secondary metric with the moving p95; null where either does not vary. */
  readonly correlations: Readonly<Record<string, number | null>>;
  /** The same at equal offered rate (partial rank correlation): what load alone does not explain. */
  readonly correlationsAtEqualLoad: Readonly<Record<string, number | null>>;
}

/** One trial, measured. */
export interface TrialFigures {
  readonly measures: TrialMeasures;
  readonly series: TrialSeries;
  readonly findings: readonly TrialFinding[];
}
