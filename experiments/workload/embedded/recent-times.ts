import type { RecentResponses } from '../generator';

/** Response times that are kept for the live view. */
const CAPACITY = 512;

/** The latest response times, in memory that the generator's thread writes and its parent reads. */
export class RecentTimes {
  static readonly BYTES = Int32Array.BYTES_PER_ELEMENT + CAPACITY * Float32Array.BYTES_PER_ELEMENT;
  private readonly written: Int32Array;
  private readonly times: Float32Array;

  constructor(memory: SharedArrayBuffer) {
    this.written = new Int32Array(memory, 0, 1);
    this.times = new Float32Array(memory, Int32Array.BYTES_PER_ELEMENT, CAPACITY);
  }

  /** @param ms Response time, milliseconds. */
  add(ms: number): void {
    const written = Atomics.load(this.written, 0);
    this.times[written % CAPACITY] = ms;
    Atomics.store(this.written, 0, written + 1);
  }

  /** Percentiles of the newest values since an earlier look, at most as many as are kept. */
  since(seen: number): { readonly seen: number; readonly recent?: RecentResponses } {
    const written = Atomics.load(this.written, 0);
    const count = Math.min(written - seen, CAPACITY);
    if (count <= 0) return { seen: written };
    const newest = Array.from({ length: count }, (_, index) => this.times[(written - 1 - index) % CAPACITY]!);
    return { seen: written, recent: recentResponses(newest) };
  }
}

/** Median and 95th percentile of some response times. */
function recentResponses(times: readonly number[]): RecentResponses {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
  return { p50: at(0.5), p95: at(0.95) };
}
