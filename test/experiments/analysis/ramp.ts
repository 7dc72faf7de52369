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

/** A climbing load through servers of known capacity, stopped above 100 requests in flight as the plan's profile is. */
export function rampThroughServers({ capacity, servers, peak, seconds, seed, exponential }: Ramp): RampSecond[] {
  const random = seeded(seed * 7919 + 3);
  const free = new Array<number>(servers).fill(0);
  const due: number[] = [];
  const ends: number[] = [];
  for (let n = 1; n <= (peak * seconds) / 2; n++) {
    const now = Math.sqrt((n * 2 * seconds) / peak);
    const server = free.indexOf(Math.min(...free));
    const work = exponential === true ? -Math.log(1 - random()) : 0.8 + 0.4 * random();
    const end = Math.max(now, free[server]) + (work * servers) / capacity;
    free[server] = end;
    due.push(now);
    ends.push(end);
    let active = 0;
    for (let other = Math.max(0, ends.length - 200); other < ends.length; other++) if (ends[other] > now) active++;
    if (active > 100) break;
  }
  const length = Math.ceil(due[due.length - 1]);
  const counts = (times: readonly number[]) => {
    const perSecond = new Array<number>(length).fill(0);
    for (const time of times) if (time < length) perSecond[Math.floor(time)]++;
    return perSecond;
  };
  const rates = counts(due);
  const served = counts(ends);
  let backlog = 0;
  return rates.slice(0, -1).map((rate, second) => ({ second, rate, backlog: (backlog += rate - served[second]) }));
}
