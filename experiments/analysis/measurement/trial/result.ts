import type { NumberColumn } from '../engine';
import type { Finding } from '../finding';
import type { ResourceColumn } from './queries';
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
  /** Share of successful requests slower than the objective. */
  readonly slowShare: number | null;
  /** Response times, milliseconds. */
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  /** Length of the load, seconds: shorter than scheduled where the load stopped early. */
  readonly loadSeconds: number;
  /** Requests per second over the load. */
  readonly offeredRate: number;
  readonly servedRate: number;
  /** Highest rate served over 30 s with hardly any failures and no growing backlog, requests per second. */
  readonly sustainedRate: number | null;
  /** Where the climbing load left the linear regime; null under other profiles, and where it never did. */
  readonly changePoint: ChangePoint | null;
  readonly scaling: readonly ScalingMeasures[];
  /** Requests that failed or missed the objective while pods were missing. */
  readonly hurtWhileScaling: number | null;
  /** CPU requested by the pods that existed, over time, core-seconds; null where the plan does not know the variant. */
  readonly reservedCoreSeconds: number | null;
  /** CPU used by the loaded workloads' containers, core-seconds; null without metrics. */
  readonly usedCoreSeconds: number | null;
  readonly failures: readonly { readonly error: string; readonly requests: number }[];
  /** Spearman's rank correlation of each secondary metric with the moving p95; null where either does not vary. */
  readonly correlations: Readonly<Record<string, number | null>>;
}

/** One trial, measured. */
export interface TrialResult {
  readonly measures: TrialMeasures;
  readonly series: TrialSeries;
  readonly findings: readonly Finding[];
}
