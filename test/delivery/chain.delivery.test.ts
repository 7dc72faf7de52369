import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { images } from '../../facts/images';
import { outsideImages } from '../../facts/outside-images';
import { bump as bumpPins, pullRequests } from './bumped-pins';
import { declaredPins } from './declared-pins';

const ROOT = join(__dirname, '../..');
const TIMEOUT = 120_000;
const IDENTITY = {
  GIT_AUTHOR_NAME: 'Delivery',
  GIT_AUTHOR_EMAIL: 'delivery@localhost',
  GIT_COMMITTER_NAME: 'Delivery',
  GIT_COMMITTER_EMAIL: 'delivery@localhost',
};

let clone: string;

/** Without what an outer npm leaves for inner ones, which would make them work in its folder. */
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))),
  ...IDENTITY,
};

const inClone = (command: string, ...args: string[]) =>
  spawnSync(command, args, { cwd: clone, encoding: 'utf8', env: environment });
const git = (...args: string[]) => {
  const { status, stdout, stderr } = inClone('git', ...args);
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  return stdout;
};
const npmRun = (script: string) => inClone('npm', 'run', '--silent', script);

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'chain-'));
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', ROOT, clone]);
  symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  // The ignore rule names a folder; here it is a link.
  writeFileSync(join(clone, '.git/info/exclude'), 'node_modules\n');
  git('checkout', '--quiet', '-b', 'renovate/idaes');
});
afterEach(() => rmSync(clone, { recursive: true, force: true }));

/** Changes the tag in the pin file, as Renovate does with the value it extracted, and commits. */
function bump(image: string, newTag: string): void {
  const file = join(clone, 'facts/images.ts');
  const name = image.slice(0, image.lastIndexOf(':'));
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, before.replace(`'${image}'`, `'${name}:${newTag}'`));
  git('commit', '--quiet', '--all', '--message', `feat(deps): update ${name} to ${newTag}`);
}

/** Lines that a commit adds and removes, without the headers of the diff. */
function changedLines(path: string): string[] {
  return git('show', '--unified=0', '--format=', '--', path)
    .split('\n')
    .filter((line) => /^[+-](?![+-]{2} )/.test(line))
    .map((line) => line.replace(/^([+-])\s+/, '$1'));
}

test(
  'a bumped image ends as exactly its own lines in dist/, and the drift gate passes',
  () => {
    bump(images.idaes, '99.0.1');
    const result = npmRun('resynth');
    expect(result).toMatchObject({ status: 0, stdout: expect.stringContaining('Committed dist/') });

    const lines = changedLines('dist');
    expect(lines.length).toBeGreaterThan(0);
    const expected = [`-image: ${images.idaes}`, '+image: ahuora/idaes:99.0.1'];
    // The first field of a list's item starts with a hyphen of its own.
    expect([...new Set(lines.map((line) => line.replace(/^([+-])- /, '$1')))].sort()).toEqual(expected.sort());
    expect(
      git('show', '--name-only', '--format=')
        .trim()
        .split('\n')
        .every((file) => file.startsWith('dist/')),
    ).toBe(true);

    expect(npmRun('synth').status).toBe(0);
    expect(npmRun('drift-gate').status).toBe(0);
  },
  TIMEOUT,
);

test(
  'without the resynthesis the drift gate fails and shows the line',
  () => {
    bump(images.idaes, '99.0.1');
    expect(npmRun('synth').status).toBe(0);
    const gate = npmRun('drift-gate');
    expect(gate.status).not.toBe(0);
    expect(gate.stdout).toContain('ahuora/idaes:99.0.1');
  },
  TIMEOUT,
);

test(
  'the run that the push of the resynthesis starts commits nothing, so the chain ends',
  () => {
    bump(images.idaes, '99.0.1');
    expect(npmRun('resynth').status).toBe(0);
    const head = git('rev-parse', 'HEAD');
    expect(npmRun('resynth')).toMatchObject({ status: 0, stdout: expect.stringContaining('nothing to commit') });
    expect(git('rev-parse', 'HEAD')).toBe(head);
  },
  TIMEOUT,
);

test(
  'a bump that the checks refuse leaves dist/ and the branch as they were',
  () => {
    bump(images.idaes, 'latest');
    const head = git('rev-parse', 'HEAD');
    const result = npmRun('resynth');
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('latest');
    expect(git('rev-parse', 'HEAD')).toBe(head);
    expect(git('status', '--porcelain')).toBe('');
  },
  TIMEOUT,
);

test('uncommitted work is never swept into the commit', () => {
  writeFileSync(join(clone, 'notes.txt'), 'mine');
  const result = npmRun('resynth');
  expect(result).toMatchObject({ status: 1, stderr: expect.stringContaining('uncommitted changes') });
});

describe('every pin that Renovate moves', () => {
  const pins = declaredPins(ROOT);
  const requests = [...pullRequests(ROOT, pins)];

  test('pins that renovate.json groups move in one pull request, all others alone', () => {
    const together = (name: string) => requests.find(([request]) => request === name)?.[1].map(({ file }) => file);
    expect(new Set(together('kubernetes'))).toContain('ansible/inventory/group_vars/all/versions.yml');
    expect(new Set(together('argo-cd'))).toContain('facts/chart-versions.ts');
    expect(requests.filter(([, { length }]) => length === 1).length).toBeGreaterThan(20);
    expect(requests.flatMap(([, list]) => list)).toHaveLength(pins.length);
  });

  test(
    'each pull request is resynthesised, and the gate then passes',
    () => {
      const base = git('rev-parse', 'HEAD').trim();
      const failures = requests.flatMap(([name, list]) => {
        bumpPins(clone, list);
        git('commit', '--quiet', '--all', '--message', 'build(deps): bump');
        const result = npmRun('resynth');
        const gate = inClone('git', 'status', '--porcelain');
        git('reset', '--quiet', '--hard', base);
        return result.status === 0 && gate.stdout === '' ? [] : [`${name}: ${result.stderr}${gate.stdout}`];
      });
      expect(failures).toEqual([]);
    },
    10 * TIMEOUT,
  );

  // Versions of compilers and packages of npm do not reach a test by their text; all else is bumped at once.
  test(
    'with all of them at later versions npm test is green, but for the lists of images of charts and of K3s, which name their command',
    () => {
      bumpPins(
        clone,
        pins.filter(({ name, file }) => !(file === 'package.json' && name === 'node')),
      );
      git('commit', '--quiet', '--all', '--message', 'build(deps): bump');
      expect(npmRun('resynth')).toMatchObject({ status: 0 });
      const { stdout, stderr } = inClone('npm', 'test');
      const lines = `${stdout}${stderr}`.split('\n').filter((line) => /●|Tests:|error|warn/.test(line));
      // What a chart brings is looked up at each of its versions: these facts fail, and nothing else does.
      const lookedUp = Object.keys(outsideImages).map(
        (name) => `● the images of ${name} are listed at the version that is pinned (or run: npm run outside-images)`,
      );
      const found = [...new Set(lines.map((line) => line.trim()))];
      expect(found.filter((line) => line.startsWith('●')).sort()).toEqual(lookedUp.sort());
      expect(found.filter((line) => !line.startsWith('●'))).toEqual([
        expect.stringMatching(new RegExp(`^Tests: +${lookedUp.length} failed, \\d+ passed, \\d+ total$`)),
      ]);
    },
    10 * TIMEOUT,
  );
});
