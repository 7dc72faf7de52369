import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nextVersion } from '../../delivery/next-version';

let repository: string;

const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...args], {
    cwd: repository,
    encoding: 'utf8',
    stdio: 'pipe',
  });
const commit = (message: string) => git('commit', '--quiet', '--allow-empty', '-m', message);

beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'next-version-'));
  git('init', '--quiet', '--initial-branch=main');
});
afterEach(() => rmSync(repository, { recursive: true }));

describe('from the last tag and the latest message', () => {
  const cases: [string, string, string][] = [
    ['fix: keep the pump alive', '1.4.2', '1.4.3'],
    ['feat: flash drums', '1.4.2', '1.5.0'],
    ['feat(solver)!: new units', '1.4.2', '2.0.0'],
    ['fix: units\n\nBREAKING CHANGE: pressures are in kPa', '1.4.2', '2.0.0'],
    ['fix: units\n\nBREAKING-CHANGE: pressures are in kPa', '1.4.2', '2.0.0'],
    ['docs: say how to solve', '1.4.2', '1.4.3'],
    ['Fix: capital letter', '1.4.2', '1.4.3'],
    ['Revert "feat: flash drums"', '1.4.2', '1.4.3'],
    ['feat!: before 1.0.0', '0.0.17', '0.1.0'],
    ['fix: before 1.0.0', '0.0.17', '0.0.18'],
  ];
  test.each(cases)('"%s" after %s is %s', (message, previous, expected) => {
    commit('chore: start');
    git('tag', `django-api-${previous}`);
    commit(message);
    expect(nextVersion(repository, 'django-api')).toEqual({
      version: expected,
      tag: `django-api-${expected}`,
      previous,
      alreadyTagged: false,
    });
  });
});

test('the first release counts from 0.0.0', () => {
  commit('fix: first');
  expect(nextVersion(repository, 'idaes')).toMatchObject({ version: '0.0.1', previous: undefined });
  commit('feat: more');
  expect(nextVersion(repository, 'idaes')).toMatchObject({ version: '0.1.0' });
});

test('the newest version wins, by number and not by name or date', () => {
  commit('chore: start');
  for (const version of ['0.0.9', '0.0.10', '0.0.2']) git('tag', `idaes-${version}`);
  commit('fix: next');
  expect(nextVersion(repository, 'idaes').version).toBe('0.0.11');
});

test('tags of other prefixes, prereleases and tags that are no version do not count', () => {
  commit('chore: start');
  for (const tag of [
    'front-end-3.0.0',
    'front-2.0.0',
    'front-0.1.0',
    'front-latest',
    'front-0.2.0-rc.1',
    'my-front-9.0.0',
  ])
    git('tag', tag);
  commit('fix: next');
  expect(nextVersion(repository, 'front').version).toBe('2.0.1');
  expect(nextVersion(repository, 'front-end').version).toBe('3.0.1');
});

test('a merge commit takes the message of the latest commit of the branch it merged', () => {
  commit('chore: start');
  git('tag', 'idaes-0.1.0');
  git('checkout', '--quiet', '-b', 'topic');
  commit('feat: from the branch');
  git('checkout', '--quiet', 'main');
  git('merge', '--quiet', '--no-ff', '-m', "Merge branch 'topic'", 'topic');
  expect(nextVersion(repository, 'idaes').version).toBe('0.2.0');
});

test('a commit that has a tag keeps it, so that a job may run again', () => {
  commit('feat: once');
  git('tag', 'idaes-0.4.0');
  git('tag', 'front-end-9.0.0');
  expect(nextVersion(repository, 'idaes')).toEqual({ version: '0.4.0', tag: 'idaes-0.4.0', alreadyTagged: true });
});

test('annotated tags count too', () => {
  commit('chore: start');
  git('tag', '-a', '-m', 'release', 'idaes-0.4.0');
  commit('fix: next');
  expect(nextVersion(repository, 'idaes').version).toBe('0.4.1');
});

describe('is refused with one sentence', () => {
  test.each(['fixed the pump', 'unknown: type', 'fix:no space', 'WIP'])('a malformed message "%s"', (message) => {
    commit(message);
    expect(() => nextVersion(repository, 'idaes')).toThrow(`"${message}" does not start with a known type`);
  });

  test('a shallow clone', () => {
    commit('fix: one');
    commit('fix: two');
    const clone = join(repository, 'clone');
    git('clone', '--quiet', '--depth', '1', `file://${repository}`, clone);
    expect(() => nextVersion(clone, 'idaes')).toThrow('The clone is shallow');
  });

  test('a repository without a commit', () => {
    expect(() => nextVersion(repository, 'idaes')).toThrow(/git (tag|log) failed/);
  });

  test.each(['', 'Django', 'a b', '-x', 'a--b', 'a/b'])('the prefix "%s"', (prefix) => {
    commit('fix: one');
    expect(() => nextVersion(repository, prefix)).toThrow('is not lower-case words joined by hyphens');
  });
});

describe('the command', () => {
  const run = (args: string[], env: NodeJS.ProcessEnv = {}) =>
    spawnSync('npx', ['tsx', 'delivery/next-version-command.ts', ...args], {
      cwd: join(__dirname, '../..'),
      encoding: 'utf8',
      env: { ...process.env, GITHUB_OUTPUT: undefined, ...env },
    });

  test('prints the version and hands it to the workflow', () => {
    commit('feat: one');
    const output = join(repository, 'output');
    writeFileSync(output, 'earlier=1\n');
    const result = run(['--prefix', 'idaes', '--repository', repository], { GITHUB_OUTPUT: output });
    expect(result).toMatchObject({ status: 0, stdout: '0.1.0\n' });
    expect(readFileSync(output, 'utf8')).toBe('earlier=1\nversion=0.1.0\ntag=idaes-0.1.0\n');
  });

  test('fails with the sentence alone', () => {
    commit('nonsense');
    const result = run(['--prefix', 'idaes', '--repository', repository]);
    expect(result.status).toBe(1);
    expect(result.stdout).toBe('');
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
  });
});
