import { setTimeout as sleep } from 'node:timers/promises';
import type { MetricPoint, MetricsPort } from '../../attempt/ports';
import { PrometheusClient, type PrometheusOptions, type Series } from './prometheus-client';

export interface PrometheusMetricsOptions extends PrometheusOptions {
  /** Seconds between scrapes: the cluster pushes every minute. */
  readonly stepSeconds?: number;
  /** Window of rates, in Prometheus' words: it must hold two scrapes, of which one may be late. */
  readonly rateWindow?: string;
  /** The last scrape arrives this long after a window's end at the latest, milliseconds. */
  readonly lagMs?: number;
  /** Queries by metric; those of the cluster's monitoring without it. */
  readonly queries?: Readonly<Record<string, string>>;
}

/** A rate needs two scrapes, and one may be late: three minutes hold at least two. */
const RATE = '3m';
const NAMESPACE = 'namespace="ahuora"';

/** The metrics of the specification in PromQL, as k8s-monitoring's Alloy, node-exporter and kube-state-metrics name them. */
export const CLUSTER_QUERIES: Readonly<Record<string, string>> = {
  container_cpu_cores: `sum by (node, pod, container) (rate(container_cpu_usage_seconds_total{${NAMESPACE}, container!=""}[${RATE}]))`,
  container_memory_bytes: `sum by (node, pod, container) (container_memory_working_set_bytes{${NAMESPACE}, container!=""})`,
  node_cpu_cores: `sum by (instance) (rate(node_cpu_seconds_total{mode!="idle"}[${RATE}]))`,
  node_memory_bytes: 'sum by (instance) (node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes)',
  node_disk_bytes_per_second: `sum by (instance) (rate(node_disk_read_bytes_total[${RATE}]) + rate(node_disk_written_bytes_total[${RATE}]))`,
  node_network_bytes_per_second: `sum by (instance) (rate(node_network_receive_bytes_total{device="eth0"}[${RATE}]) + rate(node_network_transmit_bytes_total{device="eth0"}[${RATE}]))`,
  pod_count: `count(kube_pod_info{${NAMESPACE}})`,
  container_count: `count(kube_pod_container_info{${NAMESPACE}})`,
};

/**
 * A trial is complete without these, which are unknown then. Names of the machines' health are node-exporter's, for the
 * kernel's thermal zones, the Pi's supply alarm and the CPU's limits.
 */
export const OPTIONAL_QUERIES: Readonly<Record<string, string>> = {
  container_disk_bytes_per_second: `sum by (node, pod, container) (rate(container_fs_reads_bytes_total{${NAMESPACE}, container!=""}[${RATE}]) + rate(container_fs_writes_bytes_total{${NAMESPACE}, container!=""}[${RATE}]))`,
  pod_network_bytes_per_second: `sum by (node, pod) (rate(container_network_receive_bytes_total{${NAMESPACE}}[${RATE}]) + rate(container_network_transmit_bytes_total{${NAMESPACE}}[${RATE}]))`,
  container_cfs_throttled_ratio: `sum by (node, pod, container) (rate(container_cpu_cfs_throttled_periods_total{${NAMESPACE}, container!=""}[${RATE}])) / sum by (node, pod, container) (rate(container_cpu_cfs_periods_total{${NAMESPACE}, container!=""}[${RATE}]))`,
  pgbouncer_waiting_clients: `sum(pgbouncer_pools_client_waiting_connections{${NAMESPACE}})`,
  node_temperature_celsius: 'max by (instance) (node_thermal_zone_temp or node_hwmon_temp_celsius)',
  // The exporter takes the alarm for a voltage, and a thousandth of it.
  node_undervoltage: 'max by (instance) (node_hwmon_in_lcrit_alarm_volts > bool 0)',
  node_cpu_frequency_cap_ratio:
    'min by (instance) (node_cpu_scaling_frequency_max_hertz / on (instance, cpu) node_cpu_frequency_max_hertz)',
};

/** By which governor each node sets its CPU's frequency: one series for each that is in use. */
const GOVERNORS = 'count by (instance, governor) (node_cpu_scaling_governor == 1)';

/** Metrics of the cluster from Prometheus, which Grafana Cloud is. */
export class PrometheusMetrics implements MetricsPort {
  readonly required: readonly string[];
  readonly stepSeconds: number;
  private readonly client: PrometheusClient;
  private readonly queries: Readonly<Record<string, string>>;

  constructor(private readonly options: PrometheusMetricsOptions) {
    this.client = new PrometheusClient(options);
    const required = options.queries ?? CLUSTER_QUERIES;
    this.required = Object.keys(required);
    const queries = { ...required, ...(options.queries === undefined ? OPTIONAL_QUERIES : {}) };
    const window = options.rateWindow ?? RATE;
    this.queries = Object.fromEntries(
      Object.entries(queries).map(([metric, query]) => [metric, query.replaceAll(`[${RATE}]`, `[${window}]`)]),
    );
    this.stepSeconds = options.stepSeconds ?? 60;
  }

  /** A wrong address or an expired token shows before a load is wasted on it. */
  begin(): Promise<void> {
    return this.check();
  }

  async check(): Promise<void> {
    const now = Math.floor(Date.now() / 1000);
    await this.client.range('vector(1)', now, now, 1);
  }

  /** The governors of the nodes' CPUs: any but one that is fixed is noise in every trial. */
  async facts(): Promise<Record<string, string>> {
    const now = Math.floor(Date.now() / 1000);
    const nodes = new Map<string, Set<string>>();
    for (const { labels } of await this.client.range(GOVERNORS, now, now, 1)) {
      const governor = labels['governor'] ?? 'unknown';
      nodes.set(governor, (nodes.get(governor) ?? new Set()).add(labels['instance'] ?? ''));
    }
    const told = [...nodes].sort().map(([governor, names]) => `${governor} on ${[...names].sort().join(' ')}`);
    return { nodeGovernors: told.length === 0 ? 'unknown' : told.join(', ') };
  }

  async points(start: number, end: number): Promise<readonly MetricPoint[]> {
    const lag = end + (this.options.lagMs ?? 90_000) - Date.now();
    if (lag > 0) await sleep(lag);
    const found: MetricPoint[] = [];
    for (const [metric, query] of Object.entries(this.queries))
      for (const series of await this.client.range(query, start / 1000, end / 1000, this.stepSeconds))
        found.push(...pointsOf(metric, series));
    return found;
  }
}

function pointsOf(metric: string, { labels, points }: Series): MetricPoint[] {
  const where = {
    node: labels['node'] ?? labels['instance'] ?? null,
    pod: labels['pod'] ?? null,
    container: labels['container'] ?? null,
  };
  return points
    .filter(([, value]) => Number.isFinite(value))
    .map(([time, value]) => ({ at: time * 1000, metric, ...where, value }));
}
