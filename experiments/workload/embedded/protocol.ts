import type { Load, Samples } from '../load';

/** What the generator's thread is started with. */
export interface WorkerInput {
  readonly load: Load;
  /** Shared with the parent: {@link COUNTERS}. */
  readonly counters: SharedArrayBuffer;
}

/** Positions in the shared counters. */
export const COUNTERS = { started: 0, finished: 1, failed: 2, dropped: 3, inFlight: 4 } as const;

/** What the thread answers with. */
export interface WorkerOutput {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly aborted: boolean;
  readonly samples: Samples;
}
