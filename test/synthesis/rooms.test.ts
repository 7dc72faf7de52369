import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const repository = resolve(__dirname, '..', '..');

/** A file of one room, a file it imports, and whether it may. */
const imports: [from: string, to: string, isAllowed: boolean][] = [
  ['main.ts', 'charts', true],
  ['main.ts', 'argocd', true],
  ['main.ts', 'lib', true],
  ['main.ts', 'experiments/plan', true],
  ['main.ts', 'experiments/runner', false],
  ['main.ts', 'tools', false],
  ['charts/web.ts', 'lib', true],
  ['charts/web.ts', 'imports', true],
  ['charts/web.ts', 'argocd', false],
  ['charts/web.ts', 'experiments/plan', false],
  ['lib/web.ts', 'imports', true],
  ['lib/web.ts', 'charts', false],
  ['lib/web.ts', 'argocd', false],
  ['lib/web.ts', 'main', false],
  ['argocd/web.ts', 'lib', true],
  ['argocd/web.ts', 'charts', false],
  ['imports/source/web.ts', 'lib', false],
  ['experiments/plan/web.ts', 'lib', true],
  ['experiments/plan/web.ts', 'charts', false],
  ['experiments/plan/web.ts', 'experiments/runner', false],
  ['experiments/runner/web.ts', 'experiments/plan', true],
  ['experiments/runner/web.ts', 'experiments/campaign', true],
  ['experiments/runner/web.ts', 'experiments/runner/inside', true],
  ['experiments/analysis/web.ts', 'experiments/runner/index', true],
  ['experiments/analysis/web.ts', 'experiments/runner/inside', false],
  ['experiments/analysis/web.ts', 'charts', false],
  ['delivery/web.ts', 'lib', false],
  ['tools/web.ts', 'charts', false],
  ['bench/web.ts', 'main', true],
  ['test/web.test.ts', 'charts', true],
];

describe('the lint rules', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rooms-'));
    cpSync(join(__dirname, 'rooms'), folder, { recursive: true });
    cpSync(join(repository, 'eslint.config.mjs'), join(folder, 'eslint.config.mjs'));
    symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('report every import against the table of rooms, and no other', async () => {
    const lines = new Map<string, string[]>();
    for (const [from, to] of imports) {
      const target = `${from.includes('/') ? `${dirname(from).replaceAll(/[^/]+/g, '..')}/` : './'}${to}`;
      lines.set(from, [...(lines.get(from) ?? []), `import '${target}';`]);
    }
    for (const [from, text] of lines) writeFileSync(join(folder, from), `${text.join('\n')}\n`);
    const refused = await lint(folder);
    const expected = imports.filter(([, , isAllowed]) => !isAllowed).map(([from, to]) => `${from} → ${to}`);
    const found = refused.map(
      ({ file, line }) => `${file} → ${imports.filter(([from]) => from === file)[line - 1]![1]}`,
    );
    expect(found.sort()).toEqual(expected.sort());
  }, 180_000);
});

async function lint(folder: string): Promise<{ file: string; line: number }[]> {
  const eslint = join(repository, 'node_modules', '.bin', 'eslint');
  const report = await promisify(execFile)(eslint, ['--format', 'json', '.'], { cwd: folder }).catch(
    (error: { stdout: string }) => error,
  );
  const files = JSON.parse(report.stdout) as { filePath: string; messages: { ruleId: string; line: number }[] }[];
  return files.flatMap(({ filePath, messages }) =>
    messages
      .filter(({ ruleId }) => ruleId === 'boundaries/dependencies')
      .map(({ line }) => ({ file: filePath.slice(folder.length + 1), line })),
  );
}
