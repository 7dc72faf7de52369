import type { Node } from '../cluster/node';
import type { Pod } from '../cluster/pod';
import type { Workload } from '../cluster/workload';
import type { SystemModel } from '../model/system-model';
import type { MetricRow } from './observation-log';
import type { RequestFlow } from './request-flow';

/**
 * What the simulation has no figure for, with the reason: which blocks a query reads from a disk and which from the page
 * cache depends on the data, and no made-up figure is to look like one.
 */
export const NOT_RECORDED = {
  node_disk_bytes_per_second: 'the database’s reads and writes are not modelled',
} as const;

/**
 * The cluster pushes its counters every minute, and the queries take rates over three minutes, as `CLUSTER_QUERIES` of the
 * runner do: a rate is what lies between the first and the last scrape of its window, so a short spike comes out smeared.
 */
export const SCRAPE_SECONDS = 60;
const RATE_WINDOW_SECONDS = 180;

const BYTES_PER_MIB = 1024 * 1024;
/** What K3s, its containers and the kernel occupy on a node, bytes. */
const NODE_BASE_BYTES = 900 * BYTES_PER_MIB;
const GENERATOR_BASE_BYTES = 700 * BYTES_PER_MIB;
/** Memory of one virtual user of the generator with its connection, bytes. */
const VIRTUAL_USER_BYTES = 2 * BYTES_PER_MIB;

/** What a counter stood at when it was scraped. */
interface Scrape {
  readonly at: number;
  readonly value: number;
}

/**
 * Takes the points that the cluster's monitoring would give for a trial, but {@link NOT_RECORDED}: gauges, and three-minute
 * rates of counters scraped every minute. The generator's own come from its host.
 */
export class MetricRecorder {
  readonly rows: MetricRow[] = [];
  private readonly scrapes = new Map<string, Scrape[]>();
  private requests = 0;
  private lastAt = 0;

  constructor(
    private readonly model: SystemModel,
    private readonly nodes: readonly Node[],
    private readonly workloads: readonly Workload[],
    private readonly flow: RequestFlow,
  ) {}

  /** Takes the points at the start of the load. Before it nothing was asked of the cluster, so its counters stood still. */
  begin(now: number): void {
    for (let before = now - RATE_WINDOW_SECONDS + SCRAPE_SECONDS; before < now; before += SCRAPE_SECONDS)
      this.scrape(now, before);
    this.lastAt = now;
    this.record(now);
  }

  /** Takes the points of one minute; to be called every {@link SCRAPE_SECONDS}. */
  record(now: number): void {
    this.scrape(now, now);
    const memoryOf = new Map<string, number>();
    for (const workload of this.workloads) for (const pod of workload.pods) this.recordPod(pod, now, memoryOf);
    for (const node of this.nodes) {
      const cores = this.rate(node.name);
      if (cores !== undefined) this.add(now, 'node_cpu_cores', cores + node.model.daemonCores, node.name);
      this.add(now, 'node_memory_bytes', NODE_BASE_BYTES + (memoryOf.get(node.name) ?? 0), node.name);
      const bytes = this.flow.traffic && this.rate(`${node.name} network`);
      if (bytes !== undefined) this.add(now, 'node_network_bytes_per_second', bytes, node.name);
    }
    const pods = this.workloads.flatMap((workload) => workload.pods.filter((pod) => pod.processor));
    this.add(now, 'pod_count', pods.length);
    this.add(now, 'container_count', pods.length);
  }

  /** Takes the generator's own points. */
  recordGenerator(now: number): void {
    const seconds = now - this.lastAt;
    if (seconds <= 0) return;
    this.lastAt = now;
    const rate = (this.flow.due - this.requests) / seconds;
    this.requests = this.flow.due;
    const generatorCores = (rate * this.model.generator.cpuMs) / 1000;
    this.add(now, 'generator_cpu_ratio', Math.min(1, generatorCores / this.model.generator.cores));
    const generatorBytes = GENERATOR_BASE_BYTES + this.flow.inFlight * VIRTUAL_USER_BYTES;
    this.add(now, 'generator_memory_ratio', generatorBytes / (this.model.generator.memoryMiB * BYTES_PER_MIB));
  }

  /** Reads every counter as it stands now; `as` is when that is taken to have been. */
  private scrape(now: number, as: number): void {
    const keep = (name: string, value: number) => {
      const inWindow = (this.scrapes.get(name) ?? []).filter(({ at }) => at > as - RATE_WINDOW_SECONDS);
      this.scrapes.set(name, [...inWindow, { at: as, value }]);
    };
    for (const node of this.nodes) {
      keep(node.name, node.processor.usedAt(now));
      if (this.flow.traffic) keep(`${node.name} network`, this.flow.traffic.of(node.name));
    }
    for (const workload of this.workloads)
      for (const pod of workload.pods) if (pod.processor) keep(pod.name, pod.processor.usedAt(now));
  }

  /** Per second, between the first and the last scrape of the window; undefined before a second scrape. */
  private rate(name: string): number | undefined {
    const scrapes = this.scrapes.get(name) ?? [];
    if (scrapes.length < 2) return undefined;
    const [first, last] = [scrapes[0], scrapes[scrapes.length - 1]];
    return Math.max(0, last.value - first.value) / (last.at - first.at);
  }

  private recordPod(pod: Pod, now: number, memoryOf: Map<string, number>): void {
    if (!pod.processor || !pod.node) return;
    const process = this.model.processes[pod.workload as keyof SystemModel['processes']];
    const bytes = (process.memoryMiB + pod.active * process.memoryMiBPerRequest) * BYTES_PER_MIB;
    memoryOf.set(pod.node.name, (memoryOf.get(pod.node.name) ?? 0) + bytes);
    const cores = this.rate(pod.name);
    if (cores !== undefined) this.add(now, 'container_cpu_cores', cores, pod.node.name, pod.name, pod.workload);
    this.add(now, 'container_memory_bytes', bytes, pod.node.name, pod.name, pod.workload);
  }

  private add(
    at: number,
    metric: string,
    value: number,
    node: string | null = null,
    pod: string | null = null,
    container: string | null = null,
  ): void {
    this.rows.push({ at, metric, node, pod, container, value });
  }
}
