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
 * An answer is prompt within twice the fastest hundredth of the load's answers, and twice what the slower endpoint takes on
 * an idle system: a system that answers every fourth request so is not behind.
 */
const PROMPT_TIMES_FASTEST = 2;
const PROMPT_SECONDS_AT_MOST = 2;
const PROMPT_SHARE = 0.25;

/**
 * When the system was visibly behind its load, second by second: too many requests in flight, or starts dropped, and answers
 * slow as well. It stays so until what waits is served: added pods answer promptly beside one with a backlog.
 */
export class Strain {
  private readonly seconds: Uint8Array;

  constructor(outcomes: Outcomes) {
    const { requests, ended, drops, last } = lives(outcomes);
    this.seconds = new Uint8Array(Math.floor(last) + 2);
    this.mark(requests, ended, drops, promptSeconds(requests));
  }

  /** Whether the system was strained at any moment between two, seconds from the load's start. */
  between(from: number, to: number): boolean {
    const first = Math.max(0, Math.floor(from));
    return this.seconds.subarray(first, Math.max(first, Math.floor(to) + 1)).includes(1);
  }

  /** Walks through all starts, dropped ones too, in the order of time. */
  private mark(requests: readonly Life[], ended: Float64Array, drops: Float64Array, prompt: number): void {
    const answeredPromptly = promptUpTo(requests, prompt);
    let [begun, finished, oldest, recent, judged, dropped] = [0, 0, 0, 0, 0, 0];
    let isBehind = false;
    while (begun < requests.length || dropped < drops.length) {
      const isDrop = begun === requests.length || drops[dropped]! < requests[begun]!.start;
      const now = isDrop ? drops[dropped++]! : requests[begun++]!.start;
      while (finished < ended.length && ended[finished]! <= now) finished++;
      while (oldest < begun && requests[oldest]!.start < now - LATELY_SECONDS) oldest++;
      while (recent < begun && requests[recent]!.start < now - UNANSWERED_SECONDS) recent++;
      while (judged < begun && requests[judged]!.start < now - prompt) judged++;
      const inFlight = begun - finished;
      // At least so many of them have waited for long.
      const waiting = inFlight - (begun - recent);
      // A start that is dropped while few are in flight is the generator's fault, and no sign of the system's.
      const isFull = inFlight >= STRAINED_VIRTUAL_USERS;
      const isSlow = waiting >= UNANSWERED_REQUESTS && waiting >= UNANSWERED_SHARE * (recent - oldest);
      /** Share of prompt answers among requests from one on, as far as they are old enough to tell. */
      const promptShare = (from: number) =>
        judged <= from ? 0 : (answeredPromptly[judged]! - answeredPromptly[from]!) / (judged - from);
      const isNewlyBehind =
        (isFull && promptShare(begun - inFlight) < PROMPT_SHARE) || (isSlow && promptShare(oldest) < PROMPT_SHARE);
      isBehind = isNewlyBehind || (isBehind && (isFull || waiting >= UNANSWERED_REQUESTS));
      if (isBehind) this.seconds[Math.max(0, Math.floor(now))] = 1;
    }
  }
}

/** One request that was sent. */
interface Life {
  readonly start: number;
  readonly seconds: number;
  readonly succeeded: boolean;
}

/** Requests in the order of their starts, ends in order, moments of dropped starts, and the last moment of all. */
function lives(outcomes: Outcomes) {
  const requests: Life[] = [];
  const drops: number[] = [];
  let last = 0;
  for (let row = 0; row < outcomes.rows; row++) {
    const due = outcomes.scheduled_s[row]!;
    const start = outcomes.started_s[row]!;
    const error = outcomes.error(row);
    last = Math.max(last, due);
    if (error === 'dropped') drops.push(due);
    if (Number.isNaN(start)) continue;
    const seconds = outcomes.responseMs(row) / 1000;
    requests.push({ start, seconds, succeeded: error === null });
    last = Math.max(last, start + seconds);
  }
  requests.sort((a, b) => a.start - b.start);
  const ended = Float64Array.from(requests, ({ start, seconds }) => start + seconds).sort();
  return { requests, ended, drops: Float64Array.from(drops).sort(), last };
}

/** Within how many seconds an answer is prompt. */
function promptSeconds(requests: readonly Life[]): number {
  const answers = Float64Array.from(
    requests.filter(({ succeeded }) => succeeded),
    ({ seconds }) => seconds,
  ).sort();
  const fastest = answers[Math.floor(answers.length / 100)] ?? PROMPT_SECONDS_AT_MOST;
  return Math.min(PROMPT_TIMES_FASTEST * fastest, PROMPT_SECONDS_AT_MOST);
}

/** How many of the first n requests were answered promptly, for every n. */
function promptUpTo(requests: readonly Life[], prompt: number): Uint32Array {
  const sums = new Uint32Array(requests.length + 1);
  requests.forEach(({ succeeded, seconds }, index) => {
    sums[index + 1] = sums[index]! + Number(succeeded && seconds <= prompt);
  });
  return sums;
}
