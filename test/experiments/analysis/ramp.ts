import type { RampSecond } from '../../../experiments/analysis/statistics/change-point';
import { seeded } from './random-truth';

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
 * A climbing load through servers of known capacity, stopped above 100 requests in flight as the plan's profile is. The last
 * second is whole: as in a trial, what is served in it counts although the load stopped within it.
 */
export function rampThroughServers({ capacity, servers, peak, seconds, seed, exponential }: Ramp): RampSecond[] {
  const random = seeded(seed * 7919 + 3);
  const free = new Float64Array(servers);
  const rates = new Float64Array(seconds + 1);
  const served = new Float64Array(seconds + 1);
  const active: number[] = [];
  let length = 0;
  for (let n = 1; n <= (peak * seconds) / 2 && active.length <= 100; n++) {
    const now = Math.sqrt((n * 2 * seconds) / peak);
    let server = 0;
    for (let other = 1; other < servers; other++) if (free[other] < free[server]) server = other;
    const work = exponential === true ? -Math.log(1 - random()) : 0.8 + 0.4 * random();
    const end = Math.max(now, free[server]) + (work * servers) / capacity;
    free[server] = end;
    rates[Math.floor(now)]++;
    if (end < served.length) served[Math.floor(end)]++;
    length = Math.ceil(now);
    let kept = 0;
    for (const one of active) if (one > now) active[kept++] = one;
    active.length = kept;
    active.push(end);
  }
  let backlog = 0;
  return Array.from({ length }, (_, second) => {
    backlog += rates[second] - served[second];
    return { second, rate: rates[second], backlog };
  });
}
