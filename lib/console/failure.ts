import { existsSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { types } from 'node:util';

/** By name: an error may come from another realm (a worker, a test), where classes are others. */
const DEFECTS: readonly string[] = ['TypeError', 'ReferenceError', 'RangeError', 'SyntaxError', 'AssertionError'];
/** Errors of Node.js whose class is that of a defect although a person or a network is behind them. */
const NOT_OURS = /^ERR_(INVALID_URL|PARSE_ARGS_\w+)$/;

/**
 * What a command prints of an error: bad input and an unfriendly machine (plain Errors) get their sentence, after the prefix;
 * a defect (TypeError, RangeError and their like, or something that is no Error) gets its stack.
 */
export function failureText(error: unknown, prefix = ''): string {
  if (!isError(error)) return new Error(`Something was thrown that is no Error: ${String(error)}`).stack!;
  if (isDefect(error)) return error.stack ?? `${error.name}: ${error.message}`;
  const refused = refusedBySystem(error);
  if (refused !== undefined) return `${prefix}${refused}`;
  const { cause } = error;
  return `${prefix}${error.message}${isFetchFailure(error) && isError(cause) ? ` (${cause.message})` : ''}`;
}

/** What to do about what the operating system refuses most often; `{}` is the path. */
const REFUSED: Readonly<Record<string, string>> = {
  EACCES: '{} may not be read or written by this user; change its owner or its permissions.',
  EPERM: '{} may not be changed by this user; change its owner or its permissions.',
  EROFS: '{} is on a file system that is read-only; use another folder, or mount it to be written to.',
  ENOSPC: '{} cannot be written, since its disk is full; make room there.',
  EDQUOT: "{} cannot be written, since this user's share of the disk is used up; make room there.",
  ENOENT: '{} is not there; restore it, or correct its name.',
  ENOTDIR: '{} is no folder, and a folder is needed there; name another, or remove what has its name.',
  EISDIR: '{} is a folder, and a file is needed there; name a file.',
};

/** The sentence for an error of a file that came as the operating system words it. */
function refusedBySystem(error: NodeJS.ErrnoException): string | undefined {
  const { code, path, syscall } = error;
  // Where somebody wrote a sentence of their own over it, that one knows more.
  if (path === undefined && (code === 'ENOSPC' || code === 'EDQUOT') && error.message.startsWith(`${code}: `))
    return 'What was to be written found no room: the disk is full; make room on it, and run it again.';
  if (code === undefined || path === undefined || syscall === undefined || !error.message.startsWith(`${code}: `))
    return;
  // Of a scratch file nobody knows the name; the folder it would have been in is what refuses.
  const place = syscall === 'mkdtemp' || syscall === 'mkdir' ? dirname(path) : path;
  const fromHere = relative(process.cwd(), place);
  // The folder is there, and still nothing can be made in it: /proc and its like.
  const refusal = code === 'ENOENT' && place !== path && existsSync(place) ? REFUSED['EROFS'] : REFUSED[code];
  return refusal?.replace('{}', () => (fromHere === '' || fromHere.startsWith('..') ? place : fromHere));
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
