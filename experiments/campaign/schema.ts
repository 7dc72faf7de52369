/**
 * The shape of everything a campaign leaves on disk, whoever writes it. Parquet files carry the schema version as metadata
 * under {@link SCHEMA_VERSION_KEY}; a reader refuses one that it does not know.
 *   <campaign>/campaign.json             seed, git commit, environment facts (see CampaignManifest)
 *   <campaign>/plan.json                 the plan that it began with (see CampaignPlan)
 *   <campaign>/journal.jsonl             append-only journal of the runner
 *   <campaign>/trials/<trial>/trial.json      verdict and gates of the attempt (see TrialRecord)
 *   <campaign>/trials/<trial>/<table>.parquet a row per request, observation of replicas, or metric point
 * <trial> is the trial's stable id, followed by `.attempt-<n>` from the second attempt on. `*_s` are seconds since the
 * trial's start on the generator's clock (`started_at` places it on the wall clock), `*_ms` durations in milliseconds.
 */
export const SCHEMA_VERSION = 1;

/**
 * Version of trial.json, and those that can be read. 1 had no `saturated`: a trial of it that dropped starts was void, so
 * none that counts was saturated.
 */
export const RECORD_VERSION = 2;
export const READABLE_RECORD_VERSIONS: readonly number[] = [1, RECORD_VERSION];

/** Key of the Parquet key-value metadata that carries {@link SCHEMA_VERSION}. */
export const SCHEMA_VERSION_KEY = 'ahuora.schema_version';

/** Column types in use, by their DuckDB names. */
export type ColumnType = 'DOUBLE' | 'FLOAT' | 'INTEGER' | 'SMALLINT' | 'VARCHAR' | 'BOOLEAN';

/** One row per request that was due, dropped starts included. */
export const SAMPLE_COLUMNS = {
  /** Stable id of the trial; the same on every row of a file. */
  trial: 'VARCHAR',
  /** When the arrival schedule asked for the request. */
  scheduled_s: 'DOUBLE',
  /** When the request really started; NULL where the start was dropped. */
  started_s: 'DOUBLE',
  /** Waiting for a free connection slot, DNS included. */
  blocked_ms: 'FLOAT',
  /** TCP connection. */
  connecting_ms: 'FLOAT',
  /** TLS handshake. */
  tls_ms: 'FLOAT',
  /** Writing the request. */
  sending_ms: 'FLOAT',
  /** Time to the first byte of the response. */
  waiting_ms: 'FLOAT',
  /** Reading the response. */
  receiving_ms: 'FLOAT',
  /** HTTP status; 0 where no response came. */
  status: 'SMALLINT',
  /** Why the request failed (`dropped`, `timeout`, `refused`, `reset`, `tls`, `status`, `redirect`, …); NULL on success. */
  error: 'VARCHAR',
} as const satisfies Record<string, ColumnType>;

/** One row whenever the watched replicas of a workload change, and one at the start and the end of the trial. */
export const REPLICA_COLUMNS = {
  at_s: 'DOUBLE',
  /** `django-api` or `idaes`. */
  workload: 'VARCHAR',
  /** `spec.replicas`: what the autoscaler (or the manifest) asks for. */
  desired: 'INTEGER',
  /** `status.replicas`: pods that exist. */
  current: 'INTEGER',
  /** `status.readyReplicas`: pods that receive traffic. */
  ready: 'INTEGER',
} as const satisfies Record<string, ColumnType>;

/** One row per metric point, in long form, sampled on the trial's clock. */
export const METRIC_COLUMNS = {
  at_s: 'DOUBLE',
  /**
   * `container_cpu_cores`, `container_memory_bytes`, `node_cpu_cores`, `node_memory_bytes`, `node_disk_bytes_per_second`,
   * `node_network_bytes_per_second`, `pod_count`, `container_count`, `generator_cpu_ratio`, `generator_memory_ratio`. Where the
   * site can tell: `container_disk_bytes_per_second`, `pod_network_bytes_per_second`, `container_cfs_throttled_ratio`,
   * `pgbouncer_waiting_clients`, `node_temperature_celsius`, `node_undervoltage`, `node_throttled`, `node_cpu_frequency_cap_ratio`.
   */
  metric: 'VARCHAR',
  /** Node name, where the metric has one. */
  node: 'VARCHAR',
  /** Pod name, where the metric has one. */
  pod: 'VARCHAR',
  /** Container name, where the metric has one. */
  container: 'VARCHAR',
  value: 'DOUBLE',
} as const satisfies Record<string, ColumnType>;
