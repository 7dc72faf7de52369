import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { compareText } from './render';

/**
 * Replaces a folder by the given files, all or nothing, through a new folder beside it; returns whether anything was written.
 *
 * @throws Error when the folder is not ours to replace (it holds a file that synthesis never writes).
 */
export function replaceFolder(folder: string, outputs: ReadonlyMap<string, string>): boolean {
  const target = resolve(folder);
  const parent = dirname(target);
  mkdirSync(parent, { recursive: true });
  finishInterruptedSwap(target);
  const present = readFolder(target);
  if (isSame(present, outputs)) return false;
  refuseForeignFiles(folder, present);

  const fresh = mkdtempSync(join(parent, `.${basename(target)}-new-`));
  try {
    for (const [path, content] of outputs) {
      const file = join(fresh, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    if (existsSync(target)) renameSync(target, previousOf(target));
    renameSync(fresh, target);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    finishInterruptedSwap(target);
    throw error;
  }
  rmSync(previousOf(target), { recursive: true, force: true });
  return true;
}

/** Text of every file below a folder, by relative path with forward slashes; empty when the folder is missing. */
export function readFolder(folder: string): Map<string, string> {
  if (!existsSync(folder)) return new Map();
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file): [string, string] => [relative(folder, file).split(sep).join('/'), readFileSync(file, 'utf8')])
      .sort(([a], [b]) => compareText(a, b)),
  );
}

const WRITTEN_BY_SYNTHESIS = /\.(yaml|yml|json|conf|env|md|txt)$/;

/** Guards against `--output .` or `--output ~`: a folder of sources must not be swapped away. */
function refuseForeignFiles(folder: string, present: ReadonlyMap<string, string>): void {
  const foreign = [...present.keys()].find((path) => !WRITTEN_BY_SYNTHESIS.test(path));
  if (foreign) {
    throw new Error(
      `${folder} holds ${foreign}, which synthesis never writes: name a folder of its own, or delete it first`,
    );
  }
}

function previousOf(target: string): string {
  return join(dirname(target), `.${basename(target)}-previous`);
}

/** Killed between the two renames, a run leaves no target: put the previous one back. */
function finishInterruptedSwap(target: string): void {
  const previous = previousOf(target);
  if (!existsSync(previous)) return;
  if (existsSync(target)) rmSync(previous, { recursive: true, force: true });
  else renameSync(previous, target);
}

function isSame(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...b].every(([path, content]) => a.get(path) === content);
}
