import { AssertionError } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureText } from '../../../lib/console/failure';

test.each(
  [new TypeError('a.b is undefined'), new RangeError('1 of 0'), new SyntaxError('x'), new AssertionError({})].map(
    (error) => [error.name, error] as const,
  ),
)('a defect (%s) is printed with its stack', (_, error) => {
  expect(failureText(error, 'error: ')).toBe(error.stack);
  expect(failureText(error)).toContain('failure.test.ts');
});

test('what is thrown and no Error is a defect', () => {
  expect(failureText('text')).toMatch(/no Error: text\n +at /);
});

class OwnError extends Error {}

test.each([
  ['error: settings.ts: size: write 5Gi.', new Error('settings.ts: size: write 5Gi.')],
  ['error: give a folder.', new OwnError('give a folder.')],
  ['error: fetch failed (ECONNREFUSED)', new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })],
])('bad input and an unfriendly machine get a sentence: %s', (sentence, error) => {
  expect(failureText(error, 'error: ')).toBe(sentence);
});

test('an address that is none is bad input, although Node.js throws a TypeError', () => {
  const parse = () => new URL('no address');
  expect(parse).toThrow();
  try {
    parse();
  } catch (error) {
    expect(failureText(error)).toBe('Invalid URL');
  }
});

describe('what the operating system refuses', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'failure-'))));
  afterEach(() => {
    chmodSync(folder, 0o755);
    rmSync(folder, { recursive: true });
  });

  const thrown = (act: () => unknown): unknown => {
    try {
      act();
    } catch (error) {
      return error;
    }
    throw new Error('nothing was refused');
  };

  it('names what is missing, and what is no folder or no file', () => {
    const file = join(folder, 'dist');
    writeFileSync(file, '');
    expect(failureText(thrown(() => readFileSync(join(folder, 'first-start.sh'))))).toBe(
      `${folder}/first-start.sh is not there; restore it, or correct its name.`,
    );
    expect(failureText(thrown(() => readdirSync(file)))).toMatch(/\/dist is no folder/);
    // Node.js does not say of which folder.
    expect(failureText(thrown(() => readFileSync(folder)))).toMatch(/^EISDIR: /);
  });

  // The superuser is refused nothing, so somebody else tries.
  it.each([
    ['written to', 0o555, "mkdtempSync(folder + '/.dist-new-')"],
    ['read', 0o000, 'readdirSync(folder)'],
  ])('names the folder that may not be %s', (_, mode, act) => {
    chmodSync(folder, mode);
    const script = `const folder = ${JSON.stringify(folder)};
      try { require('node:fs').${act}; } catch (error) { console.log(JSON.stringify({ ...error, message: error.message })); }`;
    const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const { stdout } = spawnSync(process.execPath, ['--eval', script], { ...user, cwd: '/', encoding: 'utf8' });
    const error = Object.assign(new Error(), JSON.parse(stdout) as object);
    expect(error).toMatchObject({ code: 'EACCES' });
    expect(failureText(error, 'error: ')).toBe(
      `error: ${folder} may not be read or written by this user; change its owner or its permissions.`,
    );
  });

  it('leaves the sentence of somebody who knows more', () => {
    const error = Object.assign(new Error('hosts.yml: the inventory cannot be read'), {
      code: 'ENOENT',
      path: 'x',
      syscall: 'open',
    });
    expect(failureText(error)).toBe('hosts.yml: the inventory cannot be read');
  });
});

test('a folder that is there and takes nothing is not called missing', () => {
  const error = Object.assign(new Error("ENOENT: no such file or directory, mkdir '/proc/here'"), {
    code: 'ENOENT',
    path: '/proc/here',
    syscall: 'mkdir',
  });
  expect(failureText(error)).toMatch(/^\/proc is on a file system that is read-only/);
});

test('a disk that is full is said without the name of a file, too', () => {
  const error = Object.assign(new Error('ENOSPC: no space left on device, write'), {
    code: 'ENOSPC',
    syscall: 'write',
  });
  expect(failureText(error)).toMatch(/the disk is full; make room on it/);
});
