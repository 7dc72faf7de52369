import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildTool } from '../../tools/build';
import { ensureDebianPackages } from '../fixtures/debian-packages';

const ROOT = join(__dirname, '../..');
const INSTALL_TIMEOUT = 600_000;

interface Outcome {
  readonly code: number;
  readonly output: string;
}

async function run(command: string, args: readonly string[], cwd: string): Promise<Outcome> {
  const { stdout, stderr, code } = await promisify(execFile)(command, [...args], { cwd }).then(
    (done) => ({ ...done, code: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => error,
  );
  return { code, output: stdout + stderr };
}

/** Both auditors over a repository laid out as GitHub sees it. */
async function audit(repository: string) {
  const [actionlint, zizmor] = [await buildTool('actionlint'), await buildTool('zizmor')];
  return {
    actionlint: await run(actionlint, ['-no-color'], repository),
    zizmor: await run(
      zizmor,
      ['--offline', '--persona=pedantic', `--config=${join(ROOT, '.github/zizmor.yml')}`, '.github/workflows'],
      repository,
    ),
  };
}

let scratch: string;

beforeAll(async () => {
  // actionlint hands every `run` script to shellcheck when it finds one on PATH.
  await ensureDebianPackages(['shellcheck', 'git']);
  await buildTool('actionlint');
  await buildTool('zizmor');
}, INSTALL_TIMEOUT);

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'workflows-'));
  await promisify(execFile)('git', ['init', '--quiet', scratch]);
});
afterEach(() => rm(scratch, { recursive: true }));

const CLEAN = { code: 0, output: expect.any(String) };

test('every workflow of this repository is clean to actionlint, shellcheck and zizmor', async () => {
  expect((await readdir(join(ROOT, '.github/workflows'))).length).toBeGreaterThan(0);
  await cp(join(ROOT, '.github'), join(scratch, '.github'), { recursive: true });
  const { actionlint, zizmor } = await audit(scratch);
  expect(actionlint).toEqual({ code: 0, output: '' });
  expect(zizmor).toEqual(CLEAN);
});

test('the callers of the platform repository are clean too', async () => {
  const callers = (await readdir(join(ROOT, 'delivery/callers'))).filter((name) => name.endsWith('.yml'));
  expect(callers.length).toBe(3);
  for (const name of callers) await cp(join(ROOT, 'delivery/callers', name), join(scratch, '.github/workflows', name));
  const { actionlint, zizmor } = await audit(scratch);
  expect(actionlint).toEqual({ code: 0, output: '' });
  expect(zizmor).toEqual(CLEAN);
});

test('a workflow with a script injection, an unpinned action and a shell fault is refused by each auditor', async () => {
  await cp(join(ROOT, '.github'), join(scratch, '.github'), { recursive: true });
  await writeFile(
    join(scratch, '.github/workflows/bad.yml'),
    [
      'name: bad',
      'on: pull_request_target',
      'jobs:',
      '  bad:',
      '    runs-on: ubuntu-24.04',
      '    steps:',
      '      - uses: actions/checkout@v6',
      '      - run: echo ${{ github.event.pull_request.title }}',
      '      - run: cd "$(ls | head -n 1)" && echo $UNQUOTED',
      '',
    ].join('\n'),
  );
  const { actionlint, zizmor } = await audit(scratch);
  expect(actionlint.code).toBe(1);
  expect(actionlint.output).toContain('github.event.pull_request.title');
  expect(actionlint.output).toContain('shellcheck reported issue');
  expect(zizmor.code).not.toBe(0);
  expect(zizmor.output).toContain('template-injection');
  expect(zizmor.output).toContain('unpinned-uses');
});
