import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFolder } from '../../write';

/**
 * The files of a folder as a git revision has them; none when the revision has no such folder.
 *
 * @throws Error when git is missing, this is no work tree that it may read, or the revision is unknown.
 */
export function readFolderAt(revision: string, folder: string): Map<string, string> {
  const commit = resolveRevision(revision);
  if (git(['ls-tree', '-d', commit, folder]).toString().trim() === '') return new Map();
  const scratch = mkdtempSync(join(tmpdir(), 'ahuora-revision-'));
  try {
    execFileSync('tar', ['-x', '-C', scratch], { input: git(['archive', '--format=tar', commit, folder]) });
    return readFolder(join(scratch, folder));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function resolveRevision(revision: string): string {
  try {
    return git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`])
      .toString()
      .trim();
  } catch {
    refuseMissingGit();
    refuseOtherPlace();
    const shallow = git(['rev-parse', '--is-shallow-repository']).toString().trim() === 'true';
    const rest = shallow ? ', or bring the history that this clone leaves out: git fetch --unshallow' : '';
    throw new Error(
      `--against: "${revision}" is no revision that git knows here; name a branch, a tag or a commit${rest}`,
    );
  }
}

function refuseMissingGit(): void {
  try {
    git(['--version']);
  } catch {
    throw new Error('--against: git is not installed here; install it, or leave the option out');
  }
}

/** Outside a work tree, or in somebody else's, git knows no revision at all: not the one that was named is wrong. */
function refuseOtherPlace(): void {
  const { status, stderr } = spawnSync('git', ['rev-parse', '--git-dir'], { encoding: 'utf8' });
  if (status === 0) return;
  const [reason = ''] = stderr.split('\n');
  throw new Error(
    `--against: git reads no repository here (${reason.replace(/^fatal: /, '')}); run it in a clone that is yours, or leave the option out`,
  );
}

function git(arguments_: string[]): Buffer {
  return execFileSync('git', arguments_, { maxBuffer: 256 << 20, stdio: ['ignore', 'pipe', 'ignore'] });
}
