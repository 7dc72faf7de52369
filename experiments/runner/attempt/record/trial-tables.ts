import { join } from 'node:path';
import { METRIC_TABLE, REPLICA_TABLE, SAMPLE_TABLE, writeTable } from '../../../campaign';
import { SAMPLE_ERRORS, type HostSample, type Samples } from '../../../workload';
import type { MetricPoint, ReplicaObservation } from '../ports';

/** Writes samples.parquet. */
export function writeSamples(folder: string, trial: string, samples: Samples): number {
  const { rows, error, ...columns } = samples;
  writeTable(join(folder, 'samples.parquet'), SAMPLE_TABLE, {
    rows,
    columns: { trial: { constant: trial }, ...columns, error: { codes: error, dictionary: SAMPLE_ERRORS } },
  });
  return rows;
}

/**
 * Writes replicas.parquet: the state at the load's start, every change after it, and the state at the end.
 *
 * @param start Start of the load, milliseconds since the epoch.
 */
export function writeReplicas(folder: string, observations: readonly ReplicaObservation[], start: number): number {
  const seconds = observations.map(({ at }) => (at - start) / 1000);
  writeTable(join(folder, 'replicas.parquet'), REPLICA_TABLE, {
    rows: observations.length,
    columns: {
      at_s: Float64Array.from(seconds),
      workload: observations.map(({ workload }) => workload),
      desired: Int32Array.from(observations, ({ desired }) => desired),
      current: Int32Array.from(observations, ({ current }) => current),
      ready: Int32Array.from(observations, ({ ready }) => ready),
    },
  });
  return observations.length;
}

/** Writes metrics.parquet: the cluster's points and those of the generator's own host. */
export function writeMetrics(
  folder: string,
  points: readonly MetricPoint[],
  host: readonly HostSample[],
  start: number,
): number {
  const nowhere = { node: null, pod: null, container: null };
  const own = host.flatMap(({ at, cpu, memory }): MetricPoint[] => [
    { at, metric: 'generator_cpu_ratio', ...nowhere, value: cpu },
    { at, metric: 'generator_memory_ratio', ...nowhere, value: memory },
  ]);
  const all = [...points, ...own];
  writeTable(join(folder, 'metrics.parquet'), METRIC_TABLE, {
    rows: all.length,
    columns: {
      at_s: Float64Array.from(all, ({ at }) => (at - start) / 1000),
      metric: all.map(({ metric }) => metric),
      node: all.map(({ node }) => node),
      pod: all.map(({ pod }) => pod),
      container: all.map(({ container }) => container),
      value: Float64Array.from(all, ({ value }) => value),
    },
  });
  return all.length;
}
