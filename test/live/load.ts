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

/** Seconds of load after more replicas are wanted, so that they are started and met by users. */
export const NEW_REPLICAS_SERVE = 30;

/** Seconds of the load that one generator sends before the next takes over, on the same clock. */
const TURN = 5;

/**
 * Sends a steady open load with the generator of the experiments while `work` happens, each request on a connection of its own.
 * It begins two seconds before the work and ends once that is done and `after` seconds are over.
 *
 * @param seconds how long the load lasts at most; the work must end before
 * @param after seconds of load after the work
 * @throws Error when the work took longer than the load, which would then not have seen all of it.
 */
export async function underLoad(
  request: LoadRequest,
  perSecond: number,
  seconds: number,
  work: () => Promise<void>,
  after = 10,
): Promise<LoadReport> {
  // Time for a generator's thread to start.
  const started = Date.now() + 500;
  const elapsed = () => (Date.now() - started) / 1000;
  let took = Infinity;
  const working = wait(started + 2000)
    .then(work)
    .finally(() => (took = elapsed()));
  working.catch(() => undefined);
  const turns: Promise<Samples>[] = [];
  for (let from = 0; from < Math.min(seconds, took + after); from += TURN) {
    // The rate goes from nothing to its full height at once.
    const stages = [
      { target: perSecond, seconds: 0 },
      { target: perSecond, seconds: TURN },
    ];
    const load = { trial: `live-${from}`, stages, request, startAt: started + from * 1000 };
    turns.push(new EmbeddedGenerator().run(load).then(({ samples }) => samples));
    turns.at(-1)!.catch(() => undefined);
    await wait(started + (from + TURN) * 1000 - 500);
  }
  await working;
  if (took > seconds)
    throw new Error(`the work took ${took.toFixed(0)} s, longer than the load of ${seconds} s that was to see it`);
  return reportOf(await Promise.all(turns), 1 / perSecond);
}

const wait = (until: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, until - Date.now())));

/** Sums up the samples of generators that took turns. */
export function reportOf(turns: readonly Samples[], interval: number): LoadReport {
  const failures: Record<string, number> = {};
  const times: number[] = [];
  const failedAt: number[] = [];
  const rows = turns.flatMap((samples, turn) =>
    Array.from({ length: samples.rows }, (_, row) => ({ samples, row, from: turn * TURN })),
  );
  for (const { samples, row, from } of rows) {
    const error = SAMPLE_ERRORS[samples.error[row]!];
    if (error === null) {
      const phases = ['blocked_ms', 'connecting_ms', 'tls_ms', 'sending_ms', 'waiting_ms', 'receiving_ms'] as const;
      const late = (samples.started_s[row]! - samples.scheduled_s[row]!) * 1000;
      times.push(phases.reduce((sum, phase) => sum + samples[phase][row]!, Math.max(0, late)));
    } else {
      const name = error === 'status' ? `status ${samples.status[row]}` : String(error);
      failures[name] = (failures[name] ?? 0) + 1;
      failedAt.push(from + samples.scheduled_s[row]!);
    }
  }
  times.sort((one, other) => one - other);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;
  return {
    requests: rows.length,
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
