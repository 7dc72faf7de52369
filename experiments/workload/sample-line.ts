import { ArrivalSchedule } from '../plan/arrival';
import {
  emptySamples,
  errorCode,
  firstRows,
  MAX_VIRTUAL_USERS,
  type Load,
  type SampleError,
  type Samples,
} from './load';

/** What the k6 script prints before each request, so that one which k6 cuts off is still known to have started. */
export interface StartLine {
  /** Number of the iteration, from 0: k6 counts the requests it started. */
  readonly iteration: number;
  readonly started_s: number;
  /** Start of the scenario, milliseconds since the epoch. */
  readonly start_time: number;
}

/** What it prints after each request: the columns of the samples table, with k6's own error code. */
export interface SampleLine extends StartLine {
  readonly trial: string;
  readonly scheduled_s: number;
  readonly blocked_ms: number;
  readonly connecting_ms: number;
  readonly tls_ms: number;
  readonly sending_ms: number;
  readonly waiting_ms: number;
  readonly receiving_ms: number;
  readonly status: number;
  /** https://grafana.com/docs/k6/latest/javascript-api/error-codes/; 0 where there is none. */
  readonly error_code: number;
  /** Whether an answer with status 200 is the one expected, as far as it was read; absent where any will do. */
  readonly expected?: boolean;
}

/** Clock of k6's scripts counts whole milliseconds, so a start may seem up to this much too early, seconds. */
const CLOCK_STEP_S = 0.002;

/**
 * Samples from the lines of k6, which numbers only the requests it started: each is matched, last first, with the latest free
 * arrival at or before it, and arrivals that stay free were dropped. One that never ended is `interrupted`, without phases.
 *
 * @param endedEarlyAt Seconds at which the load was aborted; arrivals after it were never due.
 * @throws {Error} when the lines hold more requests than the schedule, or fewer than k6 numbered.
 */
export function samplesFromLines(
  load: Load,
  lines: readonly (StartLine | SampleLine)[],
  endedEarlyAt?: number,
): Samples {
  const arrivals = ArrivalSchedule.of(load).arrivals();
  const rows = endedEarlyAt === undefined ? arrivals.length : arrivals.filter((time) => time <= endedEarlyAt).length;
  const samples = emptySamples(rows);
  samples.scheduled_s.set(arrivals.subarray(0, rows));
  samples.error.fill(errorCode('dropped'));
  const sorted = requestsOf(lines).sort((a, b) => a.started_s - b.started_s);
  if (sorted.length > rows) throw new Error(`k6 sent ${sorted.length} requests where the schedule has ${rows}.`);
  refuseLostLines(sorted);
  let free = rows - 1;
  for (let index = sorted.length - 1; index >= 0; index--) {
    const line = sorted[index]!;
    // Never so far back that the lines before would find no arrival left.
    while (free > index && arrivals[free]! > line.started_s + CLOCK_STEP_S) free--;
    put(samples, free--, line);
  }
  return firstRows(samples, rows);
}

/** One line per request: the one of its end, or that of its start where it never ended. */
function requestsOf(lines: readonly (StartLine | SampleLine)[]): (StartLine | SampleLine)[] {
  const requests = new Map<number, StartLine | SampleLine>();
  for (const line of lines) if (isSample(line) || !requests.has(line.iteration)) requests.set(line.iteration, line);
  return [...requests.values()];
}

/**
 * k6 numbers the requests that it starts without a gap. A number that is missing, and is not of a request that was about to start
 * when k6 was ended, had its lines lost, and would be taken for a dropped start.
 */
function refuseLostLines(requests: readonly StartLine[]): void {
  const numbers = new Set(requests.map(({ iteration }) => iteration));
  const last = requests.reduce((highest, { iteration }) => Math.max(highest, iteration), -1);
  const certain = Math.max(0, last - MAX_VIRTUAL_USERS);
  const lost = Array.from({ length: certain }, (_, number) => number).filter((number) => !numbers.has(number));
  if (lost.length > 0)
    throw new Error(
      `k6's samples lack ${lost.length} of the requests that it sent, first number ${lost[0]! + 1}: look at the room on its disk, and run the trial again.`,
    );
}

function isSample(line: StartLine | SampleLine): line is SampleLine {
  return 'status' in line;
}

function put(samples: Samples, row: number, line: StartLine | SampleLine): void {
  samples.started_s[row] = line.started_s;
  if (!isSample(line)) {
    samples.error[row] = errorCode('interrupted');
    return;
  }
  samples.blocked_ms[row] = line.blocked_ms;
  samples.connecting_ms[row] = line.connecting_ms;
  samples.tls_ms[row] = line.tls_ms;
  samples.sending_ms[row] = line.sending_ms;
  samples.waiting_ms[row] = line.waiting_ms;
  samples.receiving_ms[row] = line.receiving_ms;
  samples.status[row] = line.status;
  samples.error[row] = errorCode(errorOf(line));
}

/** k6's error codes by their ranges, in the words of the samples. */
function errorOf({ status, error_code: code, expected }: SampleLine): SampleError | null {
  if (status === 200 && code === 1050) return 'stalled';
  if (status === 200 && code !== 0) return 'truncated';
  if (status === 200) return expected === false ? 'answer' : null;
  if (status >= 300 && status < 400) return 'redirect';
  if (status > 0) return 'status';
  if (code === 1050 || code === 1211) return 'timeout';
  if (code === 1212) return 'refused';
  if (code === 1220) return 'reset';
  if (code >= 1100 && code < 1200) return 'dns';
  if (code >= 1300 && code < 1400) return 'tls';
  return 'network';
}
