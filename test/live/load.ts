import { EmbeddedGenerator } from '../../experiments/workload';
import { SAMPLE_ERRORS, type LoadRequest } from '../../experiments/workload/load';
import type { Samples } from '../../experiments/workload';

/** What users met while something happened. */
export interface LoadReport {
  readonly requests: number;
  /** Requests that got no answer 200, by reason. */
  readonly failures: Readonly<Record<string, number>>;
  readonly failed: number;
  /** From the first failed request's start to the start of the last failed one, plus one interval, seconds; 0 without failures. */
  readonly outageSeconds: number;
  /** Response times of what was answered, milliseconds from the scheduled start. */
  readonly p50: number;
  readonly p95: number;
  readonly longest: number;
}

/**
 * Sends a steady open load, each request on a connection of its own, while `work` happens, from two seconds in.
 *
 * @throws Error when the work took longer than the load, which would then not have seen all of it.
 */
export async function underLoad(
  request: LoadRequest,
  perSecond: number,
  seconds: number,
  work: () => Promise<void>,
): Promise<LoadReport> {
  // The rate goes from nothing to its full height at once.
  const stages = [
    { target: perSecond, seconds: 0 },
    { target: perSecond, seconds },
  ];
  const load = new EmbeddedGenerator().run({ trial: 'live', stages, request });
  load.catch(() => undefined);
  const started = Date.now();
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await work();
  const took = (Date.now() - started) / 1000;
  const { samples } = await load;
  if (took > seconds)
    throw new Error(`the work took ${took.toFixed(0)} s, longer than the load of ${seconds} s that was to see it`);
  return reportOf(samples, 1 / perSecond);
}

/** Sums up samples. */
export function reportOf(samples: Samples, interval: number): LoadReport {
  const failures: Record<string, number> = {};
  const times: number[] = [];
  const failedAt: number[] = [];
  for (let row = 0; row < samples.rows; row++) {
    const error = SAMPLE_ERRORS[samples.error[row]!];
    if (error === null) {
      const phases = ['blocked_ms', 'connecting_ms', 'tls_ms', 'sending_ms', 'waiting_ms', 'receiving_ms'] as const;
      const late = (samples.started_s[row]! - samples.scheduled_s[row]!) * 1000;
      times.push(phases.reduce((sum, phase) => sum + samples[phase][row]!, Math.max(0, late)));
    } else {
      const name = error === 'status' ? `status ${samples.status[row]}` : String(error);
      failures[name] = (failures[name] ?? 0) + 1;
      failedAt.push(samples.scheduled_s[row]!);
    }
  }
  times.sort((one, other) => one - other);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;
  return {
    requests: samples.rows,
    failures,
    failed: failedAt.length,
    outageSeconds: failedAt.length === 0 ? 0 : Math.max(...failedAt) - Math.min(...failedAt) + interval,
    p50: at(0.5),
    p95: at(0.95),
    longest: times.at(-1) ?? NaN,
  };
}

/** One line for logs and the docs. */
export function said({ requests, failed, failures, outageSeconds, p50, p95, longest }: LoadReport): string {
  const why = Object.entries(failures)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ');
  return `${requests} requests, ${failed} failed${why ? ` (${why}; over ${outageSeconds.toFixed(1)} s)` : ''}, p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, longest ${longest.toFixed(0)} ms`;
}
