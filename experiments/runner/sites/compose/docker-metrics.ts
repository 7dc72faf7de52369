import { z } from 'zod';
import type { MetricPoint, MetricsPort } from '../../attempt/ports';
import { linesOf, type ComposeProject } from './compose-project';
import { observationClock } from '../../attempt/clock';

/** A line of `docker stats --format '{{json .}}'`. https://docs.docker.com/reference/cli/docker/container/stats/#format */
const statistics = z.object({ Name: z.string(), CPUPerc: z.string(), MemUsage: z.string() });

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

/**
 * CPU and memory of the stack's containers, one look after another: `docker stats` measures for about a second itself.
 * Its memory leaves out what the kernel can give back, as Kubernetes' working set does. Nothing is known of the machine
 * as a whole, which may be another than this.
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
      if (code === 0) this.collected.push(...pointsOf(stdout, observationClock.now(), services));
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, began + 1000 - observationClock.now())));
    }
  }
}

/** Points of one look. @throws {Error} when a line is not what Docker documents. */
function pointsOf(output: string, at: number, services: ReadonlyMap<string, string>): MetricPoint[] {
  const points: MetricPoint[] = [];
  let running = 0;
  for (const line of linesOf(output)) {
    const { Name, CPUPerc, MemUsage } = statistics.parse(JSON.parse(line));
    const container = services.get(Name);
    const cpu = /^([\d.]+)%$/.exec(CPUPerc)?.[1];
    const memory = bytesOf(MemUsage.split(' / ')[0]!);
    if (container === undefined || cpu === undefined || memory === undefined) continue; // It shows "--" for one that does not run.
    const where = { at, node: null, pod: Name, container };
    running++;
    points.push(
      { ...where, metric: 'container_cpu_cores', value: Number(cpu) / 100 },
      { ...where, metric: 'container_memory_bytes', value: memory },
    );
  }
  points.push({ at, metric: 'container_count', node: null, pod: null, container: null, value: running });
  return points;
}

function bytesOf(text: string): number | undefined {
  const [, value, unit] = /^([\d.]+)([KMGT]?i?B)$/.exec(text.trim()) ?? [];
  const factor = UNITS[unit ?? ''];
  return value === undefined || factor === undefined ? undefined : Number(value) * factor;
}
