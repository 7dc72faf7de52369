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

const BYTES_PER_MIB = 1024 * 1024;
/** What K3s, its containers and the kernel occupy on a node, bytes. */
const NODE_BASE_BYTES = 900 * BYTES_PER_MIB;
/** Cores of the generator's machine, and its memory. */
const GENERATOR_CORES = 4;
const GENERATOR_MEMORY_BYTES = 8192 * BYTES_PER_MIB;
const GENERATOR_BASE_BYTES = 700 * BYTES_PER_MIB;
/** Memory of one virtual user of the generator with its connection, bytes. */
const VIRTUAL_USER_BYTES = 2 * BYTES_PER_MIB;

/**
 * Takes the points of `metrics.parquet` that a monitoring system would have: averages since the point before. All of the
 * campaign's metrics but {@link NOT_RECORDED}.
 */
export class MetricRecorder {
  readonly rows: MetricRow[] = [];
  private readonly used = new Map<string, number>();
  private requests = 0;
  private lastAt = 0;

  constructor(
    private readonly model: SystemModel,
    private readonly nodes: readonly Node[],
    private readonly workloads: readonly Workload[],
    private readonly flow: RequestFlow,
  ) {}

  /** Sets the base line at the start of the load. */
  begin(now: number): void {
    for (const node of this.nodes) this.since(node.name, coresUsed(node, now));
    for (const workload of this.workloads) {
      for (const pod of workload.pods) this.since(pod.name, pod.processor?.usedAt(now) ?? 0);
    }
    this.lastAt = now;
  }

  record(now: number): void {
    const seconds = now - this.lastAt;
    if (seconds <= 0) return;
    this.lastAt = now;
    const memoryOf = new Map<string, number>();
    for (const workload of this.workloads) for (const pod of workload.pods) this.recordPod(pod, now, seconds, memoryOf);
    for (const node of this.nodes) {
      const cores = this.since(node.name, coresUsed(node, now)) / seconds + node.model.daemonCores;
      this.add(now, 'node_cpu_cores', cores, node.name);
      this.add(now, 'node_memory_bytes', NODE_BASE_BYTES + (memoryOf.get(node.name) ?? 0), node.name);
      const { traffic } = this.flow;
      if (!traffic) continue;
      const bytes = this.since(`${node.name} network`, traffic.of(node.name));
      this.add(now, 'node_network_bytes_per_second', bytes / seconds, node.name);
    }
    const pods = this.workloads.flatMap((workload) => workload.pods.filter((pod) => pod.processor));
    this.add(now, 'pod_count', pods.length);
    this.add(now, 'container_count', pods.length);
    const rate = (this.flow.due - this.requests) / seconds;
    this.requests = this.flow.due;
    const generatorCores = (rate * this.model.generator.cpuMs) / 1000;
    this.add(now, 'generator_cpu_ratio', Math.min(1, generatorCores / GENERATOR_CORES));
    const generatorBytes = GENERATOR_BASE_BYTES + this.flow.inFlight * VIRTUAL_USER_BYTES;
    this.add(now, 'generator_memory_ratio', generatorBytes / GENERATOR_MEMORY_BYTES);
  }

  private recordPod(pod: Pod, now: number, seconds: number, memoryOf: Map<string, number>): void {
    if (!pod.processor || !pod.node) return;
    const process = this.model.processes[pod.workload as keyof SystemModel['processes']];
    const bytes = (process.memoryMiB + pod.active * process.memoryMiBPerRequest) * BYTES_PER_MIB;
    memoryOf.set(pod.node.name, (memoryOf.get(pod.node.name) ?? 0) + bytes);
    const cores = this.since(pod.name, pod.processor.usedAt(now)) / seconds;
    this.add(now, 'container_cpu_cores', cores, pod.node.name, pod.name, pod.workload);
    this.add(now, 'container_memory_bytes', bytes, pod.node.name, pod.name, pod.workload);
  }

  private since(name: string, used: number): number {
    const before = this.used.get(name) ?? 0;
    this.used.set(name, used);
    return Math.max(0, used - before);
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

function coresUsed(node: Node, now: number): number {
  return node.processor.usedAt(now);
}
