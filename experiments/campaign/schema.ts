/**
 * The shape of everything a campaign leaves on disk. The runner (k6 or the embedded generator) and the rehearsal
 * write it; the analysis reads it. Parquet files carry the schema version as key-value metadata under
 * {@link SCHEMA_VERSION_KEY}, and a reader refuses a version that it does not know.
 *
 * One campaign is one folder:
 *
 *     <campaign>/campaign.json             plan, seed, git commit, environment facts (see CampaignManifest)
 *     <campaign>/plan.json                 the plan that it began with (see CampaignPlan): experiments, loads, limits, trials
 *     <campaign>/journal.jsonl             append-only journal of the runner
 *     <campaign>/trials/<trial>/trial.json      verdict and gates of the attempt (see TrialRecord)
 *     <campaign>/trials/<trial>/samples.parquet one row per request
 *     <campaign>/trials/<trial>/replicas.parquet one row per observation of a workload's replicas
 *     <campaign>/trials/<trial>/metrics.parquet one row per metric point
 *
 * <trial> is the trial's stable id, followed by `.attempt-<n>` from the second attempt on.
 * Times are seconds: `*_s` columns count from the trial's start, on the generator's clock; `started_at` in trial.json
 * places that start on the wall clock. Durations are milliseconds (`*_ms`).
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

/** How a trial was obtained. `rehearsed` data must never be mistaken for measured data. */
export type TrialOrigin = 'measured' | 'rehearsed';

/** One validity gate's verdict, with the figure that decided it. */
export interface GateResult {
  /** Stable name, such as `generator-cpu`. */
  readonly gate: string;
  readonly passed: boolean;
  /** The figure measured; absent where nothing could be measured (then `passed` is false). */
  readonly value?: number;
  /** The limit it was held against. */
  readonly limit?: number;
  /** One sentence for a person: what was seen, and where. */
  readonly detail: string;
  /** What to do about it, in one sentence; only where it did not pass. */
  readonly remedy?: string;
}

/** trial.json: written last and atomically, so a folder without one is an unfinished attempt. */
export interface TrialRecord {
  readonly schemaVersion: number;
  /** Stable id: `<experiment>.<test type>.<variant>.<profile>.<repetition>`. */
  readonly trial: string;
  readonly attempt: number;
  readonly experiment: string;
  /** Test type of the spec. */
  readonly testType: 'uor' | 'fs';
  readonly variant: string;
  readonly profile: 'average' | 'stress' | 'spike' | 'breakpoint' | 'waves';
  /** 1-based repetition; equals the block number. */
  readonly repetition: number;
  readonly origin: TrialOrigin;
  /** Which generator sent the load. */
  readonly generator: 'k6' | 'embedded' | 'simulation';
  /** Wall-clock start, ISO 8601 UTC. */
  readonly startedAt: string;
  /** Length of the load phase as scheduled, seconds. */
  readonly scheduledSeconds: number;
  /** Load scale that was applied to the profile's rates and duration (1 = the plan's own). */
  readonly scale: { readonly rate: number; readonly duration: number };
  /** True where the breakpoint's abort rule ended the load early. */
  readonly aborted: boolean;
  /**
   * True where so many starts were dropped, because all virtual users were busy, that percentiles are only lower bounds.
   * Such a trial counts: the dropped starts are failed requests. Absent in records of version 1, where none was.
   */
  readonly saturated?: boolean;
  readonly valid: boolean;
  readonly gates: readonly GateResult[];
  /** Rows per file, for a reader to check against. */
  readonly rows: { readonly samples: number; readonly replicas: number; readonly metrics: number };
}

/** campaign.json: what was meant to run, and where. */
export interface CampaignManifest {
  readonly schemaVersion: number;
  readonly campaign: string;
  readonly origin: TrialOrigin;
  readonly createdAt: string;
  /** Seed of the randomised blocks (and of the simulation, where rehearsed). */
  readonly seed: number;
  /** Commit of this repository the manifests came from. */
  readonly gitCommit: string;
  /** Trial ids in the order they are to run. */
  readonly order: readonly string[];
  /** Facts of the environment (versions, nodes, generator host), as text. */
  readonly environment: Readonly<Record<string, string>>;
  /** How the runner was told to run; a resumed run follows it. Absent where nothing was run (a rehearsal). */
  readonly settings?: CampaignSettings;
}

/** What a campaign's runner was told. */
export interface CampaignSettings {
  readonly site: 'cluster' | 'local' | 'live';
  /** Generators of the embedded kind that share each load; 1 where it is absent. */
  readonly generators?: number;
  readonly generator: 'k6' | 'embedded';
  readonly scale: { readonly rate: number; readonly duration: number };
  /** Attempts per trial before it is given up as invalid. */
  readonly attempts: number;
}
