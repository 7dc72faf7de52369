import type { ArrivalSchedule } from '../../../plan';
import { sqlLiteral } from '../engine';
import { PERCENTILES, type AnalysisSettings } from '../settings';
import { LATE_START_S } from './own-load';

/**
 * Every query of the analysis, by the name that figures and tables cite. The report prints their text. `request` holds the
 * samples of the trials at hand; `slot` numbers the trials of a cell.
 */
export type QueryName =
  | 'requests'
  | 'seconds'
  | 'moving'
  | 'summary'
  | 'failures'
  | 'clock'
  | 'schedule'
  | 'replicas'
  | 'pods'
  | 'metrics'
  | 'resources'
  | 'pooled'
  | 'bootstrap'
  | 'windows'
  | 'phases';

export const QUERY_TITLES: Readonly<Record<QueryName, string>> = {
  requests:
    'Response time of each request: connection, TLS, waiting and receiving all counted; failed requests have none. Counted from the scheduled start, the lateness of the real start is added.',
  seconds:
    'Per second: offered (due in it), started, served (successfully answered in it), failed (due in it), in flight at its end, and the time-decayed EWMA of response time.',
  moving: 'Moving percentiles, exact, from the raw samples of the window that ends with each second.',
  summary: 'Totals and percentiles of one trial.',
  failures: 'Failed requests by cause.',
  clock:
    'Signs of a clock that went backwards, of requests that cannot be placed, and of a load that is not the trial’s.',
  schedule:
    'Requests that were due when the schedule of the trial has none, and those that share its moment with another.',
  replicas: 'Replicas of each workload, as intervals between two changes.',
  pods: 'The fewest pods of each workload and the most during the load, which must be numbers that its variant can have.',
  metrics:
    'The lowest and highest value of each metric, which must be possible, and moments at which one series has two values.',
  resources: 'CPU, memory, disk and network, carried forward to every second on the clock of the trial.',
  pooled: 'Percentiles of a cell from the raw samples of all its trials together.',
  bootstrap:
    'Response times in order, trial by trial; the percentile of a resample that holds trial i w(i) times is the smallest x at which Σ w(i)·(samples of i up to x) reaches p·Σ w(i)·n(i).',
  windows:
    'Successful requests, the sum of their response times, and those slower than each pooled percentile, by trial and tenth of the load.',
  phases: 'Mean time that successful requests spent in each phase.',
};

const RESPONSE_TIME = 'blocked_ms::DOUBLE + connecting_ms + tls_ms + sending_ms + waiting_ms + receiving_ms';

/** The temporary tables that a connection works on. */
export const CREATE_TABLES = `
CREATE OR REPLACE TEMP TABLE request (slot INTEGER, trial VARCHAR, scheduled_s DOUBLE, started_s DOUBLE, finished_s DOUBLE,
  response_ms DOUBLE, scheduled_ms DOUBLE, ok BOOLEAN, error VARCHAR, phase_ms DOUBLE, status INTEGER);
CREATE OR REPLACE TEMP TABLE replica (slot INTEGER, workload VARCHAR, at_s DOUBLE, until_s DOUBLE, desired INTEGER,
  current INTEGER, ready INTEGER);`;

/** Loads one trial's samples. */
export function requestsQuery(slot: number, file: string): string {
  return `
INSERT INTO request
SELECT ${slot} AS slot, trial, scheduled_s, started_s,
  started_s + coalesce(${RESPONSE_TIME}, 0) / 1000 AS finished_s,
  CASE WHEN error IS NULL THEN ${RESPONSE_TIME} END AS response_ms,
  CASE WHEN error IS NULL THEN ${RESPONSE_TIME} + greatest(0, started_s - scheduled_s) * 1000 END AS scheduled_ms,
  error IS NULL AND started_s IS NOT NULL AS ok,
  error,
  least(blocked_ms, connecting_ms, tls_ms, sending_ms, waiting_ms, receiving_ms) AS phase_ms,
  status
FROM read_parquet(${sqlLiteral(file)})`;
}

/** Loads one trial's replica timeline; each row holds until the next. */
export function replicasQuery(slot: number, file: string, endSeconds: number): string {
  return `
INSERT INTO replica
SELECT ${slot} AS slot, workload, at_s,
  coalesce(lead(at_s) OVER (PARTITION BY workload ORDER BY at_s), greatest(at_s, ${endSeconds})) AS until_s,
  desired, current, ready
FROM read_parquet(${sqlLiteral(file)})`;
}

export function replicaRowsQuery(slot: number): string {
  return `SELECT workload, at_s, until_s, desired, current, ready FROM replica WHERE slot = ${slot} ORDER BY workload, at_s`;
}

/**
 * Requests that were due when their schedule has none, and those that share a moment with another: request n is due when the
 * integral of the rate reaches n.
 */
export function scheduleQuery(slot: number, schedule: ArrivalSchedule): string {
  const integral = schedule.segments.map(
    ({ start, seconds, from, to, before }) =>
      `WHEN scheduled_s <= ${start + seconds + SCHEDULE_TOLERANCE} THEN ${before} + (scheduled_s - ${start}) * (${from} + ${(to - from) / seconds / 2} * (scheduled_s - ${start}))`,
  );
  return `
SELECT count(*) FILTER (WHERE number IS NULL OR abs(number - round(number)) > ${SCHEDULE_TOLERANCE}) AS unscheduled,
  count(*) - count(DISTINCT round(number)) AS repeated
FROM (SELECT CASE ${integral.join('\n    ')} END AS number FROM request WHERE slot = ${slot})`;
}

/** Parts of a request by which its due time may miss the schedule's: far more than numbers are rounded by. */
const SCHEDULE_TOLERANCE = 0.01;

/** The fewest and, during a load of so many seconds, the most pods of each workload; rows that have no number or no time. */
export function podsQuery(slot: number, endSeconds: number): string {
  return `
SELECT workload, min(least(desired, current, ready)) AS least,
  max(greatest(desired, current)) FILTER (WHERE until_s > 0 AND at_s < ${endSeconds}) AS most,
  count(*) FILTER (WHERE desired IS NULL OR current IS NULL OR ready IS NULL OR at_s IS NULL OR NOT isfinite(at_s)) AS unknown
FROM replica WHERE slot = ${slot} GROUP BY workload ORDER BY workload`;
}

/** What each metric lies between, and at how many moments one series of it has two values. The generators' own may share a moment. */
export function metricsQuery(file: string): string {
  return `
SELECT metric, min(least) AS least, max(most) AS most,
  count(*) FILTER (WHERE least < most AND metric NOT LIKE 'generator%') AS doubles
FROM (SELECT metric, min(value) AS least, max(value) AS most FROM read_parquet(${sqlLiteral(file)})
  GROUP BY metric, at_s, node, pod, container)
GROUP BY metric ORDER BY metric`;
}

/** Starts may jitter, but a later request never starts this much before an earlier one, nor before it was due. */
const CLOCK_TOLERANCE_S = 0.05;

export function clockQuery(slot: number, timeoutSeconds: number): string {
  return `
SELECT
  (SELECT count(*) FROM (
    SELECT started_s, max(started_s) OVER (ORDER BY scheduled_s, started_s ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS latest
    FROM request WHERE slot = ${slot}
  ) WHERE started_s < latest - ${CLOCK_TOLERANCE_S}) AS reversed,
  count(*) FILTER (WHERE started_s < scheduled_s - ${CLOCK_TOLERANCE_S}) AS early,
  count(*) FILTER (WHERE phase_ms < 0) AS negative,
  count(*) FILTER (WHERE scheduled_s < 0 OR scheduled_s IS NULL) AS unplaced,
  count(*) FILTER (WHERE ok AND (response_ms IS NULL OR NOT isfinite(response_ms))) AS untimed,
  count(*) AS due, max(scheduled_s) AS last_due,
  count(*) FILTER (WHERE started_s > scheduled_s + ${LATE_START_S}) AS late,
  count(*) FILTER (WHERE ok AND (status < 200 OR status > 299)) AS refused,
  count(*) FILTER (WHERE finished_s - started_s > ${1.5 * timeoutSeconds}) AS endless,
  count(*) FILTER (WHERE status < 0 OR status > 999) AS no_status, max(started_s) AS last_started,
  min(trial) AS trial, max(trial) AS last_trial
FROM request WHERE slot = ${slot}`;
}

export function summaryQuery(slot: number, objectiveMs: number): string {
  return `
SELECT count(*) AS due, count(started_s) AS started,
  count(*) FILTER (WHERE ok) AS succeeded,
  count(*) FILTER (WHERE NOT ok) AS failed,
  count(*) FILTER (WHERE error = 'dropped') AS dropped,
  count(*) FILTER (WHERE ok AND response_ms > ${objectiveMs}) AS slow,
  avg(response_ms) FILTER (WHERE ok) AS mean_ms,
  quantile_cont(response_ms, [${PERCENTILES.join(', ')}]) FILTER (WHERE ok) AS percentiles_ms,
  quantile_cont(scheduled_ms, [${PERCENTILES.join(', ')}]) FILTER (WHERE ok) AS scheduled_percentiles_ms,
  max(response_ms) FILTER (WHERE ok) AS max_ms,
  max(scheduled_ms) FILTER (WHERE ok) AS scheduled_max_ms,
  max(scheduled_s) AS last_due_s
FROM request WHERE slot = ${slot}`;
}

export function failuresQuery(slot: number): string {
  return `
SELECT coalesce(error, 'unknown') AS error, count(*) AS requests
FROM request WHERE slot = ${slot} AND NOT ok GROUP BY 1 ORDER BY requests DESC, 1`;
}

/**
 * The EWMA at a second's end, Σ x·2^(t/h) / Σ 2^(t/h) over all successful requests due so far: pandas' `ewm(halflife,
 * times).mean()`. A request that was interrupted was inside the system until then, so it leaves in the second after.
 */
export function secondsQuery(slot: number, settings: AnalysisSettings, seconds: number): string {
  const weight = `pow(2, (scheduled_s - ${seconds / 2}) / ${settings.halfLifeSeconds})`;
  return `
WITH due AS (
  SELECT floor(scheduled_s)::INTEGER AS second, count(*) AS offered, count(*) FILTER (WHERE NOT ok) AS failed,
    count(*) FILTER (WHERE error = 'interrupted') AS interrupted,
    sum(response_ms * ${weight}) FILTER (WHERE ok) AS weighted, sum(${weight}) FILTER (WHERE ok) AS weight
  FROM request WHERE slot = ${slot} GROUP BY 1
), begun AS (
  SELECT floor(started_s)::INTEGER AS second, count(*) AS started
  FROM request WHERE slot = ${slot} AND started_s IS NOT NULL GROUP BY 1
), ended AS (
  SELECT floor(finished_s)::INTEGER + (error IS NOT DISTINCT FROM 'interrupted')::INTEGER AS second, count(*) AS ended,
    count(*) FILTER (WHERE ok) AS served
  FROM request WHERE slot = ${slot} AND started_s IS NOT NULL GROUP BY 1
)
SELECT grid.range AS second,
  coalesce(offered, 0) AS offered, coalesce(failed, 0) AS failed, coalesce(interrupted, 0) AS interrupted,
  coalesce(started, 0) AS started, coalesce(served, 0) AS served,
  sum(coalesce(started, 0) - coalesce(ended, 0)) OVER so_far AS in_flight,
  sum(weighted) OVER so_far / nullif(sum(weight) OVER so_far, 0) AS ewma_ms
FROM range(0, ${seconds}) AS grid
LEFT JOIN due ON due.second = grid.range
LEFT JOIN begun ON begun.second = grid.range
LEFT JOIN ended ON ended.second = grid.range
WINDOW so_far AS (ORDER BY grid.range ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
ORDER BY second`;
}

export function movingQuery(slot: number, settings: AnalysisSettings, seconds: number): string {
  const columns = ['p50', 'p90', 'p95', 'p99'].map((name, index) => `q[${index + 1}] AS ${name}`).join(', ');
  return `
SELECT second, ${columns} FROM (
  SELECT second, quantile_cont(response_ms, [${PERCENTILES.join(', ')}]) AS q
  FROM (
    SELECT unnest(range(due, due + ${settings.windowSeconds})) AS second, response_ms
    FROM (SELECT floor(scheduled_s)::INTEGER AS due, response_ms FROM request WHERE slot = ${slot} AND ok)
  )
  WHERE second < ${seconds} GROUP BY second
) ORDER BY second`;
}

/** The phases of a request, in the order in which it passes them, by the column that holds each. */
export const PHASES = ['blocked', 'connecting', 'tls', 'sending', 'waiting', 'receiving'] as const;
export type Phase = (typeof PHASES)[number];

export function phasesQuery(file: string): string {
  return `
SELECT ${PHASES.map((phase) => `avg(${phase}_ms) AS ${phase}`).join(', ')}
FROM read_parquet(${sqlLiteral(file)}) WHERE error IS NULL AND started_s IS NOT NULL`;
}

/** A metric point holds for at most this long: two intervals of a monitor that reports every minute. */
const METRIC_HOLDS_S = 120;

/** Columns of the resources query. */
export const RESOURCE_COLUMNS = [
  'django_cpu',
  'idaes_cpu',
  'other_cpu',
  'django_memory',
  'idaes_memory',
  'other_memory',
  'node_cpu',
  'busiest_node_cpu',
  'node_memory',
  'disk',
  'network',
  'pods',
  'throttled',
  'waiting_clients',
  'container_disk',
  'pod_network',
] as const;
export type ResourceColumn = (typeof RESOURCE_COLUMNS)[number];

export function resourcesQuery(file: string, seconds: number): string {
  const containers = (metric: string, which: string) => `sum(value) FILTER (WHERE metric = '${metric}' AND ${which})`;
  const nodes = (metric: string, how = 'sum') => `${how}(value) FILTER (WHERE metric = '${metric}')`;
  const django = `container = 'django-api'`;
  const idaes = `container = 'idaes'`;
  const other = `coalesce(container, '') NOT IN ('django-api', 'idaes')`;
  return `
WITH point AS (
  SELECT at_s,
    ${containers('container_cpu_cores', django)} AS django_cpu,
    ${containers('container_cpu_cores', idaes)} AS idaes_cpu,
    ${containers('container_cpu_cores', other)} AS other_cpu,
    ${containers('container_memory_bytes', django)} AS django_memory,
    ${containers('container_memory_bytes', idaes)} AS idaes_memory,
    ${containers('container_memory_bytes', other)} AS other_memory,
    ${nodes('node_cpu_cores')} AS node_cpu,
    ${nodes('node_cpu_cores', 'max')} AS busiest_node_cpu,
    ${nodes('node_memory_bytes')} AS node_memory,
    ${nodes('node_disk_bytes_per_second')} AS disk,
    ${nodes('node_network_bytes_per_second')} AS network,
    ${nodes('pod_count')} AS pods,
    max(value) FILTER (WHERE metric = 'container_cfs_throttled_ratio' AND container IN ('django-api', 'idaes')) AS throttled,
    ${nodes('pgbouncer_waiting_clients')} AS waiting_clients,
    ${nodes('container_disk_bytes_per_second')} AS container_disk,
    ${nodes('pod_network_bytes_per_second')} AS pod_network
  FROM read_parquet(${sqlLiteral(file)}) WHERE isfinite(value) GROUP BY at_s
), held AS (
  SELECT at_s, ${RESOURCE_COLUMNS.map((name) => `last_value(${name} IGNORE NULLS) OVER recent AS ${name}`).join(', ')}
  FROM point WINDOW recent AS (ORDER BY at_s RANGE BETWEEN ${METRIC_HOLDS_S} PRECEDING AND CURRENT ROW)
)
SELECT grid.range AS second, ${RESOURCE_COLUMNS.map(
    (name) => `CASE WHEN grid.range - at_s < ${METRIC_HOLDS_S} THEN ${name} END AS ${name}`,
  ).join(', ')}
FROM range(0, ${seconds}) AS grid ASOF LEFT JOIN held ON grid.range >= held.at_s
ORDER BY second`;
}

/**
 * Shares at which the distribution of a cell is drawn: evenly in the middle, then ever nearer to the maximum, as HdrHistogram's
 * percentile distribution has it.
 */
export const SPECTRUM = [
  0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999, 0.9995,
  0.9999, 1,
] as const;

export function pooledQuery(slots: readonly number[]): string {
  return `
SELECT count(*) AS samples, quantile_cont(response_ms, [${PERCENTILES.join(', ')}]) AS percentiles_ms,
  quantile_cont(scheduled_ms, [${PERCENTILES.join(', ')}]) AS scheduled_percentiles_ms,
  quantile_cont(response_ms, [${SPECTRUM.join(', ')}]) AS spectrum_ms
FROM request WHERE ok AND slot IN (${slots.join(', ')})`;
}

/** How many successful requests took how many whole microseconds, and when the last of those ended: for histograms that are exported. */
export function histogramQuery(slot: number): string {
  return `
SELECT round(response_ms * 1000) AS microseconds, count(*) AS requests, max(finished_s) AS finished_s
FROM request WHERE ok AND slot = ${slot} GROUP BY microseconds`;
}

/** A cell's response times in order, trial by trial: what the resamples' percentiles are read from by weighted rank. */
export function bootstrapQuery(slots: readonly number[]): string {
  return `
SELECT slot, response_ms FROM request WHERE ok AND slot IN (${slots.join(', ')})
ORDER BY slot, response_ms`;
}

/** For each trial and window of the load: its successful requests, their summed response time, and how many were slower than each value. */
export function windowsQuery(slots: readonly number[], values: readonly number[], windowSeconds: number): string {
  const slower = values.map((value, index) => `count(*) FILTER (WHERE response_ms > ${value}) AS slower_${index}`);
  return `
SELECT slot, floor(scheduled_s / ${windowSeconds})::INTEGER AS window_number, count(*) AS requests,
  sum(response_ms) AS total_ms,
  ${slower.join(', ')}
FROM request WHERE ok AND slot IN (${slots.join(', ')}) GROUP BY 1, 2`;
}
