import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { images } from '../../facts/images';
import { ensureDebianPackages } from '../fixtures/debian-packages';

// The scripts of the workflows, taken from the workflows and run as they are there; what an action does is done by hand.

const ROOT = join(__dirname, '../..');
const TIMEOUT = 120_000;

/** The script of a step, found by its name. */
function scriptOf(workflow: string, job: string, step: string): string {
  const { jobs } = parse(readFileSync(join(ROOT, '.github/workflows', workflow), 'utf8'));
  const found = jobs[job].steps.find((each: { name?: string }) => each.name === step);
  if (!found?.run) throw new Error(`${workflow}: the job ${job} has no script "${step}"`);
  return found.run as string;
}

let folder: string;

beforeAll(() => ensureDebianPackages(['jq', 'git']), 300_000);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workflow-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As a runner does: bash that stops at the first failure. */
function run(script: string, cwd: string, env: Readonly<Record<string, string>> = {}) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|GIT_)/i.test(name));
  const { status, stdout, stderr } = spawnSync('bash', ['-eo', 'pipefail', '-c', script], {
    cwd,
    encoding: 'utf8',
    env: { ...Object.fromEntries(inherited), ...env },
  });
  return { status, output: stdout + stderr };
}

describe('resynth', () => {
  const branch = 'renovate/idaes';
  let origin: string;
  let head: string;

  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();

  beforeEach(() => {
    origin = join(folder, 'ahuora/platform-infrastructure.git');
    git('clone', '--quiet', '--bare', ROOT, origin);
    const work = clone('bump');
    git('-C', work, 'checkout', '--quiet', '-b', branch);
    const file = join(work, 'facts/images.ts');
    const name = images.idaes.slice(0, images.idaes.lastIndexOf(':'));
    writeFileSync(file, readFileSync(file, 'utf8').replace(images.idaes, `${name}:99.0.1`));
    git('-C', work, ...identity, 'commit', '--quiet', '--all', '--message', 'feat(deps): a newer solver');
    git('-C', work, 'push', '--quiet', 'origin', branch);
    head = git('-C', work, 'rev-parse', 'HEAD');
  });

  const identity = ['-c', 'user.name=Renovate', '-c', 'user.email=renovate@localhost'];

  function clone(name: string): string {
    const target = join(folder, name);
    git('clone', '--quiet', origin, target);
    return target;
  }

  function checkedOut(name: string): string {
    const target = clone(name);
    git('-C', target, 'checkout', '--quiet', '--detach', `origin/${branch}`);
    return target;
  }

  /** The first job: it has the packages and no secret. */
  function render(name = 'render') {
    const work = checkedOut(name);
    symlinkSync(join(ROOT, 'node_modules'), join(work, 'node_modules'));
    writeFileSync(join(work, '.git/info/exclude'), 'node_modules\n');
    const output = join(folder, `${name}.output`);
    writeFileSync(output, '');
    const result = run(scriptOf('resynth.yml', 'render', 'Synthesise'), work, { GITHUB_OUTPUT: output });
    return { ...result, work, changed: readFileSync(output, 'utf8') };
  }

  /** The second job: a fresh clone without packages, and the token. */
  function push(patch: string, name = 'push') {
    const work = checkedOut(name);
    const temporary = join(folder, `${name}.temp`);
    mkdirSync(temporary);
    writeFileSync(join(temporary, 'rendered.patch'), patch);
    git('-C', work, 'config', `url.${folder}/.insteadOf`, 'https://x-access-token:secret@github.com/');
    const committer = { name: 'Delivery', email: 'delivery@localhost' };
    const env = {
      RUNNER_TEMP: temporary,
      GIT_AUTHOR_NAME: committer.name,
      GIT_AUTHOR_EMAIL: committer.email,
      GIT_COMMITTER_NAME: committer.name,
      GIT_COMMITTER_EMAIL: committer.email,
      TOKEN: 'secret',
      BRANCH: branch,
      GITHUB_REPOSITORY: 'ahuora/platform-infrastructure',
    };
    const committed = run(scriptOf('resynth.yml', 'push', 'Commit'), work, env);
    if (committed.status !== 0) return committed;
    return run(scriptOf('resynth.yml', 'push', 'Push'), work, env);
  }

  test(
    'a bumped image is rendered in one job and pushed by the other, and the run that this push starts has nothing to do',
    () => {
      const rendered = render();
      expect(rendered).toMatchObject({ status: 0, changed: 'changed=true\n' });
      expect(push(readFileSync(join(rendered.work, 'rendered.patch'), 'utf8'))).toMatchObject({ status: 0 });

      const files = git('-C', origin, 'diff', '--name-only', head, branch).split('\n');
      expect(files.length).toBeGreaterThan(0);
      expect(files.filter((file) => !file.startsWith('dist/'))).toEqual([]);
      expect(git('-C', origin, 'log', '-1', '--format=%an %s', branch)).toBe(
        'Delivery build: render dist with the new versions',
      );
      expect(git('-C', origin, 'grep', '-l', 'idaes:99.0.1', branch, '--', 'dist')).not.toBe('');
      expect(render('again')).toMatchObject({ status: 0, changed: 'changed=false\n' });
    },
    TIMEOUT,
  );

  test('no job that runs the code of the branch is given a secret, and the one with the token runs none of it', () => {
    const { jobs } = parse(readFileSync(join(ROOT, '.github/workflows/resynth.yml'), 'utf8'));
    expect(JSON.stringify(jobs.render)).not.toContain('secrets.');
    expect(JSON.stringify(jobs.render.permissions)).toBe('{"contents":"read"}');
    const scripts = jobs.push.steps.flatMap((step: { run?: string }) => step.run ?? []).join('\n');
    expect(scripts).not.toMatch(/\b(npm|npx|node|make)\b|\.\/|\.sh\b/);
  });

  describe('what a job that was taken over might hand over is refused', () => {
    test.each([
      ['a workflow', (work: string) => writeFileSync(join(work, '.github/workflows/renovate.yml'), 'on: push\n')],
      ['the source', (work: string) => writeFileSync(join(work, 'facts/images.ts'), '')],
      [
        'a folder whose name begins alike',
        (work: string) => {
          mkdirSync(join(work, 'dist-of-mine'));
          writeFileSync(join(work, 'dist-of-mine/a.yaml'), '');
        },
      ],
      ['a link in dist/', (work: string) => symlinkSync('/etc/passwd', join(work, 'dist/link.yaml'))],
      [
        'a program in dist/',
        (work: string) => {
          writeFileSync(join(work, 'dist/run.sh'), '#!/bin/sh\n');
          chmodSync(join(work, 'dist/run.sh'), 0o755);
        },
      ],
    ])('%s', (_what, change) => {
      const work = checkedOut('attack');
      change(work);
      writeFileSync(join(work, 'dist/harmless.yaml'), 'kind: None\n');
      git('-C', work, 'add', '--all');
      const patch = execFileSync('git', ['-C', work, 'diff', '--cached', '--binary'], { encoding: 'utf8' });
      const result = push(patch);
      expect(result.status).toBe(1);
      expect(result.output).toContain('::error::The rendered change has more than ordinary files of dist/');
      expect(git('-C', origin, 'rev-parse', branch)).toBe(head);
    });

    test('a patch that leaves the repository', () => {
      const patch = ['diff --git a/../outside b/../outside', 'new file mode 100644', '--- /dev/null', '+++ b/../outside', '@@ -0,0 +1 @@', '+x', ''].join('\n'); // prettier-ignore
      expect(push(patch).status).not.toBe(0);
      expect(git('-C', origin, 'rev-parse', branch)).toBe(head);
    });
  });

  test('a branch that has moved on since is left as it is', () => {
    const work = checkedOut('rendered');
    writeFileSync(join(work, 'dist/more.yaml'), 'kind: None\n');
    git('-C', work, 'add', '--all');
    const patch = execFileSync('git', ['-C', work, 'diff', '--cached', '--binary'], { encoding: 'utf8' });
    const script = scriptOf('resynth.yml', 'push', 'Push');
    const behind = checkedOut('behind');
    git('-C', behind, 'config', `url.${folder}/.insteadOf`, 'https://x-access-token:secret@github.com/');
    expect(push(patch).status).toBe(0);
    const moved = git('-C', origin, 'rev-parse', branch);
    git('-C', behind, ...identity, 'commit', '--quiet', '--allow-empty', '--message', 'build: older');
    const late = run(script, behind, {
      TOKEN: 'secret',
      BRANCH: branch,
      GITHUB_REPOSITORY: 'ahuora/platform-infrastructure',
    });
    expect(late.status).not.toBe(0);
    expect(git('-C', origin, 'rev-parse', branch)).toBe(moved);
  });
});

describe('build-image never overwrites a tag', () => {
  const COMMIT = '1'.repeat(40);
  const script = scriptOf('build-image.yml', 'image', 'Look whether the tag is there already');

  /** A stand-in of `docker buildx imagetools`, which knows one answer; it proves nothing about Docker Hub. */
  function look(answer: { readonly image?: object; readonly problem?: string }) {
    const docker = join(folder, 'docker');
    const lines = answer.image
      ? [`cat <<'JSON'`, JSON.stringify(answer.image), 'JSON']
      : [`echo '${answer.problem}' >&2`, 'exit 1'];
    writeFileSync(docker, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
    const output = join(folder, 'output');
    writeFileSync(output, '');
    const result = run(script, folder, {
      PATH: [folder, process.env['PATH']].join(delimiter),
      GITHUB_OUTPUT: output,
      REFERENCE: 'ahuora/idaes:1.2.3',
      COMMIT,
    });
    return { ...result, image: readFileSync(output, 'utf8') };
  }

  const labelled = (revision: string) => ({ config: { Labels: { 'org.opencontainers.image.revision': revision } } });

  test('one that is not there is built', () => {
    expect(look({ problem: 'ERROR: docker.io/ahuora/idaes:1.2.3: not found' })).toMatchObject({
      status: 0,
      image: 'image=false\n',
    });
  });

  test('one of this very commit is kept, so that only the git tag is made, for one platform and for several', () => {
    for (const image of [labelled(COMMIT), { 'linux/arm64': labelled(COMMIT) }]) {
      expect(look({ image })).toMatchObject({ status: 0, image: 'image=true\n' });
    }
  });

  test('one of another commit, or of an unknown one, stops the build', () => {
    for (const image of [labelled('2'.repeat(40)), { config: {} }]) {
      const result = look({ image });
      expect(result).toMatchObject({ status: 1, image: '' });
      expect(result.output).toContain('::error::ahuora/idaes:1.2.3 exists and was built from');
    }
  });

  test('a registry that cannot be asked stops the build too', () => {
    expect(look({ problem: 'ERROR: failed to authorize: 429 Too Many Requests' })).toMatchObject({
      status: 1,
      image: '',
    });
  });

  test('the build itself is tied to that answer', () => {
    const { jobs } = parse(readFileSync(join(ROOT, '.github/workflows/build-image.yml'), 'utf8'));
    const pushes = jobs.image.steps.filter((step: { with?: { push?: boolean } }) => step.with?.push);
    expect(pushes.map((step: { if?: string }) => step.if)).toEqual(["steps.present.outputs.image == 'false'"]);
  });
});
