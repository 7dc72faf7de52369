import { seeded } from '../random-truth';

const { abs, log, max, exp, expm1 } = Math;

/** An M/M/c queue, first come first served. */
export interface Queue {
  readonly servers: number;
  readonly serviceRate: number;
  readonly arrivalRate: number;
}

/** Requests that pass before the first counts: dozens of times what the queue remembers. */
const WARM_UP = 1000;

/** One trial of a queue in its steady state. */
export interface QueueTrial {
  readonly responseSeconds: Float64Array;
  /** When each request came, seconds since the first that counts. */
  readonly arrivals: Float64Array;
}

/** Response times by Lindley's recursion over c servers. */
export function steadyQueue({ servers, serviceRate, arrivalRate }: Queue, requests: number, seed: number): QueueTrial {
  const random = seeded(seed);
  const free = new Float64Array(servers);
  const responseSeconds = new Float64Array(requests);
  const arrivals = new Float64Array(requests);
  let now = 0;
  let start = 0;
  for (let index = -WARM_UP; index < requests; index++) {
    now -= log(1 - random()) / arrivalRate;
    if (index === 0) start = now;
    let server = 0;
    for (let other = 1; other < servers; other++) if (free[other] < free[server]) server = other;
    free[server] = max(now, free[server]) - log(1 - random()) / serviceRate;
    if (index < 0) continue;
    responseSeconds[index] = free[server] - now;
    arrivals[index] = now - start;
  }
  return { responseSeconds, arrivals };
}

/** Erlang's C formula: the chance that an arrival has to wait. */
function erlangC(servers: number, load: number): number {
  let blocking = 1;
  for (let n = 1; n <= servers; n++) blocking = (load * blocking) / (n + load * blocking);
  return blocking / (1 - (load / servers) * (1 - blocking));
}

/** Mean time in the queue and in service, seconds. */
export function meanResponse({ servers, serviceRate, arrivalRate }: Queue): number {
  return 1 / serviceRate + erlangC(servers, arrivalRate / serviceRate) / (servers * serviceRate - arrivalRate);
}

/** (eˣ − 1)/x, which is 1 at 0: there waiting and service are equally fast, as in M/M/6 at five sixths. */
function growth(x: number): number {
  return abs(x) < 1e-9 ? 1 : expm1(x) / x;
}

/** The percentile p of the response time, by bisection of its closed form (Kleinrock, Queueing Systems I, 1975, chapter 3). */
export function responsePercentile(queue: Queue, p: number): number {
  const { servers, serviceRate, arrivalRate } = queue;
  const wait = erlangC(servers, arrivalRate / serviceRate);
  const spare = servers * serviceRate - arrivalRate;
  const survival = (t: number) =>
    exp(-serviceRate * t) * (1 + wait * serviceRate * t * growth((serviceRate - spare) * t));
  let low = 0;
  let high = 10;
  while (high - low > 1e-10) {
    const middle = (low + high) / 2;
    if (survival(middle) > 1 - p) low = middle;
    else high = middle;
  }
  return low;
}
