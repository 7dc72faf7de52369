import { sync as parse, type Options } from 'conventional-commits-parser';
import type { ReleaseType } from 'semver';

/** The message cannot be read as a Conventional Commit; the text says what to write instead. */
class MalformedCommitMessage extends Error {}

/** Header of https://www.conventionalcommits.org/en/v1.0.0/: `type(scope)!: subject`. */
const CONVENTIONAL_COMMIT: Options = {
  headerPattern: /^(\w+)(?:\(([^)]*)\))?(!)?: (.+)$/,
  headerCorrespondence: ['type', 'scope', 'breaking', 'subject'],
  noteKeywords: ['BREAKING CHANGE', 'BREAKING-CHANGE'],
};

/** Types of the Angular convention, which Conventional Commits names as its example set. */
const KNOWN_TYPES = new Set([
  'build',
  'chore',
  'ci',
  'docs',
  'feat',
  'fix',
  'perf',
  'refactor',
  'revert',
  'style',
  'test',
]);

/** git's own subject for `git revert`, which has no Conventional Commits type. */
const GIT_REVERT = /^Revert "/;

/**
 * Which part of the version a commit raises: a breaking change the major, `feat` the minor, every other known type the patch
 * (each build is a new image). Throws MalformedCommitMessage for none of Conventional Commits' types.
 */
export function bumpOf(message: string): Extract<ReleaseType, 'major' | 'minor' | 'patch'> {
  if (GIT_REVERT.test(message)) return 'patch';
  const commit = parse(message.trim(), CONVENTIONAL_COMMIT);
  const type = commit.type?.toLowerCase();
  if (!type || !KNOWN_TYPES.has(type)) {
    const subject = message.split('\n')[0];
    throw new MalformedCommitMessage(
      `The latest commit message "${subject}" does not start with a known type; write it as "fix: …", "feat: …" or one of ${[...KNOWN_TYPES].join(', ')}.`,
    );
  }
  if (commit.breaking || commit.notes.length > 0) return 'major';
  return type === 'feat' ? 'minor' : 'patch';
}
