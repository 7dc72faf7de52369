import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { generateImports, KEPT } from '../../imports/source/generate';

const imports = resolve(__dirname, '..', '..', 'imports');

describe('imports/', () => {
  it('is what the pinned Go API types generate (else run `npm run import`)', async () => {
    const fresh = mkdtempSync(join(tmpdir(), 'ahuora-imports-'));
    try {
      await generateImports(fresh, (line) => process.stderr.write(`imports: ${line}\n`));
      const [generated, committed] = [filesOf(fresh), filesOf(imports)];
      expect([...committed.keys()]).toEqual([...generated.keys()]);
      const drifted = [...generated].filter(([path, text]) => committed.get(path) !== text).map(([path]) => path);
      expect(drifted).toEqual([]);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  }, 900_000);
});

function filesOf(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !KEPT.includes(relative(folder, file).split('/')[0]!))
    .sort();
  return new Map(files.map((file) => [relative(folder, file), readFileSync(file, 'utf8')]));
}
