import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { model } from '../../main';
import { synthesise } from '../../lib/synthesis';
import { readFolder } from '../../lib/synthesis/write';

const repository = resolve(__dirname, '..', '..');

describe('the platform', () => {
  it('has no finding, and dist/ is what its constructs render (else run `npm run synth`)', async () => {
    const { findings, outputs } = await synthesise(model(), { outputDirectories: [] });
    expect(findings).toEqual([]);
    const committed = readFolder(join(repository, 'dist'));
    expect([...committed.keys()]).toEqual([...outputs.keys()]);
    expect([...outputs].filter(([path, text]) => committed.get(path) !== text).map(([path]) => path)).toEqual([]);
  });

  it('is rendered byte for byte the same by `cdk8s synth`', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cdk8s-synth-'));
    try {
      const cdk8s = join(repository, 'node_modules', '.bin', 'cdk8s');
      await promisify(execFile)(cdk8s, ['synth', '--output', folder, '--no-check-upgrade'], { cwd: repository });
      const { outputs } = await synthesise(model(), { outputDirectories: [] });
      expect(readFolder(folder)).toEqual(outputs);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 60_000);
});
