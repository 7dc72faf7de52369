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
 * Service times, milliseconds, of the requests that found the server idle. Those that come while one is served share the
 * server, so its time counts by halves, thirds and so on; to leave it out would leave out the slow ones.
 */
export function serviceTimes({ sent, answered }: MeasuredTrial, roundTripMs: number): number[] {
  const order = sent.map((_, index) => index).sort((one, other) => sent[one] - sent[other]);
  const halfTrip = roundTripMs / 2000;
  // On the server's own clock a request is there half a round trip after it was sent, until half a one before its answer.
  const arrival = (request: number) => sent[request] + halfTrip;
  const departure = (request: number) => Math.max(arrival(request) + 1e-4, answered[request] - halfTrip);
  const times: number[] = [];
  let busyUntil = -Infinity;
  order.forEach((request, place) => {
    if (arrival(request) >= busyUntil) {
      const guests: number[] = [];
      for (let next = place + 1; next < order.length && arrival(order[next]) < departure(request); next++) {
        guests.push(order[next]);
      }
      times.push(attained(arrival(request), departure(request), guests.map(arrival), guests.map(departure)) * 1000);
    }
    busyUntil = Math.max(busyUntil, departure(request));
  });
  return times;
}

/** Seconds of service that one of several gets between two moments, when all that are there share it equally. */
function attained(start: number, end: number, arrivals: readonly number[], departures: readonly number[]): number {
  const changes = [
    ...arrivals.map((time) => ({ time, change: 1 })),
    ...departures.filter((time) => time < end).map((time) => ({ time, change: -1 })),
    { time: end, change: 0 },
  ].sort((one, other) => one.time - other.time);
  let present = 1;
  let since = start;
  let sum = 0;
  for (const { time, change } of changes) {
    sum += (time - since) / present;
    since = time;
    present += change;
  }
  return sum;
}

/** Values at `points` equally spaced probabilities from 0 to 1. */
export function quantilesOf(values: readonly number[], points: number): number[] {
  const sorted = Float64Array.from(values).sort();
  return Array.from({ length: points }, (_, index) => percentile(sorted, index / (points - 1)));
}

function median(values: readonly number[]): number {
  return percentile(Float64Array.from(values).sort(), 0.5);
}
