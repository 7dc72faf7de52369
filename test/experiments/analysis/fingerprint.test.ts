import { buildSync } from 'esbuild';
import { appendFileSync, cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FINGERPRINTED, sourceFingerprint } from '../../../experiments/analysis/measurement/cache';

const REPOSITORY = resolve(__dirname, '../../..');

/** Every file of this repository that runs when one is imported. */
function reachableFrom(start: string): string[] {
  const { metafile } = buildSync({
    ...{ absWorkingDir: REPOSITORY, entryPoints: [start], bundle: true, metafile: true, write: false },
    ...({ packages: 'external', platform: 'node', logLevel: 'error' } as const),
  });
  return Object.keys(metafile.inputs);
}

const isFingerprinted = (file: string) => FINGERPRINTED.some((folder) => file.startsWith(`${folder}/`));

it('every module that the analysis reaches is in the key of its stored results', () => {
  const reached = reachableFrom('experiments/analysis/index.ts');
  for (const known of ['experiments/analysis/measurement/trial/queries.ts', 'experiments/plan/profile.ts', 'facts/'])
    expect(reached.some((file) => file.startsWith(known))).toBe(true);
  expect(reached.filter((file) => !isFingerprinted(file))).toEqual([]);
});

describe('the key', () => {
  const copy = mkdtempSync(join(tmpdir(), 'fingerprint-'));
  beforeAll(() => {
    for (const part of [...FINGERPRINTED, 'package-lock.json'])
      cpSync(join(REPOSITORY, part), join(copy, part), { recursive: true });
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  it.each([
    ...FINGERPRINTED.map((folder) => `${folder}/${firstFile(folder)}`),
    'package-lock.json',
    'experiments/analysis/statistics/pooled/mean.ts',
  ])('changes with %s', (file) => {
    const before = sourceFingerprint(copy);
    expect(sourceFingerprint(copy)).toBe(before);
    appendFileSync(join(copy, file), '\n');
    expect(sourceFingerprint(copy)).not.toBe(before);
  });
});

/** A source file of a folder. */
function firstFile(folder: string): string {
  const names = readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).sort()[0]!;
}
