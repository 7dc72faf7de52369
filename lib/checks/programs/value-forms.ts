import { goDurationSeconds } from '../../kubernetes/schedule/duration';

/**
 * What is wrong with a value of a form of `imports/programs`, as one clause; undefined where nothing is.
 *
 * @param form `bool`, `text`, `texts`, `seconds`, `duration`, `one of a|b`, or `int` and `real` with the unit and the bounds of
 *   a parameter of Postgres, such as `int 8kB 16..1073741823`.
 * @param isBoolean How the program writes yes and no.
 */
export function valueProblem(form: string, value: string, isBoolean: (value: string) => boolean): string | undefined {
  const [kind = '', ...rest] = form.split(' ');
  switch (kind) {
    case 'bool':
      return isBoolean(value) ? undefined : 'is neither yes nor no as the program writes them';
    case 'one': {
      const choices = form.slice('one of '.length).split('|');
      const isIn = choices.includes(value) || (choices.includes('on') && isBoolean(value));
      return isIn ? undefined : `is none of ${choices.filter(Boolean).join(', ')}`;
    }
    case 'seconds':
      return /^\d+(\.\d+)?$/.test(value) ? undefined : 'is not a number of seconds, which is written without a unit';
    case 'duration':
      return goDurationSeconds(value) !== undefined ? undefined : 'is not a duration, such as 30s or 1h30m';
    case 'int':
    case 'real':
      return numberProblem(kind, value, rest);
    default:
      return undefined;
  }
}

function numberProblem(kind: 'int' | 'real', value: string, rest: readonly string[]): string | undefined {
  const bounds = rest.at(-1)?.includes('..') ? rest.at(-1)! : undefined;
  const unit = rest.length > (bounds ? 1 : 0) ? rest[0] : undefined;
  const [, digits, suffix = ''] = NUMBER.exec(value) ?? [];
  if (digits === undefined)
    return unit ? `is not a number with a unit such as ${unitsLike(unit)[0]}` : 'is not a number';
  if (kind === 'int' && !unit && !/^-?\d+$/.test(digits)) return 'is not a whole number';
  const amount = unit === undefined ? plain(digits, suffix) : converted(Number(digits), suffix, unit);
  if (amount === undefined) {
    return unit ? `has no unit that is known: ${unitsLike(unit).join(', ')}` : 'is a number with a unit, and has none';
  }
  const [least, most] = (bounds ?? '').split('..').map(Number);
  if (bounds === undefined || (amount >= least! && amount <= most!)) return undefined;
  return `is not from ${least} to ${most}${unit ? ` (in ${unit})` : ''}`;
}

/** An amount of a form of Postgres in bytes or milliseconds, or a plain number; undefined where it is none. */
export function baseAmount(form: string, value: string): number | undefined {
  const [, unit = ''] = form.split(' ');
  const [, digits, suffix = ''] = NUMBER.exec(value) ?? [];
  if (digits === undefined) return undefined;
  const [, count = '1', name = ''] = /^(\d*)([A-Za-z]+)$/.exec(unit) ?? [];
  const factor = (each: string) => MEMORY[each] ?? TIME[each];
  if (factor(name) === undefined || Number(digits) < 0) return Number(digits);
  return suffix === ''
    ? Number(digits) * Number(count || 1) * factor(name)!
    : Number(digits) * (factor(suffix) ?? Number.NaN);
}

/** Digits and a unit. */
const NUMBER = /^(-?\d+(?:\.\d+)?(?:e-?\d+)?)\s*([A-Za-z]*)$/;

const plain = (digits: string, suffix: string) => (suffix === '' ? Number(digits) : undefined);

/** Units of Postgres: https://www.postgresql.org/docs/16/config-setting.html#CONFIG-SETTING-NAMES-VALUES */
const MEMORY: Readonly<Record<string, number>> = { B: 1, kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };
const TIME: Readonly<Record<string, number>> = { us: 1e-3, ms: 1, s: 1e3, min: 6e4, h: 36e5, d: 864e5 };

function unitsLike(unit: string): string[] {
  return Object.keys(/B$/.test(unit) ? MEMORY : TIME);
}

function converted(amount: number, suffix: string, unit: string): number | undefined {
  if (suffix === '' || amount === -1) return amount;
  const [, count = '1', name = ''] = /^(\d*)(\w+)$/.exec(unit) ?? [];
  const table = name in MEMORY ? MEMORY : TIME;
  const factor = Object.hasOwn(table, suffix) ? table[suffix] : undefined;
  return factor === undefined ? undefined : (amount * factor) / (Number(count || 1) * table[name]!);
}
