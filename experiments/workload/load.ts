import { SAMPLE_ERRORS, type SampleError } from '../campaign/sample-error';
import type { LoadProfile } from '../plan/profile';
import type { ExpectedAnswer } from './answer/expected-answer';

export { SAMPLE_ERRORS, type SampleError };

/** What a generator sends: everything one trial's load needs, as plain data that any process can be handed. */
export interface Load extends Pick<LoadProfile, 'stages' | 'arrivals'> {
  /** Stable id of the trial. */
  readonly trial: string;
  readonly request: LoadRequest;
  /** Ends the load early once more requests than this are in flight; absent where it always runs in full. */
  readonly abortAboveVirtualUsers?: number;
  /** The part that this generator sends; absent where it sends all of it. */
  readonly share?: { readonly index: number; readonly of: number };
  /** When the load's clock starts, milliseconds since the epoch; absent where it starts at once. */
  readonly startAt?: number;
  /** What an answer with status 200 must be; absent where any body will do. */
  readonly answer?: ExpectedAnswer;
}

/** The one request that is sent again and again. */
export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Starts are dropped, and counted, while this many requests are in flight: k6's `maxVUs`. It must exceed the abort rule's 100. */
export const MAX_VIRTUAL_USERS = 150;
/** k6 drops a start while it prepares a further virtual user, so all that the abort rule allows are prepared beforehand. */
export const PREPARED_VIRTUAL_USERS = 100;
/** A body of some kilobytes takes milliseconds: one that still arrives after this long is given up as `stalled`, seconds. */
export const BODY_SECONDS = 5;
/** And it has no end, or unpacks to something else, where it is longer than this: a hundred times the longest answer, bytes. */
export const BODY_BYTES = 4 * 2 ** 20;
// By its file: the k6 script is bundled from here, and the plan's door leads to files that k6 does not have.
export { GRACEFUL_STOP_SECONDS, REQUEST_TIMEOUT_SECONDS } from '../plan/profile';

export function errorCode(error: SampleError | null): number {
  return SAMPLE_ERRORS.indexOf(error);
}

/**
 * One value per request that was due, in schedule order, in the columns of the samples table. A dropped start has NaN as
 * its start. Phases that a request never reached are 0.
 */
export interface Samples {
  readonly rows: number;
  readonly scheduled_s: Float64Array;
  readonly started_s: Float64Array;
  readonly blocked_ms: Float32Array;
  readonly connecting_ms: Float32Array;
  readonly tls_ms: Float32Array;
  readonly sending_ms: Float32Array;
  readonly waiting_ms: Float32Array;
  readonly receiving_ms: Float32Array;
  readonly status: Int16Array;
  /** Positions in {@link SAMPLE_ERRORS}. */
  readonly error: Uint8Array;
}

export function emptySamples(rows: number): Samples {
  return {
    rows,
    scheduled_s: new Float64Array(rows),
    started_s: new Float64Array(rows).fill(NaN),
    blocked_ms: new Float32Array(rows),
    connecting_ms: new Float32Array(rows),
    tls_ms: new Float32Array(rows),
    sending_ms: new Float32Array(rows),
    waiting_ms: new Float32Array(rows),
    receiving_ms: new Float32Array(rows),
    status: new Int16Array(rows),
    error: new Uint8Array(rows),
  };
}

/** The first `rows` rows, without copying. */
export function firstRows(samples: Samples, rows: number): Samples {
  return {
    rows,
    scheduled_s: samples.scheduled_s.subarray(0, rows),
    started_s: samples.started_s.subarray(0, rows),
    blocked_ms: samples.blocked_ms.subarray(0, rows),
    connecting_ms: samples.connecting_ms.subarray(0, rows),
    tls_ms: samples.tls_ms.subarray(0, rows),
    sending_ms: samples.sending_ms.subarray(0, rows),
    waiting_ms: samples.waiting_ms.subarray(0, rows),
    receiving_ms: samples.receiving_ms.subarray(0, rows),
    status: samples.status.subarray(0, rows),
    error: samples.error.subarray(0, rows),
  };
}
