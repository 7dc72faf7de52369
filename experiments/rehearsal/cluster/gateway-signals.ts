import { SIGNAL_METRICS } from '../../../lib/kubernetes/horizontal-pod-autoscaler';
import type { ScheduledFloor, TestType, WorkloadName } from '../../plan';
import type { Timers } from '../engine/timers';
import type { SignalPipelineModel } from '../model/system-model';

/** Traefik's two counters of one Service at one scrape. */
interface Scrape {
  readonly at: number;
  readonly requests: number;
  readonly seconds: number;
}

/**
 * From the gateway's counters to the figures of requests that the autoscaler reads, always late (docs/signals.md).
 * Source: `extrapolatedRate` of promql/functions.go of Prometheus 2.42; `metricFor` of prometheus-adapter 0.12, which cuts a
 * figure off to thousandths and answers only for metrics of its last listing.
 */
export class GatewaySignals {
  private requests = 0;
  private seconds = 0;
  private scrapes: Scrape[] = [];
  private isListed = false;

  constructor(
    timers: Timers,
    private readonly model: SignalPipelineModel,
    private readonly testType: TestType,
    phases: { readonly scrape: number; readonly relist: number },
  ) {
    timers.every(model.scrapeSeconds, phases.scrape, (now) => this.scrape(now));
    timers.every(model.relistSeconds, phases.relist, () => (this.isListed = this.scrapes.length > 0));
  }

  /** A request is over, however it ended. */
  completed(seconds: number): void {
    this.requests += 1;
    this.seconds += Math.max(0, seconds);
  }

  /**
   * Value of a metric of a workload, in thousandths; undefined where the API has no answer.
   *
   * @param name one of {@link SIGNAL_METRICS} but the floor
   */
  read(name: string, workload: WorkloadName, now: number): number | undefined {
    if (!this.isListed) return undefined;
    // Only what is solved goes on to the solver.
    const counts = workload === 'django-api' || this.testType === 'fs';
    const rate = extrapolatedRate(
      this.scrapes.map(({ at, requests, seconds }) => ({
        at,
        value: name === SIGNAL_METRICS['in-flight'] ? seconds : requests,
      })),
      now,
      this.model.windowSeconds,
    );
    if (rate === undefined) return undefined;
    return counts ? Math.trunc(rate * 1000) : 0;
  }

  private scrape(now: number): void {
    this.scrapes = this.scrapes.filter(({ at }) => at > now - 2 * this.model.windowSeconds);
    this.scrapes.push({ at: now, requests: this.requests, seconds: this.seconds });
  }
}

/**
 * Prometheus' `rate()` of a counter that is never reset; undefined for fewer than two samples: the increase over the window,
 * drawn out to its ends unless they are further away than samples lie apart.
 */
export function extrapolatedRate(
  samples: readonly { readonly at: number; readonly value: number }[],
  now: number,
  windowSeconds: number,
): number | undefined {
  const inside = samples.filter(({ at }) => at >= now - windowSeconds && at <= now);
  if (inside.length < 2) return undefined;
  const [first, last] = [inside[0], inside[inside.length - 1]];
  const increase = last.value - first.value;
  const sampled = last.at - first.at;
  const between = sampled / (inside.length - 1);
  // A counter does not begin below zero.
  const toZero = increase > 0 ? sampled * (first.value / increase) : Infinity;
  const before = Math.min(first.at - (now - windowSeconds), toZero);
  const after = now - last.at;
  const drawn = [before, after].map((gap) => (gap < between * 1.1 ? gap : between / 2));
  return ((increase / sampled) * (sampled + drawn[0] + drawn[1])) / windowSeconds;
}

/** Value of the scheduled floor at a time of the trial, in thousandths: the floor around the peak, else one pod. */
export function scheduledFloor({ replicas, leadSeconds }: ScheduledFloor, peak: number, now: number): number {
  return 1000 * (now >= peak - leadSeconds && now <= peak + leadSeconds ? replicas : 1);
}
