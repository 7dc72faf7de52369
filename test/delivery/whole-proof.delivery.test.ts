import { execFile, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';

const SCRIPT = join(__dirname, '..', '..', '.ci', 'run');
const TIERS = ['cluster', 'delivery', 'experiments', 'live', 'rack'];

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) {
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
    rmSync(folder, { recursive: true });
  }
});

/** Environment in which `npm` is a program that says of each command what `cases` (lines of a shell's `case`) say. */
function withNpm(cases: string): NodeJS.ProcessEnv {
  const folder = mkdtempSync(join(tmpdir(), 'ahuora-proof-'));
  folders.push(folder);
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  const npm = join(folder, 'npm');
  const usual = '*test:*|test) echo "Tests:       1 skipped, 4 passed, 5 total" ;;\n*) echo "did $*" ;;';
  writeFileSync(npm, `#!/bin/sh\ncase "$*" in\n${cases}\n${usual}\nesac\n`);
  chmodSync(npm, 0o755);
  return { ...process.env, PATH: `${folder}:${process.env['PATH']}`, TMPDIR: temporary };
}

function prove(environment: NodeJS.ProcessEnv): Promise<{ status: number; output: string }> {
  return new Promise((resolve) =>
    execFile('bash', [SCRIPT], { env: environment }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    ),
  );
}

test('runs every tier and adds up what each printed', async () => {
  const { status, output } = await prove(withNpm(''));
  for (const tier of TIERS) expect(output).toContain(`=== test:${tier}: 4 passed, 0 failed, 1 skipped`);
  expect(output).toContain('=== npm test: 4 passed, 0 failed, 1 skipped');
  expect(output.trimEnd().split('\n').at(-1)).toBe('24 passed, 0 failed, 6 skipped');
  expect(status).toBe(0);
});

test.each([...TIERS.map((tier) => `test:${tier}`), 'test', 'ci', 'lint', 'synth'])(
  'fails when "%s" fails, with or without a test of its own, and runs the rest all the same',
  async (command) => {
    const named = await prove(withNpm(`${command}|*" ${command}") echo "Tests:       2 failed, 3 passed"; exit 1 ;;`));
    const silent = await prove(withNpm(`${command}|*" ${command}") exit 7 ;;`));
    expect(named.status).toBe(1);
    expect(named.output).toMatch(/, [1-9]\d* failed, \d+ skipped\n$/);
    expect(silent.status).toBe(1);
    expect(silent.output).toMatch(/failed: .* \(exit 7\)/);
    expect(silent.output.match(/=== test:\w+: /g)).toHaveLength(TIERS.length);
  },
);

test('a tier whose tools cannot be built says so and is no success', async () => {
  const { status, output } = await prove(withNpm('*tools*kubelet*) echo "no compiler"; exit 1 ;;'));
  expect(output).toContain('no compiler');
  expect(output).toContain('failed: tools of test:live (exit 1)');
  expect(status).toBe(1);
});

test('stops what it has started when it is stopped', async () => {
  const run = spawn('bash', [SCRIPT], { env: withNpm('*test:rack) echo "process $$"; exec sleep 600 ;;') });
  let pid = 0;
  for await (const chunk of run.stdout) {
    pid = Number(/test:rack \| process (\d+)/.exec(String(chunk))?.[1] ?? 0);
    if (pid > 0) break;
  }
  run.stdout.resume();
  const ended = once(run, 'exit');
  run.kill('SIGTERM');
  expect(await ended).toEqual([143, null]);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});
