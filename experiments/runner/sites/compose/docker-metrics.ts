import { z } from 'zod';
import type { MetricPoint, MetricsPort } from '../../attempt/ports';
import { linesOf, type ComposeProject } from './compose-project';
import { observationClock } from '../../attempt/clock';

/** A line of `docker stats --format '{{json .}}'`. https://docs.docker.com/reference/cli/docker/container/stats/#format */
const statistics = z.object({
  Name: z.string(),
  CPUPerc: z.string(),
  MemUsage: z.string(),
  /** Bytes received and sent, read and written since the container started, such as `1.2kB / 648B`; an older Docker has neither. */
  NetIO: z.string().optional(),
  BlockIO: z.string().optional(),
});

/** Memory comes in binary units, traffic in decimal ones. */
const UNITS: Readonly<Record<string, number>> = {
  ...{ B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 },
  ...{ kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 },
};

/** What a counter of `docker stats` becomes. It shows three digits, so a rate of kilobytes needs a small counter to be seen. */
const COUNTERS = { NetIO: 'pod_network_bytes_per_second', BlockIO: 'container_disk_bytes_per_second' } as const;

/** A counter as it stood at a moment, milliseconds. */
interface Reading {
  readonly at: number;
  readonly bytes: number;
}

/**
 * Figures of the stack's containers, one look after another: `docker stats` measures for about a second itself, and its
 * memory leaves out what the kernel can give back. Nothing is known of the machine, which may be another than this.
 */
export class DockerMetrics implements MetricsPort {
  readonly required = ['container_cpu_cores', 'container_memory_bytes', 'container_count'];
  /** Over ssh a look takes two seconds and more. */
  readonly stepSeconds = 5;
  private collected: MetricPoint[] = [];
  private generation = 0;

  constructor(private readonly project: ComposeProject) {}

  check(): Promise<void> {
    return Promise.resolve(); // Docker itself was asked already.
  }

  async begin(): Promise<void> {
    this.collected = [];
    const containers = await this.project.containers();
    const services = new Map(containers.map(({ name, service }) => [name, service]));
    const collecting = this.collect(++this.generation, services);
    collecting.catch(() => undefined);
  }

  points(start: number, end: number): Promise<readonly MetricPoint[]> {
    this.generation++; // Ends the collection.
    return Promise.resolve(this.collected.filter(({ at }) => at >= start && at <= end));
  }

  private async collect(generation: number, services: ReadonlyMap<string, string>): Promise<void> {
    const counters = new Map<string, Reading>();
    while (generation === this.generation) {
      const began = observationClock.now();
      // A failed look is a hole, which the gate of complete metrics measures.
      const { code, stdout } = await this.project.docker.attempt([
        'stats',
        '--no-stream',
        '--format',
        '{{json .}}',
        ...services.keys(),
      ]);
      if (generation !== this.generation) return;
      if (code === 0) this.collected.push(...pointsOf(stdout, observationClock.now(), services, counters));
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, began + 1000 - observationClock.now())));
    }
  }
}

/**
 * Points of one look; brings `counters` of the look before, by metric and container, up to date.
 *
 * @throws {Error} when a line is not what Docker documents.
 */
export function pointsOf(
  output: string,
  at: number,
  services: ReadonlyMap<string, string>,
  counters: Map<string, Reading>,
): MetricPoint[] {
  const points: MetricPoint[] = [];
  let running = 0;
  for (const line of linesOf(output)) {
    const look = statistics.parse(JSON.parse(line));
    const container = services.get(look.Name);
    const cpu = /^([\d.]+)%$/.exec(look.CPUPerc)?.[1];
    const memory = bytesOf(look.MemUsage.split(' / ')[0]!);
    if (container === undefined || cpu === undefined || memory === undefined) continue; // It shows "--" for one that does not run.
    const where = { at, node: null, pod: look.Name, container };
    running++;
    points.push(
      { ...where, metric: 'container_cpu_cores', value: Number(cpu) / 100 },
      { ...where, metric: 'container_memory_bytes', value: memory },
    );
    for (const [field, metric] of Object.entries(COUNTERS)) {
      const value = rateOf(look[field as keyof typeof COUNTERS], at, `${metric} ${look.Name}`, counters);
      if (value !== undefined) points.push({ ...where, metric, value });
    }
  }
  points.push({ at, metric: 'container_count', node: null, pod: null, container: null, value: running });
  return points;
}

/** Bytes per second since the look before; undefined in the first look, and where a restart has set the counter back. */
function rateOf(text: string | undefined, at: number, key: string, counters: Map<string, Reading>): number | undefined {
  const parts = (text ?? '').split(' / ').map(bytesOf);
  if (parts.length !== 2 || parts.includes(undefined)) return undefined;
  const bytes = parts[0]! + parts[1]!;
  const before = counters.get(key);
  counters.set(key, { at, bytes });
  if (before === undefined || bytes < before.bytes || at <= before.at) return undefined;
  return ((bytes - before.bytes) * 1000) / (at - before.at);
}

function bytesOf(text: string): number | undefined {
  const [, value, unit] = /^([\d.]+)([kKMGT]?i?B)$/.exec(text.trim()) ?? [];
  const factor = UNITS[unit ?? ''];
  return value === undefined || factor === undefined ? undefined : Number(value) * factor;
}
