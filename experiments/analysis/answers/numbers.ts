import type { Interval } from '../statistics/mean-interval';
import type { Value } from './model';

/** What stands where there is no value. */
export const NO_VALUE = '–';

const COUNT_WORDS: Readonly<Record<number, string>> = { 2: 'two', 3: 'three', 4: 'four', 5: 'five' };

/** A small count as a word. */
export function countWord(count: number): string {
  return COUNT_WORDS[count] ?? String(count);
}

/** Three significant digits, without exponents for everyday sizes; from ten thousand on with separators. */
export function digits(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_VALUE;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e9 || size < 1e-4) return value.toExponential(2);
  if (size >= 10_000) return Math.round(value).toLocaleString('en-GB');
  if (size >= 100) return Math.round(value).toString();
  return Number(value.toPrecision(3)).toString();
}

/**
 * An estimate as `value (low to high)`; `≥ value (low or more)` where it is censored. Trials of the cell that have no value are
 * counted: none vanishes silently.
 */
export function estimate(interval: Interval | null, cell?: string): Value {
  if (interval === null || !Number.isFinite(interval.value)) return { text: NO_VALUE, value: null, cell };
  const { value, n, atLeast = false, without = 0 } = interval;
  const [low, high] = [finite(interval.low), finite(interval.high)];
  const figure = `${atLeast ? '≥ ' : ''}${digits(value)}`;
  const scatter =
    low !== null && high !== null
      ? [`${digits(low)} to ${digits(high)}`]
      : low !== null && atLeast
        ? digits(low) === digits(value)
          ? []
          : [`${digits(low)} or more`]
        : n === 1
          ? ['n = 1']
          : [];
  const inBrackets = [...scatter, ...(without > 0 ? [`${n} of ${n + without} trials`] : [])].join('; ');
  return { text: inBrackets === '' ? figure : `${figure} (${inBrackets})`, value, low, high, n, cell };
}

/** An estimate with its unit: behind an interval, which has the same unit, and ahead of a bracket that has none. */
export function withUnit(value: Value, unit: string): Value {
  if (unit === '' || value.value == null) return value;
  const bracket = / \((?!.* (?:to|or more))/.exec(value.text)?.index ?? value.text.length;
  return { ...value, text: `${value.text.slice(0, bracket)} ${unit}${value.text.slice(bracket)}` };
}

function finite(bound: number | null): number | null {
  return bound === null || !Number.isFinite(bound) ? null : bound;
}

export function plain(value: number | null, cell?: string, format: (value: number | null) => string = digits): Value {
  return { text: format(value), value: value !== null && Number.isFinite(value) ? value : null, cell };
}

export function probability(p: number): string {
  if (p < 0.0001) return '< 0.0001';
  return p >= 0.9995 ? '1' : Number(p.toPrecision(2)).toString();
}
