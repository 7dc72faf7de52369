import type { ChangePoint } from '../../statistics/change-point';
import { SUSTAINED } from '../settings';
import type { TrialSeries } from './result';

/** The peak sustained throughput of one trial. */
export interface SustainedRate {
  /** Requests per second; null where no stretch of the load had so few failures. */
  readonly rate: number | null;
  /** The load never asked for more than was served. */
  readonly atLeast: boolean;
}

/** Fewest whole seconds that a rate is taken over, however short a scaled load is. */
const SHORTEST_WINDOW = 5;

/** A window whose requests are still inside the system when it ends has answered this share of those due, or more. */
const KEPT_UP = 0.95;

/**
 * The highest rate served over a window (seconds) with at most 1 % failures, or a single one, whenever they were due. Where a
 * climbing load left the linear regime, it is the one served while requests waited: no choice of a lucky window biases that.
 */
export function sustainedRate(
  series: Pick<TrialSeries, 'offered' | 'served' | 'failed' | 'interrupted'>,
  loadSeconds: number,
  windowSeconds: number,
  changePoint: ChangePoint | null,
): SustainedRate {
  const whole = Math.floor(loadSeconds);
  const width = Math.min(Math.max(SHORTEST_WINDOW, Math.round(windowSeconds)), Math.max(1, whole));
  let rate: number | null = null;
  let mostOffered = 0;
  let keptUp = true;
  for (let start = 0; start + width <= whole; start++) {
    const sum = (column: Float64Array) => column.subarray(start, start + width).reduce((a, b) => a + b, 0);
    const offered = sum(series.offered);
    mostOffered = Math.max(mostOffered, offered / width);
    // What an aborted load gave up in flight was never answered wrongly.
    const failed = sum(series.failed) - sum(series.interrupted);
    if (failed > Math.max(1, SUSTAINED.failedShare * offered)) {
      keptUp = false;
      continue;
    }
    rate = Math.max(rate ?? 0, sum(series.served) / width);
  }
  // Before the first answer there is no rate.
  if (rate === 0) rate = null;
  if (rate !== null && changePoint !== null && changePoint.rate * width > nearTheLimit(rate * width))
    return { rate: changePoint.rate, atLeast: false };
  return { rate, atLeast: keptUp && changePoint === null && rate !== null && rate >= KEPT_UP * mostOffered };
}

/**
 * Fewest requests in a window at the limit for its rate to be of the same system as the best window. Few requests differ by chance, by
 * two standard deviations of their number at most: of nine in half a minute the luckiest window shows a third more.
 */
function nearTheLimit(best: number): number {
  return Math.min(SUSTAINED.nearTheLimit * best, best - 2 * Math.sqrt(best));
}
