import type { Interval } from '../../../statistics/mean-interval';

/** Share of the requests that may fail or take longer than the objective, per cent: 99 % are within it. */
export const ALLOWED_PERCENT = 1;

/** Whether a variant keeps the objective, as far as its trials tell. */
export type Verdict = 'holds' | 'does not hold' | 'not decided';

/**
 * It holds where the whole interval of its share lies below what is allowed, and does not where all of it lies above; between
 * them its trials do not decide. Without an interval (one trial) nothing is decided.
 */
export function verdictOf(share: Interval | null): Verdict {
  if (share === null || share.low === null || share.high === null || share.n < 2) return 'not decided';
  if (share.high <= ALLOWED_PERCENT) return 'holds';
  return share.low > ALLOWED_PERCENT ? 'does not hold' : 'not decided';
}
