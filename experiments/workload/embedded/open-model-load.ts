import { ArrivalSchedule } from '../../plan/arrival';
import { isExpected } from '../answer/expected-answer';
import { emptySamples, errorCode, firstRows, GRACEFUL_STOP_SECONDS, MAX_VIRTUAL_USERS, type Samples } from '../load';
import { arrivalsOfShare } from '../share';
import { PauseWatch } from './pause-watch';
import { PeerWatch } from './peer-watch';
import { COUNTERS, type WorkerInput, type WorkerOutput } from './protocol';
import { RecentTimes } from './recent-times';
import { requestTemplate, type Cancel, type RequestOutcome } from './request';

/** A timer of Node wakes up to about a millisecond late: the rest of the wait is spent spinning through the event loop. */
const SPIN_MS = 2;

/** One load, or one generator's share of it, sent from the thread it is made in: requests start on schedule whatever the system does. */
export class OpenModelLoad {
  private readonly schedule: ArrivalSchedule;
  private readonly samples: Samples;
  /** Of the load's clock, on this thread's own and on the machine's. */
  private readonly start: number;
  private readonly startedAt: bigint;
  private readonly send;
  private readonly inFlight = new Map<number, Cancel>();
  private readonly counters: Int32Array;
  private readonly recent: RecentTimes;
  private readonly pauses: PauseWatch;
  private readonly peers: PeerWatch;
  private readonly mostInFlight: number;
  /** Row of the next request that is due. */
  private next = 0;
  private aborted = false;
  private finish!: (output: WorkerOutput) => void;

  constructor(private readonly input: WorkerInput) {
    this.schedule = ArrivalSchedule.of(input.load);
    const { share = { index: 0, of: 1 }, startAt } = input.load;
    const arrivals = arrivalsOfShare(this.schedule.arrivals(), share);
    this.samples = emptySamples(arrivals.length);
    this.samples.scheduled_s.set(arrivals);
    this.mostInFlight = Math.ceil(MAX_VIRTUAL_USERS / share.of);
    const wait = startAt === undefined ? 0 : Math.max(0, startAt - (performance.timeOrigin + performance.now()));
    this.start = performance.now() + wait;
    this.startedAt = process.hrtime.bigint() + BigInt(Math.round(wait * 1e6));
    this.pauses = new PauseWatch(this.start);
    this.peers = new PeerWatch(this.start);
    this.send = requestTemplate(input.load.request, this.peers);
    this.counters = new Int32Array(input.counters);
    this.recent = new RecentTimes(input.recent);
  }

  run(): Promise<WorkerOutput> {
    return new Promise((resolve) => {
      this.finish = resolve;
      this.tick();
    });
  }

  /** Starts everything that is due, then sleeps until shortly before the next request. */
  private readonly tick = (): void => {
    while (!this.aborted && this.next < this.samples.rows) {
      const wait = this.start + this.samples.scheduled_s[this.next]! * 1000 - performance.now();
      if (wait > SPIN_MS) return void setTimeout(this.tick, wait - SPIN_MS);
      if (wait > 0) return void setImmediate(this.tick);
      this.startRequest(this.next++);
    }
    this.awaitTheRest();
  };

  private startRequest(row: number): void {
    if (this.inFlight.size >= this.mostInFlight) {
      this.samples.error[row] = errorCode('dropped');
      this.count(COUNTERS.dropped);
      return;
    }
    this.count(COUNTERS.started);
    this.inFlight.set(
      row,
      this.send((outcome) => this.record(row, outcome)),
    );
    this.showInFlight();
    const limit = this.input.load.abortAboveVirtualUsers;
    if (limit !== undefined && this.inFlight.size > limit) this.abort();
  }

  /** The breakpoint is found: like k6, which grants an aborted test no graceful stop, everything in flight is cut. */
  private abort(): void {
    this.aborted = true;
    this.interrupt();
  }

  private awaitTheRest(): void {
    const seconds = this.schedule.seconds + GRACEFUL_STOP_SECONDS;
    const deadline = setTimeout(() => this.interrupt(), Math.max(0, this.start + seconds * 1000 - performance.now()));
    const poll = () => {
      if (this.inFlight.size > 0) return void setTimeout(poll, 20);
      clearTimeout(deadline);
      this.finish({
        startedAt: this.startedAt,
        aborted: this.aborted,
        samples: firstRows(this.samples, this.next),
        pauses: this.pauses.stop(),
        peers: this.peers.seen(),
      });
    };
    poll();
  }

  private interrupt(): void {
    for (const cancel of [...this.inFlight.values()]) cancel();
  }

  private record(row: number, { times, status, error: failure, answer }: RequestOutcome): void {
    const { samples } = this;
    const expected = this.input.load.answer;
    const isWrong = expected !== undefined && answer !== undefined && !isExpected(expected, answer);
    const error = isWrong ? 'answer' : failure;
    this.inFlight.delete(row);
    samples.started_s[row] = (times.start - this.start) / 1000;
    const ready = times.secured || times.connected;
    samples.blocked_ms[row] = between(times.start, times.resolved);
    samples.connecting_ms[row] = between(times.resolved, times.connected);
    samples.tls_ms[row] = between(times.connected, times.secured);
    samples.sending_ms[row] = between(ready, times.sent);
    // A response that came while the request was still being written leaves no waiting time.
    samples.waiting_ms[row] = between(Math.max(times.sent, ready), times.firstByte || times.end);
    samples.receiving_ms[row] = between(times.firstByte, times.end);
    samples.status[row] = status;
    samples.error[row] = errorCode(error);
    this.count(COUNTERS.finished);
    if (error === null) this.recent.add(times.end - times.start);
    else this.count(COUNTERS.failed);
    this.showInFlight();
  }

  private count(counter: number): void {
    Atomics.add(this.counters, counter, 1);
  }

  private showInFlight(): void {
    Atomics.store(this.counters, COUNTERS.inFlight, this.inFlight.size);
  }
}

/** Milliseconds between two moments; 0 where either was never reached. */
function between(from: number, to: number): number {
  return from > 0 && to > from ? to - from : 0;
}
