import type { Pause, ServerPeer } from '../generator';
import type { Load, Samples } from '../load';

/** What the generator's thread is started with. */
export interface WorkerInput {
  readonly load: Load;
  /** Shared with the parent: {@link COUNTERS}. */
  readonly counters: SharedArrayBuffer;
  /** Shared with the parent: `RecentTimes`. */
  readonly recent: SharedArrayBuffer;
}

/** Positions in the shared counters. */
export const COUNTERS = { started: 0, finished: 1, failed: 2, dropped: 3, inFlight: 4 } as const;

/** What the thread answers with. */
export interface WorkerOutput {
  /** Nanoseconds of the machine's monotonic clock, which all threads share. */
  readonly startedAt: bigint;
  readonly aborted: boolean;
  readonly samples: Samples;
  readonly pauses: readonly Pause[];
  readonly peers: readonly ServerPeer[];
}
