import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join, relative } from 'node:path';
import { hasPassed, keepPassed } from './passed';

const repository = join(__dirname, '..', '..', '..');
/** Name of this check among those that remember what passed. */
const TYPES = 'types';

/** Digest of every TypeScript file that was loaded, by its path: what require-typescript.cjs keeps. */
type LoadedSources = ReadonlyMap<string, string>;

/**
 * What the compiler says of the files that this run was loaded from, one sentence each. esbuild drops types unread, so a
 * misspelt `replica: 2` would be one pod; the compiler costs a second or two, and is asked only when a file has changed
 * since.
 */
export function typeErrors(): string[] {
  const sources = loadedSources();
  if (!sources) return []; // Loaded by another way, such as tsx in a test.
  const digest = digestOf(sources);
  if (hasPassed(TYPES, digest)) return [];
  const errors = check();
  if (errors.length === 0) keepPassed(TYPES, digest);
  return errors;
}

/** Set by require-typescript.cjs, and so by the program itself alone. */
export function loadedSources(): LoadedSources | undefined {
  return (globalThis as { loadedTypescript?: LoadedSources }).loadedTypescript;
}

function digestOf(sources: LoadedSources): string {
  const lines = [...sources].map(([file, digest]) => `${relative(repository, file)} ${digest}`).sort();
  return createHash('sha1').update(lines.join('\n')).digest('hex');
}

function check(): string[] {
  // The native compiler takes a tenth of the time; it has no interface to call yet, and so its words are read.
  const compiler = join(repository, 'node_modules', 'typescript-native', 'bin', 'tsc');
  // Unfinished work may hold a name that nothing uses yet; `npm run typecheck` is stricter.
  const args = [compiler, '--project', join(__dirname, 'tsconfig.synth.json'), '--pretty', 'false'];
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, {
    cwd: repository,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status === 0) return [];
  const errors = sentencesOf(stdout);
  const own = errors.filter((each) => !each.includes(' TS5033: '));
  if (own.length > 0) return own.map((each) => each.replace(/ TS\d+: /, ' '));
  // A folder that cannot be written to costs time, not correctness.
  if (errors.length > 0) return [];
  const reason = error?.message ?? /^\w*Error: .*$/m.exec(stderr)?.[0] ?? `status ${status}`;
  throw new Error(`the compiler of types cannot be run (${reason}): type npm ci first.`);
}

/** What the compiler prints, a sentence for each error; lines that are indented go on with the one before. */
function sentencesOf(output: string): string[] {
  const sentences: string[] = [];
  for (const line of output.split('\n')) {
    const [, file, row, column, code, text] = /^(.+)\((\d+),(\d+)\): error (TS\d+): (.*)$/.exec(line) ?? [];
    const [, general] = /^error (TS\d+: .*)$/.exec(line) ?? [];
    if (file !== undefined) sentences.push(`${file}:${row}:${column}: ${code}: ${text}`);
    else if (general !== undefined) sentences.push(`tsconfig.json: ${general}`);
    else if (line.trim() !== '' && sentences.length > 0) sentences.push(`${sentences.pop()} ${line.trim()}`);
  }
  return sentences;
}
