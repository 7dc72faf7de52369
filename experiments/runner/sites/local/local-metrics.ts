import os from 'node:os';
import { isRaspberryPi, machineHealth } from './machine-health';
import { memoryInUse } from '../../../workload';
import type { MetricPoint, MetricsPort } from '../../attempt/ports';
import { observationClock } from '../../attempt/clock';

/** Metrics of one machine, collected each second, standing for those of the cluster's nodes. */
export class LocalMetrics implements MetricsPort {
  readonly required = ['node_cpu_cores', 'node_memory_bytes'];
  readonly stepSeconds = 2; // Twice the interval, so that a look which slips past a border leaves no gap.
  private collected: MetricPoint[] = [];
  private timer: NodeJS.Timeout | undefined;
  private before = { at: observationClock.now(), busy: busyMs() };

  check(): Promise<void> {
    return Promise.resolve(); // The kernel always tells.
  }

  begin(): Promise<void> {
    this.end();
    this.collected = [];
    this.before = { at: observationClock.now(), busy: busyMs() };
    this.timer = setInterval(() => this.look(), 1000);
    this.timer.unref();
    return Promise.resolve();
  }

  points(start: number, end: number): Promise<readonly MetricPoint[]> {
    this.end();
    return Promise.resolve(this.collected.filter(({ at }) => at >= start && at <= end));
  }

  private end(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const now = { at: observationClock.now(), busy: busyMs() };
    const where = { node: 'this machine', pod: null, container: null };
    const cores = (now.busy - this.before.busy) / (now.at - this.before.at);
    this.collected.push(
      { at: now.at, metric: 'node_cpu_cores', ...where, value: cores },
      { at: now.at, metric: 'node_memory_bytes', ...where, value: memoryInUse() * os.totalmem() },
    );
    // The limits are those of a Raspberry Pi: a laptop may be hotter, and unhurt.
    for (const [metric, value] of isRaspberryPi() ? Object.entries(machineHealth()) : [])
      this.collected.push({ at: now.at, metric, ...where, value: value as number });
    this.before = now;
  }
}

function busyMs(): number {
  return os.cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}
