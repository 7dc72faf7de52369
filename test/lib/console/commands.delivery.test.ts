import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
/** A defect of the program: whatever it prints first fails. */
const DEFECT = 'data:text/javascript,console.log=()=>{throw new TypeError("planted")}';

jest.setTimeout(60_000);

function run(words: readonly string[], preload: readonly string[] = []) {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', ...preload.flatMap((one) => ['--import', one]), ...words],
    { cwd: ROOT, encoding: 'utf8' },
  );
  return { status, stderr };
}

test.each([['experiments/cli.ts', 'plan'], ['tools/build.ts'], ['bench/index.ts', 'synth']])(
  '%s prints the stack of a defect',
  (...words) => {
    const { status, stderr } = run(words, [DEFECT]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/TypeError: planted\n +at /);
  },
);

test.each([
  ['experiments/cli.ts', 'report', '/nowhere'],
  ['tools/build.ts', 'nonsense'],
  ['delivery/outside-images-command.ts', 'nonsense'],
  ['delivery/next-version-command.ts', '--prefix', 'A B'],
  ['bench/index.ts', 'nonsense'],
  ['main.ts', '--diff', '--against', 'no-such-revision'],
])('%s answers bad input with one sentence', (...words) => {
  const { status, stderr } = run(words);
  expect(status).toBe(1);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(/\n +at /);
});
