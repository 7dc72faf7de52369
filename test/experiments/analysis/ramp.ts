import type { RampSecond } from '../../../experiments/analysis/statistics/change-point';
import { seeded } from './random-truth';

/** Jest looks a global up anew at each use, which would be most of the time of a simulation. */
const { sqrt, max, log, floor } = Math;

export interface Ramp {
  /** Requests per second that all servers together can serve. */
  readonly capacity: number;
  readonly servers: number;
  readonly peak: number;
  readonly seconds: number;
  readonly seed: number;
  /** Exponential service times make an M/M/c-like queue; the default scatters by a fifth. */
  readonly exponential?: boolean;
}

/**
 * A climbing load through servers of known capacity, stopped above 100 requests in flight as the plan's profile is. As in a
 * trial, the second within which it stops is no second of the load.
 */
export function rampThroughServers({ capacity, servers, peak, seconds, seed, exponential }: Ramp): RampSecond[] {
  const random = seeded(seed * 7919 + 3);
  const free = new Float64Array(servers);
  const rates = new Float64Array(seconds + 1);
  const served = new Float64Array(seconds + 1);
  // First come, first served: starts never go back, so those that wait are counted by one place that only moves on.
  const starts: number[] = [];
  let begun = 0;
  let length = 0;
  for (let n = 1, active = 0; n <= (peak * seconds) / 2 && active <= 100; n++) {
    const now = sqrt((n * 2 * seconds) / peak);
    let server = 0;
    let busy = 0;
    for (let other = 0; other < servers; other++) {
      if (free[other] > now) busy++;
      if (free[other] < free[server]) server = other;
    }
    if (free[server] <= now) busy++;
    const start = max(now, free[server]);
    const work = exponential === true ? -log(1 - random()) : 0.8 + 0.4 * random();
    const end = start + (work * servers) / capacity;
    free[server] = end;
    starts.push(start);
    while (begun < n && starts[begun] <= now) begun++;
    active = busy + (n - begun);
    rates[floor(now)]++;
    if (end < served.length) served[floor(end)]++;
    length = floor(now);
  }
  let backlog = 0;
  return Array.from({ length }, (_, second) => {
    backlog += rates[second] - served[second];
    return { second, rate: rates[second], backlog, served: served[second] };
  });
}
