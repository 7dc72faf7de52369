import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';

const repository = resolve(__dirname, '..', '..');

/** A file of one room, a file it imports, and whether it may: typed here and not read from the table it is held against. */
const imports: [from: string, to: string, isAllowed: boolean][] = [
  ['main.ts', 'charts/web', true],
  ['main.ts', 'argocd/web', true],
  ['main.ts', 'facts/images', true],
  ['main.ts', 'lib/synthesis/index', true],
  ['main.ts', 'experiments/plan/index', true],
  ['main.ts', 'experiments/runner/index', false],
  ['main.ts', 'tools/build', false],
  ['charts/from.ts', 'lib/constructs/component', true],
  ['charts/from.ts', 'facts/images', true],
  ['charts/from.ts', 'imports/traefik', true],
  ['charts/from.ts', 'argocd/web', false],
  ['charts/from.ts', 'lib/checks/index', false],
  ['charts/from.ts', 'experiments/runner/index', false],
  ['facts/from.ts', 'lib/kubernetes/quantity', true],
  ['facts/from.ts', 'lib/constructs/component', false],
  ['facts/from.ts', 'charts/web', false],
  ['facts/from.ts', 'argocd/web', false],
  ['lib/kubernetes/from.ts', 'facts/images', false],
  ['lib/kubernetes/from.ts', 'lib/constructs/component', false],
  ['lib/console/from.ts', 'lib/kubernetes/quantity', false],
  ['lib/constructs/from.ts', 'lib/kubernetes/quantity', true],
  ['lib/constructs/from.ts', 'imports/traefik', true],
  ['lib/constructs/from.ts', 'facts/images', false],
  ['lib/constructs/from.ts', 'lib/checks/index', false],
  ['lib/constructs/from.ts', 'charts/web', false],
  ['lib/constructs/from.ts', 'main', false],
  ['lib/checks/from.ts', 'lib/constructs/component', true],
  ['lib/checks/from.ts', 'lib/synthesis/index', false],
  ['lib/synthesis/from.ts', 'lib/checks/index', true],
  ['lib/synthesis/from.ts', 'charts/web', false],
  ['argocd/from.ts', 'facts/images', true],
  ['argocd/from.ts', 'charts/web', false],
  ['imports/source/from.ts', 'lib/kubernetes/quantity', false],
  ['experiments/plan/from.ts', 'lib/kubernetes/quantity', true],
  ['experiments/plan/from.ts', 'facts/images', true],
  ['experiments/plan/from.ts', 'charts/web', false],
  ['experiments/plan/from.ts', 'experiments/campaign/index', false],
  ['experiments/campaign/from.ts', 'experiments/plan/index', true],
  ['experiments/campaign/from.ts', 'experiments/runner/index', false],
  ['experiments/workload/from.ts', 'experiments/campaign/index', true],
  ['experiments/workload/from.ts', 'experiments/runner/index', false],
  ['experiments/rehearsal/from.ts', 'experiments/workload/index', true],
  ['experiments/rehearsal/from.ts', 'experiments/workload/inside', false],
  ['experiments/rehearsal/from.ts', 'experiments/runner/index', false],
  ['experiments/rehearsal/from.ts', 'experiments/analysis/index', false],
  ['experiments/rehearsal/from.ts', 'lib/kubernetes/quantity', true],
  ['experiments/runner/from.ts', 'experiments/runner/attempt/index', true],
  ['experiments/runner/from.ts', 'experiments/runner/sites/index', true],
  ['experiments/runner/attempt/from.ts', 'experiments/runner/sites/index', false],
  ['experiments/runner/attempt/from.ts', 'experiments/runner/campaign/index', false],
  ['experiments/runner/sites/from.ts', 'experiments/runner/attempt/index', true],
  ['experiments/runner/sites/from.ts', 'experiments/runner/campaign/index', false],
  ['experiments/runner/campaign/from.ts', 'experiments/runner/sites/index', false],
  ['experiments/analysis/from.ts', 'experiments/analysis/report/index', true],
  ['experiments/analysis/from.ts', 'experiments/runner/index', false],
  ['experiments/analysis/report/from.ts', 'experiments/analysis/answers/index', true],
  ['experiments/analysis/answers/from.ts', 'experiments/analysis/report/index', false],
  ['experiments/analysis/answers/from.ts', 'experiments/analysis/measurement/index', true],
  ['experiments/analysis/measurement/from.ts', 'experiments/analysis/answers/index', false],
  ['experiments/analysis/measurement/from.ts', 'experiments/analysis/statistics/index', true],
  ['experiments/analysis/statistics/from.ts', 'experiments/analysis/measurement/index', false],
  ['experiments/analysis/statistics/from.ts', 'experiments/campaign/index', false],
  ['experiments/cli.ts', 'experiments/runner/command', true],
  ['experiments/cli.ts', 'experiments/runner/inside', false],
  ['delivery/from.ts', 'charts/web', false],
  ['tools/from.ts', 'charts/web', false],
  ['ansible/from.ts', 'facts/images', true],
  ['ansible/from.ts', 'charts/web', false],
  ['bench/from.ts', 'main', true],
  ['bench/from.ts', 'lib/checks/index', true],
  ['test/from.test.ts', 'charts/web', true],
];

/** A file with one function, its lines of code, and whether it may be as long. */
const functions: [file: string, lines: number, isAllowed: boolean][] = [
  ['lib/kubernetes/full.ts', 60, true],
  ['lib/kubernetes/long.ts', 61, false],
  ['test/long.test.ts', 61, true],
];

function functionOf(lines: number): string {
  const inside = Array.from(
    { length: lines - 2 },
    (_, index) => `  total += ${index};\n  // Neither this nor a blank line\n\n`,
  );
  return `export function sum(total: number): void {\n${inside.join('')}}\n`;
}

describe('the lint rules', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rooms-'));
    for (const file of ['eslint.config.mjs', 'tools/rooms.mjs', 'docs/architecture.md']) {
      cpSync(join(repository, file), join(folder, file));
    }
    symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('report every import against the table of rooms and every function that is too long, and nothing else', async () => {
    for (const [, to] of imports) write(`${to}.ts`, 'export {};\n');
    const lines = new Map<string, string[]>();
    for (const [from, to] of imports) {
      const path = relative(dirname(from), to);
      lines.set(from, [...(lines.get(from) ?? []), `import '${path.startsWith('.') ? path : `./${path}`}';`]);
    }
    for (const [from, text] of lines) write(from, `${text.join('\n')}\n`);
    for (const [file, lines] of functions) write(file, functionOf(lines));
    const messages = await lint(folder);
    const refused = messages.filter(({ ruleId }) => ruleId === 'boundaries/dependencies');
    const tooLong = messages.filter(({ ruleId }) => ruleId === 'max-lines-per-function').map(({ file }) => file);
    expect(tooLong).toEqual(functions.filter(([, , isAllowed]) => !isAllowed).map(([file]) => file));
    const expected = imports.filter(([, , isAllowed]) => !isAllowed).map(([from, to]) => `${from} → ${to}`);
    const found = refused.map(
      ({ file, line }) => `${file} → ${imports.filter(([from]) => from === file)[line - 1]![1]}`,
    );
    expect(found.sort()).toEqual(expected.sort());
  }, 180_000);

  function write(file: string, text: string): void {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
});

async function lint(folder: string): Promise<{ file: string; line: number; ruleId: string }[]> {
  const eslint = join(repository, 'node_modules', '.bin', 'eslint');
  const report = await promisify(execFile)(eslint, ['--format', 'json', '.'], { cwd: folder }).catch(
    (error: { stdout: string }) => error,
  );
  const files = JSON.parse(report.stdout) as { filePath: string; messages: { ruleId: string; line: number }[] }[];
  return files.flatMap(({ filePath, messages }) =>
    messages.map(({ line, ruleId }) => ({ file: filePath.slice(folder.length + 1), line, ruleId })),
  );
}
