import type { RandomStream } from '../../../lib/primitives/random-stream';
import type { Timers } from '../engine/timers';
import type { PodMetrics } from '../../../lib/kubernetes/horizontal-pod-autoscaler';
import type { MetricsPipelineModel } from '../model/system-model';
import { wholeSeconds, type Pod } from './pod';

interface Point {
  readonly timestamp: number;
  readonly coreSeconds: number;
  readonly startTime: number;
}

/** Containers younger than this yield no first point: metrics-server distrusts so short a window. */
const FRESH_CONTAINER_SECONDS = 10;

/**
 * From a container's CPU clock to the figure that the autoscaler reads, always an old one (`nextHousekeepingInterval` in
 * cadvisor's manager/container.go; metrics-server 0.8, its FAQ on scraping and its rule of fresh containers).
 */
export class MetricsPipeline {
  private readonly seen = new Map<Pod, Point>();
  private last = new Map<Pod, Point>();
  private previous = new Map<Pod, Point>();

  constructor(
    private readonly timers: Timers,
    private readonly model: MetricsPipelineModel,
    private readonly random: RandomStream,
    firstScrape: number,
  ) {
    timers.every(model.resolutionSeconds, firstScrape, () => this.scrape());
  }

  /** Begins to watch a pod whose process has started. */
  watch(pod: Pod, now: number): void {
    const look = (at: number) => {
      if (pod.state === 'gone' || !pod.processor) {
        this.seen.delete(pod);
        return;
      }
      this.seen.set(pod, {
        timestamp: at,
        coreSeconds: pod.processor.usedAt(at),
        startTime: pod.processStart as number,
      });
      this.timers.at(at + this.model.housekeepingSeconds * (1 + this.random.uniform()), look);
    };
    look(now);
  }

  /** What `metrics.k8s.io` lists for these pods: nanocores, read as millicores rounded up. */
  read(pods: readonly Pod[]): PodMetrics[] {
    const metrics: PodMetrics[] = [];
    for (const pod of pods) {
      const last = this.last.get(pod);
      const previous = this.previous.get(pod);
      if (!last || !previous) continue;
      const window = last.timestamp - previous.timestamp;
      const cores = (last.coreSeconds - previous.coreSeconds) / window;
      metrics.push({
        pod: pod.name,
        timestamp: wholeSeconds(last.timestamp),
        window: Math.round(window * 1000),
        containers: { main: { cpu: Math.ceil(cores * 1000 - 1e-6) } },
      });
    }
    return metrics;
  }

  private scrape(): void {
    const last = new Map<Pod, Point>();
    const previous = new Map<Pod, Point>();
    for (const [pod, point] of this.seen) {
      last.set(pod, point);
      const age = point.timestamp - point.startTime;
      const stored = this.last.get(pod);
      const before = this.previous.get(pod);
      if (age >= FRESH_CONTAINER_SECONDS && age < this.model.resolutionSeconds) {
        previous.set(pod, { timestamp: point.startTime, coreSeconds: 0, startTime: point.startTime });
      } else if (stored && point.timestamp > stored.timestamp) {
        previous.set(pod, stored);
      } else if (stored && before && before.timestamp < point.timestamp) {
        previous.set(pod, before);
      }
    }
    this.last = last;
    this.previous = previous;
  }
}
