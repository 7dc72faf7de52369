import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

// Linting with types is the compiler's whole work: half a minute of one core, and more on a busy machine.
jest.setTimeout(400_000);

const ROOT = join(__dirname, '../..');

function lint(paths: readonly string[], input?: string): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'lint:types', '--', ...paths], {
    cwd: ROOT,
    encoding: 'utf8',
    input,
  });
  return { code: status, output: stdout + stderr };
}

test('a promise left alone, a promise taken for its value, a value awaited and a case forgotten are each reported', () => {
  const faults = `
async function work() { return true; }
export function forget() { work(); }
export function mistake() { return work() ? 1 : 2; }
export async function waste(value: number) { return await value; }
export function miss(kind: 'a' | 'b') { switch (kind) { case 'a': return 1; } return 2; }
export function cover(kind: 'a' | 'b') { switch (kind) { case 'a': return 1; default: return 2; } }
`;
  // The file that the text stands for must be one that the compiler knows.
  const { code, output } = lint(['--format', 'json', '--stdin', '--stdin-filename', 'experiments/cli.ts'], faults);
  const [{ messages }] = JSON.parse(output) as [{ messages: { line: number; ruleId: string }[] }];
  expect(messages.map(({ line, ruleId }) => [line, ruleId])).toEqual([
    [3, '@typescript-eslint/no-floating-promises'],
    [4, '@typescript-eslint/no-misused-promises'],
    [5, '@typescript-eslint/await-thenable'],
    [6, '@typescript-eslint/switch-exhaustiveness-check'],
  ]);
  expect(code).toBe(1);
});

test('no file of the repository has such a fault', () => {
  expect(lint([])).toEqual({ code: 0, output: '' });
});
