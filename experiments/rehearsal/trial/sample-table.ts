import type { SampleError } from '../../campaign';

/** How a request ended; the numbers index {@link ERRORS}. */
export enum SampleOutcome {
  Success = 0,
  Dropped = 1,
  Timeout = 2,
  Status = 3,
  Interrupted = 4,
}

/** The `error` column by outcome. */
export const ERRORS: readonly (SampleError | null)[] = [null, 'dropped', 'timeout', 'status', 'interrupted'];

const OPEN = 1;
const CLOSED = 2;

/** The samples of one trial, one array per column; times in seconds, durations in milliseconds. */
export class SampleTable {
  readonly scheduled: Float64Array;
  /** NaN where the start was dropped. */
  readonly started: Float64Array;
  readonly connecting: Float32Array;
  readonly tls: Float32Array;
  readonly waiting: Float32Array;
  readonly receiving: Float32Array;
  readonly status: Int16Array;
  readonly outcome: Uint8Array;
  private readonly state: Uint8Array;

  constructor(readonly capacity: number) {
    this.scheduled = new Float64Array(capacity);
    this.started = new Float64Array(capacity).fill(NaN);
    this.connecting = new Float32Array(capacity);
    this.tls = new Float32Array(capacity);
    this.waiting = new Float32Array(capacity);
    this.receiving = new Float32Array(capacity);
    this.status = new Int16Array(capacity);
    this.outcome = new Uint8Array(capacity);
    this.state = new Uint8Array(capacity);
  }

  isOpen(request: number): boolean {
    return this.state[request] === OPEN;
  }

  start(request: number, now: number, connecting: number): void {
    this.state[request] = OPEN;
    this.started[request] = now;
    this.connecting[request] = connecting;
  }

  finish(request: number, waiting: number, receiving: number): void {
    this.state[request] = CLOSED;
    this.status[request] = 200;
    this.waiting[request] = waiting;
    this.receiving[request] = receiving;
  }

  /** @param sent When the request itself was sent; 0 where it ended before that. */
  fail(request: number, outcome: SampleOutcome, status: number, now: number, sent = 0): void {
    this.state[request] = CLOSED;
    this.outcome[request] = outcome;
    this.status[request] = status;
    if (sent > 0) this.waiting[request] = (now - sent) * 1000;
  }

  /** Response time of a request, milliseconds: all phases, as the campaign's report counts it. */
  responseTime(request: number): number {
    return this.connecting[request] + this.tls[request] + this.waiting[request] + this.receiving[request];
  }
}
