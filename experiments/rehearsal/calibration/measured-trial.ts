import path from 'node:path';
import {
  CampaignFolder,
  parsePlan,
  plannedVariant,
  planOf,
  readTable,
  REPLICA_COLUMNS,
  SAMPLE_COLUMNS,
  type CampaignPlan,
  type PlannedVariant,
  type TrialRecord,
} from '../../campaign';

/** A measured trial, one array per column; failed requests have no times. */
export interface MeasuredTrial {
  readonly record: TrialRecord;
  /** What ran, as its campaign planned it; absent where its plan does not know it. */
  readonly variant?: PlannedVariant;
  /** When the request reached the server's side of the open connection, and when its answer was there; seconds. */
  readonly sent: readonly number[];
  readonly answered: readonly number[];
  readonly connectingMs: readonly number[];
  readonly tlsMs: readonly number[];
  /** All phases together, milliseconds. */
  readonly responseMs: readonly number[];
  readonly requests: number;
  /** How long the load lasted, seconds: as scheduled, or until it was aborted. */
  readonly loadSeconds: number;
  /** Replicas of each workload: a row at the start and at every change. */
  readonly replicas: readonly {
    readonly at: number;
    readonly workload: string;
    readonly desired: number;
    readonly current: number;
    readonly ready: number;
  }[];
}

/**
 * Reads the trials of a measured campaign.
 *
 * @throws Error when the campaign is a rehearsal, or has no trial to learn from.
 */
export async function readMeasuredTrials(folder: string, includeInvalid: boolean): Promise<MeasuredTrial[]> {
  const campaign = CampaignFolder.open(folder);
  if (campaign.manifest.origin !== 'measured') {
    throw new Error(`${folder} was rehearsed, not measured: calibration needs a campaign of the runner.`);
  }
  const records = campaign.records().filter((record) => record.valid || includeInvalid);
  if (records.length === 0) {
    throw new Error(`${folder} has no valid trial: run it again, or add --include-invalid to learn from invalid ones.`);
  }
  const plan = parsePlan(campaign.plan(), `${folder}/plan.json`) ?? planOf([]);
  return Promise.all(records.map((record) => readTrial(campaign, record, plan)));
}

async function readTrial(campaign: CampaignFolder, record: TrialRecord, plan: CampaignPlan): Promise<MeasuredTrial> {
  const attempt = campaign.attemptPath(record.trial, record.attempt);
  const rows = await readTable(path.join(attempt, 'samples.parquet'), SAMPLE_COLUMNS);
  const replicas = await readTable(path.join(attempt, 'replicas.parquet'), REPLICA_COLUMNS);
  const successes = rows.filter((row) => row.error === null);
  const sum = (row: (typeof rows)[number], ...columns: (keyof typeof SAMPLE_COLUMNS)[]) =>
    columns.reduce((total, column) => total + Number(row[column]), 0);
  const sent = successes.map(
    (row) => Number(row.started_s) + sum(row, 'blocked_ms', 'connecting_ms', 'tls_ms', 'sending_ms') / 1000,
  );
  return {
    record,
    variant: plannedVariant(plan, record),
    sent,
    answered: successes.map((row, index) => sent[index] + sum(row, 'waiting_ms') / 1000),
    connectingMs: successes.map((row) => Number(row.connecting_ms)),
    tlsMs: successes.map((row) => Number(row.tls_ms)),
    responseMs: successes.map((row) =>
      sum(row, 'blocked_ms', 'connecting_ms', 'tls_ms', 'sending_ms', 'waiting_ms', 'receiving_ms'),
    ),
    requests: rows.length,
    loadSeconds: record.aborted
      ? rows.reduce((last, row) => Math.max(last, Number(row.scheduled_s)), 0)
      : record.scheduledSeconds,
    replicas: replicas.map(({ at_s: at, workload, desired, current, ready }) => ({
      at: Number(at),
      workload: String(workload),
      desired: Number(desired),
      current: Number(current),
      ready: Number(ready),
    })),
  };
}
