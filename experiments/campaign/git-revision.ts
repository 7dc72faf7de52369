import { execFileSync } from 'node:child_process';

/** Commit that a campaign's code and manifests came from, marked where the work tree differs from it. */
export function gitRevision(): string {
  const git = (...words: string[]) =>
    execFileSync('git', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ' with uncommitted changes');
  } catch {
    return 'unknown (no git repository)'; // An exported tree has no history.
  }
}
