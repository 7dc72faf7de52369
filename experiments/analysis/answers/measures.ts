import type { QueryName } from '../measurement/trial/queries';
import { PERCENTILE_NAMES, type PercentileName } from '../measurement/settings';
import type { ComparisonScale } from '../statistics/comparison';
import type { TrialMeasures } from '../measurement/trial/result';

/** What measures are told in; empty for what is counted. */
export type Unit = 'ms' | 's' | '%' | 'req/s' | 'core-s' | 'MiB' | 'MiB/s' | '% of CFS periods' | '';

/** A figure that each trial has one of. */
export interface Measure {
  readonly key: string;
  readonly title: string;
  readonly unit: Unit;
  readonly query: QueryName;
  readonly of: (measures: TrialMeasures) => number | null;
  /** How variants are compared by it. */
  readonly scale: ComparisonScale;
  /** Whether a trial's figure is only a lower bound. */
  readonly censored?: (measures: TrialMeasures) => boolean;
  /** The most that it can be, of each load where loads differ. */
  readonly most?: number | ((measures: TrialMeasures) => number);
  /** Of a share: how many requests it counts, and of how many. */
  readonly counts?: (measures: TrialMeasures) => { readonly counted: number; readonly of: number };
}

const saturated = (measures: TrialMeasures) => measures.saturated;

const mebibytes = (bytes: number | null) => (bytes === null ? null : bytes / 2 ** 20);

const sumOfScaling = (pick: (one: TrialMeasures['scaling'][number]) => number) => (measures: TrialMeasures) =>
  measures.scaling.length === 0 ? null : measures.scaling.reduce((sum, one) => sum + pick(one), 0);
const slowestOfScaling =
  (pick: (one: TrialMeasures['scaling'][number]) => number | null) => (measures: TrialMeasures) => {
    const known = measures.scaling.map(pick).filter((value) => value !== null);
    return known.length === 0 ? null : Math.max(...known);
  };

const RESPONSE_MEASURES = Object.fromEntries(
  PERCENTILE_NAMES.map((name) => [
    name,
    {
      key: name,
      title: `${name} response time`,
      unit: 'ms',
      query: 'pooled',
      of: (one) => one[name],
      scale: 'ratio',
      censored: saturated,
    },
  ]),
) as Record<PercentileName, Measure>;

/** Every measure, by key. */
export const MEASURES = {
  ...RESPONSE_MEASURES,
  mean: {
    key: 'mean',
    title: 'mean response time',
    unit: 'ms',
    query: 'summary',
    of: (one) => one.mean,
    scale: 'ratio',
    censored: saturated,
  },
  max: {
    key: 'max',
    title: 'slowest response',
    unit: 'ms',
    query: 'summary',
    of: (one) => one.max,
    scale: 'ratio',
    censored: saturated,
  },
  p95FromSchedule: {
    key: 'p95FromSchedule',
    title: 'p95 from the scheduled start',
    unit: 'ms',
    query: 'summary',
    of: (one) => one.fromSchedule.p95,
    scale: 'ratio',
    censored: saturated,
  },
  p99FromSchedule: {
    key: 'p99FromSchedule',
    title: 'p99 from the scheduled start',
    unit: 'ms',
    query: 'summary',
    of: (one) => one.fromSchedule.p99,
    scale: 'ratio',
    censored: saturated,
  },
  served: {
    key: 'served',
    title: 'throughput served',
    unit: 'req/s',
    query: 'summary',
    of: (one) => one.servedRate,
    scale: 'ratio',
    most: ({ offeredRate }) => offeredRate,
  },
  offered: {
    key: 'offered',
    title: 'throughput offered',
    unit: 'req/s',
    query: 'summary',
    of: (one) => one.offeredRate,
    scale: 'ratio',
  },
  errors: {
    key: 'errors',
    title: 'error rate',
    unit: '%',
    query: 'summary',
    of: (one) => one.errorShare * 100,
    scale: 'difference',
    most: 100,
    counts: ({ failed, due }) => ({ counted: failed, of: due }),
  },
  degradedShare: {
    key: 'degradedShare',
    title: 'failed or over the objective',
    unit: '%',
    query: 'summary',
    of: (one) => one.degradedShare * 100,
    scale: 'difference',
    most: 100,
    counts: ({ degraded, due }) => ({ counted: degraded, of: due }),
  },
  good: {
    key: 'good',
    title: 'goodput',
    unit: 'req/s',
    query: 'summary',
    of: (one) => one.goodRate,
    scale: 'ratio',
    most: ({ offeredRate }) => offeredRate,
  },
  breakpoint: {
    key: 'breakpoint',
    title: 'breakpoint',
    unit: 'req/s',
    query: 'seconds',
    of: (one) => one.changePoint?.rate ?? null,
    scale: 'ratio',
  },
  sustained: {
    key: 'sustained',
    title: 'peak sustained throughput',
    unit: 'req/s',
    query: 'seconds',
    of: (one) => one.sustainedRate,
    scale: 'ratio',
    censored: (one) => one.sustainedAtLeast,
  },
  reaction: {
    key: 'reaction',
    title: 'start of load to first scale-up',
    unit: 's',
    query: 'replicas',
    of: slowestOfScaling((one) => one.reactionSeconds),
    scale: 'difference',
    most: ({ loadSeconds }) => loadSeconds,
  },
  ready: {
    key: 'ready',
    title: 'start of load to all replicas ready',
    unit: 's',
    query: 'replicas',
    of: slowestOfScaling((one) => one.stepToReadySeconds),
    scale: 'difference',
    most: ({ loadSeconds }) => loadSeconds,
  },
  turns: {
    key: 'turns',
    title: 'direction changes',
    unit: '',
    query: 'replicas',
    of: sumOfScaling((one) => one.directionChanges),
    scale: 'difference',
  },
  degraded: {
    key: 'degraded',
    title: 'requests failed or over the objective',
    unit: '',
    query: 'summary',
    of: (one) => one.degraded,
    scale: 'difference',
    most: ({ due }) => due,
  },
  reserved: {
    key: 'reserved',
    title: 'CPU reserved',
    unit: 'core-s',
    query: 'replicas',
    of: (one) => one.reservedCoreSeconds,
    scale: 'ratio',
  },
  used: {
    key: 'used',
    title: 'CPU used',
    unit: 'core-s',
    query: 'resources',
    of: (one) => one.usedCoreSeconds,
    scale: 'ratio',
  },
  reservedPerGood: {
    key: 'reservedPerGood',
    title: 'CPU reserved per good request',
    unit: 'core-s',
    query: 'replicas',
    of: (one) => {
      const good = one.due - one.degraded;
      return one.reservedCoreSeconds === null || good === 0 ? null : one.reservedCoreSeconds / good;
    },
    scale: 'ratio',
  },
  memory: {
    key: 'memory',
    title: 'most memory in use',
    unit: 'MiB',
    query: 'resources',
    of: (one) => one.memoryMiB,
    scale: 'ratio',
  },
  throttled: {
    key: 'throttled',
    title: 'most throttled container',
    unit: '% of CFS periods',
    query: 'resources',
    of: (one) => (one.throttledShare === null ? null : one.throttledShare * 100),
    scale: 'difference',
    most: 100,
  },
  waitingClients: {
    key: 'waitingClients',
    title: 'most clients waiting at PgBouncer',
    unit: '',
    query: 'resources',
    of: (one) => one.waitingClients,
    scale: 'difference',
  },
  containerDisk: {
    key: 'containerDisk',
    title: 'disk traffic of containers',
    unit: 'MiB/s',
    query: 'resources',
    of: (one) => mebibytes(one.containerDisk),
    scale: 'ratio',
  },
  podNetwork: {
    key: 'podNetwork',
    title: 'network traffic of pods',
    unit: 'MiB/s',
    query: 'resources',
    of: (one) => mebibytes(one.podNetwork),
    scale: 'ratio',
  },
} as const satisfies Record<string, Measure>;

/** What users met and what was carried: the columns of a table of a whole load. */
export const SERVICE_MEASURES: readonly Measure[] = [
  MEASURES.p50,
  MEASURES.p95,
  MEASURES.p99,
  MEASURES.p95FromSchedule,
  MEASURES.max,
  MEASURES.served,
  MEASURES.errors,
  MEASURES.degradedShare,
  MEASURES.good,
  MEASURES.breakpoint,
  MEASURES.sustained,
];
