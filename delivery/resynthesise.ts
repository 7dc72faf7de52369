import { execFileSync } from 'node:child_process';

/** The branch cannot be brought in step; the text is one sentence for the job's log. */
export class ResynthesisError extends Error {}

/**
 * Renders `dist/` again and commits it where it changed. Nothing but `dist/` is ever committed, and a second run
 * commits nothing, which is what ends the chain of workflow runs that a push sets off.
 *
 * @param directory the repository's root, with its npm packages installed
 * @returns the files of `dist/` that the commit changed; empty where `dist/` was in step
 * @throws ResynthesisError where the work tree has changes of its own or the synthesis fails
 */
export function resynthesise(directory: string): string[] {
  const dirty = run(directory, 'git', 'status', '--porcelain').trim();
  if (dirty) {
    throw new ResynthesisError(
      `The work tree has uncommitted changes (${firstLine(dirty)}); commit or drop them first.`,
    );
  }
  run(directory, 'npm', 'run', '--silent', 'synth');
  run(directory, 'git', 'add', '--all', 'dist');
  const changed = run(directory, 'git', 'diff', '--cached', '--name-only').split('\n').filter(Boolean);
  if (changed.length > 0) {
    run(directory, 'git', 'commit', '--quiet', '--message', 'build: render dist with the new versions');
  }
  return changed;
}

function run(directory: string, command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new ResynthesisError(`"${[command, ...args].join(' ')}" failed: ${`${stderr ?? ''}${stdout ?? ''}`.trim()}`);
  }
}

const firstLine = (text: string) => text.split('\n')[0];
