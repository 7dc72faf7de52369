import { InvalidArgumentError } from 'commander';

/** Value of an option that counts from zero. @throws {InvalidArgumentError} for anything else. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}

/** Value of an option that counts from one. @throws {InvalidArgumentError} for anything else. */
export function positiveWholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0) throw new InvalidArgumentError('Give a whole number above 0.');
  return Number(text);
}

/** Value of an option that is a port. @throws {InvalidArgumentError} for anything but 1 to 65535. */
export function portNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) === 0 || Number(text) > 65535)
    throw new InvalidArgumentError('Give a port, 1 to 65535.');
  return Number(text);
}

/** Value of an option that is an amount, in plain decimals. @throws {InvalidArgumentError} for anything else, zero among it. */
export function positiveNumber(text: string): number {
  const value = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : NaN;
  if (!(Number.isFinite(value) && value > 0)) throw new InvalidArgumentError('Give a number above 0.');
  return value;
}
