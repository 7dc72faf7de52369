import { percentile } from '../campaign/trial-summary';
import type { MeasuredTrial } from './measured-trial';

/** Round trip and connection as the samples show them, milliseconds. */
export interface NetworkTimes {
  readonly roundTripMs: number;
  readonly connectingMs: number;
  readonly tlsMs: number;
}

/**
 * The network's part. A TCP handshake takes one round trip; where a relay accepts at once, the round trip is the one that
 * the trial's own check of its delay measured.
 */
export function networkTimes(trials: readonly MeasuredTrial[]): NetworkTimes {
  const connectingMs = median(trials.flatMap((trial) => trial.connectingMs));
  const checked = trials.flatMap(({ record }) => {
    const check = record.gates.find((gate) => gate.gate === 'delay-before');
    return check?.value === undefined ? [] : [check.value];
  });
  const delay = checked.length === 0 ? 0 : median(checked);
  return {
    roundTripMs: Math.max(connectingMs, delay),
    connectingMs,
    tlsMs: median(trials.flatMap((trial) => trial.tlsMs)),
  };
}

/**
 * Service times, milliseconds: the time at the server of requests that had it to themselves from arrival to answer.
 * Nothing has to be assumed about queues for them. Where load is too high for such requests, there are none.
 */
export function serviceTimes({ sent, answered }: MeasuredTrial, roundTripMs: number): number[] {
  const order = sent.map((_, index) => index).sort((one, other) => sent[one] - sent[other]);
  const times: number[] = [];
  let busyUntil = -Infinity;
  order.forEach((request, place) => {
    const next = order[place + 1];
    const isAlone = sent[request] >= busyUntil && (next === undefined || answered[request] <= sent[next]);
    if (isAlone) times.push(Math.max(0.1, (answered[request] - sent[request]) * 1000 - roundTripMs));
    busyUntil = Math.max(busyUntil, answered[request]);
  });
  return times;
}

/** Values at `points` equally spaced probabilities from 0 to 1. */
export function quantilesOf(values: readonly number[], points: number): number[] {
  const sorted = Float64Array.from(values).sort();
  return Array.from({ length: points }, (_, index) => percentile(sorted, index / (points - 1)));
}

export function median(values: readonly number[]): number {
  return percentile(Float64Array.from(values).sort(), 0.5);
}
