import type { SampleError } from '../sample-error';

/** What became of every request that was due, in schedule order: measured and rehearsed loads are judged in this form. */
export interface Outcomes {
  readonly rows: number;
  /** Seconds from the load's start. */
  readonly scheduled_s: ArrayLike<number>;
  /** Seconds from the load's start; NaN where the start was dropped. */
  readonly started_s: ArrayLike<number>;
  readonly status: ArrayLike<number>;
  error(row: number): SampleError | null;
  /** Time from the start to the end, milliseconds. */
  responseMs(row: number): number;
}
