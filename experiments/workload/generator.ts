import type { HostSample } from './host-usage';
import type { Load, Samples } from './load';

/** Counters of a running load, for the live view. */
export interface LoadProgress {
  /** Seconds since the load's start. */
  readonly seconds: number;
  readonly started: number;
  readonly finished: number;
  readonly failed: number;
  readonly dropped: number;
  readonly inFlight: number;
  /** Of the latest good answers; absent while there is none. */
  readonly recent?: RecentResponses;
}

/** Response times, milliseconds. */
export interface RecentResponses {
  readonly p50: number;
  readonly p95: number;
}

/** A time in which the generator did not run. */
export interface Pause {
  /** Seconds from the load's start. */
  readonly at_s: number;
  readonly seconds: number;
}

/** One address or certificate that answered. */
export interface ServerPeer {
  readonly kind: 'address' | 'certificate';
  /** The address, or the beginning of the certificate's SHA-256; of one that the gateway makes for itself, the name in it. */
  readonly name: string;
  /** When it was met first and last, seconds from the load's start. */
  readonly first_s: number;
  readonly last_s: number;
}

/** What a generator hands back. */
export interface LoadResult {
  readonly generator: 'k6' | 'embedded';
  readonly startedAt: Date;
  /** True where the abort rule ended the load early. */
  readonly aborted: boolean;
  readonly samples: Samples;
  /** Times in which the generator's own event loop stood still; absent where it cannot be seen (k6). */
  readonly pauses?: readonly Pause[];
  /** The machine that sent it, second by second; absent where that is the runner's own. */
  readonly host?: readonly HostSample[];
  /** Who answered; absent where it cannot be seen (k6). */
  readonly peers?: readonly ServerPeer[];
}

/** Both generators in one shape. */
export interface LoadGenerator {
  /**
   * Sends one load and resolves when its last request is done.
   *
   * @throws {Error} when the generator cannot run, or the signal stops it.
   */
  run(load: Load, options?: LoadOptions): Promise<LoadResult>;
}

export interface LoadOptions {
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
}
