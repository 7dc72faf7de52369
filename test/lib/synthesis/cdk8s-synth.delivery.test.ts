import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { model } from '../../../main';
import { synthesise } from '../../../lib/synthesis';
import { readFolder } from '../../../lib/synthesis/write';
import { asModel, soundPlatform } from '../checks/sound-platform';

const repository = resolve(__dirname, '..', '..', '..');

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
  }, 180_000);
});

describe('npx cdk8s synth', () => {
  it('writes dist/, and leaves it untouched when there are findings', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cdk8s-project-'));
    try {
      cpSync(join(repository, 'cdk8s.yaml'), join(folder, 'cdk8s.yaml'));
      for (const name of ['node_modules', 'lib']) symlinkSync(join(repository, name), join(folder, name));
      writeFileSync(join(folder, 'main.ts'), SMALL_APP);
      await cdk8sSynth(folder, {});
      const written = readFolder(join(folder, 'dist'));
      const { outputs } = await synthesise(asModel(soundPlatform()), { outputDirectories: [] });
      expect([...written.keys()]).toEqual([...outputs.keys()]);
      expect(readFolder(join(folder, '.cache', 'cdk8s'))).toEqual(written);

      await expect(cdk8sSynth(folder, { IMAGE: 'example/web:latest' })).rejects.toThrow(
        /the tag of example\/web:latest moves/,
      );
      expect(readFolder(join(folder, 'dist'))).toEqual(written);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 180_000);
});

/** A project of its own, so that the repository's dist/ is not at stake. */
const SMALL_APP = `
import { runCommand } from '${repository}/lib/synthesis';
import { asModel, find, soundPlatform } from '${repository}/test/lib/checks/sound-platform';

const platform = soundPlatform();
find(platform, 'Deployment/web').spec.template.spec.containers[0].image = process.env.IMAGE ?? 'example/web:1.2.3';
void runCommand(() => asModel(platform));
`;

async function cdk8sSynth(folder: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const cdk8s = join(repository, 'node_modules', '.bin', 'cdk8s');
  await promisify(execFile)(cdk8s, ['synth', '--no-check-upgrade'], {
    cwd: folder,
    env: { ...process.env, ...environment },
  });
}
