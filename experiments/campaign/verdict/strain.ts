import type { Outcomes } from './outcomes';

/** Half of the virtual users at which the specification calls a system broken. */
const STRAINED_VIRTUAL_USERS = 50;
/** At low rates: this share of what was due lately, and at least so many requests, is still unanswered after so long. */
const UNANSWERED_SHARE = 0.5;
const UNANSWERED_REQUESTS = 5;
/** Five times what the slower endpoint takes on an idle system. */
const UNANSWERED_SECONDS = 5;
const LATELY_SECONDS = 30;

/**
 * When the system was visibly behind its load, second by second: too many requests were in flight, or starts were dropped.
 * Only such a system may fail requests and still be the one under test.
 */
export class Strain {
  private readonly seconds: Uint8Array;

  constructor(outcomes: Outcomes) {
    const { started, ended, last } = lives(outcomes);
    this.seconds = new Uint8Array(Math.floor(last) + 2);
    this.markUnanswered(started, ended);
    for (let row = 0; row < outcomes.rows; row++)
      if (outcomes.error(row) === 'dropped') this.seconds[Math.floor(outcomes.scheduled_s[row]!)] = 1;
  }

  /** Whether the system was strained at any moment between two, seconds from the load's start. */
  between(from: number, to: number): boolean {
    const first = Math.max(0, Math.floor(from));
    return this.seconds.subarray(first, Math.max(first, Math.floor(to) + 1)).includes(1);
  }

  /** Walks through all starts and ends in the order of time. */
  private markUnanswered(started: Float64Array, ended: Float64Array): void {
    let finished = 0;
    let oldest = 0;
    let recent = 0;
    for (let begun = 1; begun <= started.length; begun++) {
      const now = started[begun - 1]!;
      while (finished < ended.length && ended[finished]! <= now) finished++;
      while (started[oldest]! < now - LATELY_SECONDS) oldest++;
      while (started[recent]! < now - UNANSWERED_SECONDS) recent++;
      const inFlight = begun - finished;
      // At least so many of them have waited for long.
      const waiting = inFlight - (begun - recent);
      const behind = waiting >= UNANSWERED_REQUESTS && waiting >= UNANSWERED_SHARE * (recent - oldest);
      if (inFlight >= STRAINED_VIRTUAL_USERS || behind) this.seconds[Math.max(0, Math.floor(now))] = 1;
    }
  }
}

/** Starts and ends of all requests that started, each in order. */
function lives(outcomes: Outcomes): { started: Float64Array; ended: Float64Array; last: number } {
  const started: number[] = [];
  const ended: number[] = [];
  let last = 0;
  for (let row = 0; row < outcomes.rows; row++) {
    const start = outcomes.started_s[row]!;
    last = Math.max(last, outcomes.scheduled_s[row]!);
    if (Number.isNaN(start)) continue;
    started.push(start);
    const end = start + outcomes.responseMs(row) / 1000;
    ended.push(end);
    last = Math.max(last, end);
  }
  return { started: Float64Array.from(started).sort(), ended: Float64Array.from(ended).sort(), last };
}
