import type { Interval } from '../statistics/mean-interval';
import type { Value } from './model';

/** What stands where there is no value. */
export const NO_VALUE = '–';

/** Three significant digits, without exponents for everyday sizes. */
export function digits(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_VALUE;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(2);
  if (size >= 100) return Math.round(value).toString();
  return Number(value.toPrecision(3)).toString();
}

export function percent(share: number | null | undefined): string {
  return share === null || share === undefined || !Number.isFinite(share) ? NO_VALUE : `${digits(share * 100)} %`;
}

/** An estimate as `value (low to high)`. */
export function estimate(interval: Interval | null, cell?: string, factor = 1): Value {
  if (interval === null || !Number.isFinite(interval.value)) return { text: NO_VALUE, value: null, cell };
  const scaled = (bound: number | null) => (bound === null || !Number.isFinite(bound) ? null : bound * factor);
  const value = interval.value * factor;
  const low = scaled(interval.low);
  const high = scaled(interval.high);
  const text =
    low === null || high === null ? `${digits(value)} (n = 1)` : `${digits(value)} (${digits(low)} to ${digits(high)})`;
  return { text: interval.n === 1 || low !== null ? text : digits(value), value, low, high, n: interval.n, cell };
}

export function plain(value: number | null, cell?: string, format: (value: number | null) => string = digits): Value {
  return { text: format(value), value: value !== null && Number.isFinite(value) ? value : null, cell };
}

export function probability(p: number): string {
  if (p < 0.0001) return '< 0.0001';
  return p >= 0.9995 ? '1' : Number(p.toPrecision(2)).toString();
}
