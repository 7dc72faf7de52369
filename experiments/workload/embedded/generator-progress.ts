import type { LoadProgress } from '../generator';
import { COUNTERS } from './protocol';

/** What the counters of a load say, so many seconds after its start. */
export function progress(counters: Int32Array, seconds: number): LoadProgress {
  const read = (counter: number) => Atomics.load(counters, counter);
  return {
    seconds,
    started: read(COUNTERS.started),
    finished: read(COUNTERS.finished),
    failed: read(COUNTERS.failed),
    dropped: read(COUNTERS.dropped),
    inFlight: read(COUNTERS.inFlight),
  };
}
