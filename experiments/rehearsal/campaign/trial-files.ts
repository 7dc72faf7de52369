import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  METRIC_TABLE,
  REPLICA_TABLE,
  SAMPLE_TABLE,
  writeTable,
  type ColumnValues,
  type TrialRecord,
} from '../../campaign';
import type { SimulatedTrial } from '../trial/trial-simulation';
import { ERRORS } from '../trial/sample-table';

const NO_TIME = new Map<number, Float32Array>();

/**
 * Writes one rehearsed trial as the runner writes a measured one: three Parquet files, then `trial.json`. The folder gets
 * its name only when it is whole.
 */
export function writeTrial(campaign: string, record: TrialRecord, result: SimulatedTrial): void {
  const folder = path.join(campaign, 'trials', record.trial);
  const partial = `${folder}.partial-${process.pid}`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  try {
    writeSamples(partial, record.trial, result);
    writeReplicas(partial, result);
    writeMetrics(partial, result);
    writeFileSync(path.join(partial, 'trial.json'), `${JSON.stringify(record, null, 2)}\n`);
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
}

function writeSamples(folder: string, trial: string, { samples, rows }: SimulatedTrial): void {
  writeTable(path.join(folder, 'samples.parquet'), SAMPLE_TABLE, {
    rows,
    columns: {
      trial: { constant: trial },
      scheduled_s: samples.scheduled,
      started_s: samples.started,
      // The simulated generator always has a connection slot, and its requests fit into one packet.
      blocked_ms: noTime(rows),
      connecting_ms: samples.connecting,
      tls_ms: samples.tls,
      sending_ms: noTime(rows),
      waiting_ms: samples.waiting,
      receiving_ms: samples.receiving,
      status: samples.status,
      error: { codes: samples.outcome, dictionary: ERRORS },
    },
  });
}

function writeReplicas(folder: string, { replicas }: SimulatedTrial): void {
  writeTable(path.join(folder, 'replicas.parquet'), REPLICA_TABLE, {
    rows: replicas.length,
    columns: {
      at_s: Float64Array.from(replicas, (row) => row.at),
      workload: dictionary(replicas.map((row) => row.workload)),
      desired: Int32Array.from(replicas, (row) => row.desired),
      current: Int32Array.from(replicas, (row) => row.current),
      ready: Int32Array.from(replicas, (row) => row.ready),
    },
  });
}

function writeMetrics(folder: string, { metrics }: SimulatedTrial): void {
  writeTable(path.join(folder, 'metrics.parquet'), METRIC_TABLE, {
    rows: metrics.length,
    columns: {
      at_s: Float64Array.from(metrics, (row) => row.at),
      metric: dictionary(metrics.map((row) => row.metric)),
      node: dictionary(metrics.map((row) => row.node)),
      pod: dictionary(metrics.map((row) => row.pod)),
      container: dictionary(metrics.map((row) => row.container)),
      value: Float64Array.from(metrics, (row) => row.value),
    },
  });
}

function dictionary(values: readonly (string | null)[]): ColumnValues {
  const entries = new Map<string | null, number>();
  const codes = Uint16Array.from(values, (value) => {
    const known = entries.get(value);
    if (known !== undefined) return known;
    entries.set(value, entries.size);
    return entries.size - 1;
  });
  return { codes, dictionary: [...entries.keys()] };
}

/** Zeros for a phase that takes no time; one array serves every trial of the same length. */
function noTime(rows: number): Float32Array {
  let zeros = NO_TIME.get(rows);
  if (!zeros) {
    NO_TIME.clear();
    zeros = new Float32Array(rows);
    NO_TIME.set(rows, zeros);
  }
  return zeros;
}
