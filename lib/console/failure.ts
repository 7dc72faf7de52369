import { types } from 'node:util';

/** By name: an error may come from another realm (a worker, a test), where classes are others. */
const DEFECTS: readonly string[] = ['TypeError', 'ReferenceError', 'RangeError', 'SyntaxError', 'AssertionError'];
/** Errors of Node.js whose class is that of a defect although a person or a network is behind them. */
const NOT_OURS = /^ERR_(INVALID_URL|PARSE_ARGS_\w+)$/;

/**
 * What a command prints of an error: bad input and an unfriendly machine, which are plain Errors, get their sentence; a defect
 * of the program (TypeError, RangeError and their like, or something that is no Error) gets its stack.
 *
 * @param prefix Stands before a sentence.
 */
export function failureText(error: unknown, prefix = ''): string {
  if (!isError(error)) return new Error(`Something was thrown that is no Error: ${String(error)}`).stack!;
  if (isDefect(error)) return error.stack ?? `${error.name}: ${error.message}`;
  const { cause } = error;
  return `${prefix}${error.message}${isFetchFailure(error) && isError(cause) ? ` (${cause.message})` : ''}`;
}

/** Prints an error as {@link failureText} has it, and lets the process end with 1. */
export function reportFailure(error: unknown, prefix = ''): void {
  process.stderr.write(`${failureText(error, prefix)}\n`);
  process.exitCode = 1;
}

function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}

/** Whether an error is a mistake of the program, not of its input or its surroundings. */
export function isDefect(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  if (isFetchFailure(error) || NOT_OURS.test(code ?? '')) return false;
  return DEFECTS.includes(error.name);
}

/** `fetch` throws a TypeError where a server cannot be reached. */
function isFetchFailure(error: Error): boolean {
  return error.name === 'TypeError' && error.message === 'fetch failed';
}
