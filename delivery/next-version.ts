import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as semver from 'semver';
import { bumpOf } from './version-bump';

/** A release cannot be computed from this repository; the text is one sentence for the person who reads the job's log. */
class NextVersionError extends Error {}

export interface NextVersion {
  /** Semantic Version, such as `0.0.18`: the image's tag. */
  readonly version: string;
  /** git tag, such as `django-api-0.0.18`. */
  readonly tag: string;
  /** Newest earlier version of this prefix; absent at the first release. */
  readonly previous?: string;
  /** True where the commit was released before (a job that is run again): the version is the one it already has. */
  readonly alreadyTagged: boolean;
}

/** Lower-case words joined by hyphens; also what a Docker repository name may be. */
const PREFIX = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/**
 * The next tag `<prefix>-<version>` of HEAD: the prefix's newest tag (prereleases passed over; 0.0.0 before the first),
 * raised by what the latest commit, or the latest of a merged branch, asks for (see {@link bumpOf}). Before 1.0.0 a breaking
 * change raises the minor version (https://semver.org, item 4).
 *
 * @throws NextVersionError for a bad prefix, a shallow clone, a repository without commits
 * @throws MalformedCommitMessage where the message has no known type
 */
export function nextVersion(directory: string, prefix: string): NextVersion {
  if (!PREFIX.test(prefix)) {
    throw new NextVersionError(
      `The tag prefix "${prefix}" is not lower-case words joined by hyphens; use one such as "django-api".`,
    );
  }
  refuseIncompleteHistory(directory);

  const released = versionsWithPrefix(git(directory, 'tag', '--points-at', 'HEAD'), prefix).at(-1);
  if (released) return { version: released, tag: `${prefix}-${released}`, alreadyTagged: true };

  const previous = versionsWithPrefix(git(directory, 'tag', '--list', `${prefix}-*`), prefix).at(-1);
  const message = git(directory, 'log', '-1', '--format=%B', mergedIn(directory));
  const version = raise(previous ?? '0.0.0', bumpOf(message));
  return { version, tag: `${prefix}-${version}`, previous, alreadyTagged: false };
}

function raise(previous: string, bump: 'major' | 'minor' | 'patch'): string {
  const initialDevelopment = semver.major(previous) === 0;
  return semver.inc(previous, bump === 'major' && initialDevelopment ? 'minor' : bump)!;
}

/** HEAD, or where that is a merge, the last commit of the branch it brought in. */
function mergedIn(directory: string): string {
  let commit = 'HEAD';
  for (;;) {
    const branch = git(directory, 'rev-list', '--parents', '-1', commit).trim().split(' ')[2];
    if (!branch) return commit;
    commit = branch;
  }
}

/** Released versions among the tags, oldest first. */
function versionsWithPrefix(tags: string, prefix: string): string[] {
  return tags
    .split('\n')
    .filter((tag) => tag.startsWith(`${prefix}-`))
    .map((tag) => semver.valid(tag.slice(prefix.length + 1)))
    .filter((version): version is string => version !== null && semver.prerelease(version) === null)
    .sort(semver.compare);
}

/** A shallow clone has no tags, and the next version would be computed as if it were the first. */
function refuseIncompleteHistory(directory: string): void {
  if (git(directory, 'rev-parse', '--is-shallow-repository').trim() === 'true') {
    throw new NextVersionError('The clone is shallow, so earlier tags are missing; check out with the full history.');
  }
}

function git(directory: string, ...args: string[]): string {
  try {
    return execFileSync('git', args, { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    if (!existsSync(directory))
      throw new NextVersionError(
        `--repository: there is no folder ${directory}; name a clone of the platform repository`,
      );
    const reason = String((error as { stderr?: string }).stderr ?? error).trim();
    throw new NextVersionError(`git ${args[0]} failed in ${directory}: ${reason}`);
  }
}
