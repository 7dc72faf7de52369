import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const REQUIREMENTS = join(__dirname, '..', '..', '..', 'tools', 'requirements-analysis.txt');

/**
 * Path of a Python that has pandas in the pinned version, from an environment made once in the cache.
 *
 * @throws {Error} in one sentence, when it cannot be made.
 */
export function pandasPython(): string {
  const key = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'ahuora-platform');
  const home = join(cache, `analysis-python-${key}`);
  const python = join(home, 'bin', 'python');
  if (existsSync(join(home, 'complete'))) return python;
  rmSync(home, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  console.log('Installing pandas into the cache …');
  try {
    execFileSync('python3', ['-m', 'venv', home], { stdio: 'pipe' });
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS], {
      stdio: 'pipe',
    });
    execFileSync('touch', [join(home, 'complete.new')]);
    renameSync(join(home, 'complete.new'), join(home, 'complete'));
  } catch (error) {
    throw new Error(
      `pandas cannot be installed (${String((error as { stderr?: unknown }).stderr ?? error).split('\n')[0]}): python3 with venv and a package index are needed.`,
    );
  }
  return python;
}

/** Runs a Python program and returns what it printed, as JSON. */
export function runPython<T>(program: string, args: readonly string[]): T {
  const result = spawnSync(pandasPython(), ['-c', program, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.status !== 0) throw new Error(result.stderr);
  return JSON.parse(result.stdout) as T;
}
