import { execFileSync } from 'node:child_process';

/** The branch cannot be brought in step; the text is one sentence for the job's log. */
class ResynthesisError extends Error {}

/**
 * Renders `dist/` again and stages what changed of it, and nothing else: on a branch in step nothing is staged, which ends
 * the chain of workflow runs that a push sets off. Returns the files that changed.
 *
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
  return run(directory, 'git', 'diff', '--cached', '--name-only').split('\n').filter(Boolean);
}

/** What is staged as one patch, for a job that may push but runs nothing of the branch. */
export function stagedPatch(directory: string): string {
  return run(directory, 'git', 'diff', '--cached', '--binary', '--no-renames', '--no-ext-diff', '--no-textconv');
}

/** Commits what is staged, with the author and committer of the environment. */
export function commitStaged(directory: string): void {
  run(directory, 'git', 'commit', '--quiet', '--message', 'build: render dist with the new versions');
}

function run(directory: string, command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, {
      cwd: directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new ResynthesisError(`"${[command, ...args].join(' ')}" failed: ${`${stderr ?? ''}${stdout ?? ''}`.trim()}`);
  }
}

const firstLine = (text: string) => text.split('\n')[0];
