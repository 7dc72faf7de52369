import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { buildTool } from '../../tools/build';
import { declaredPins, type Pin } from './declared-pins';

const ROOT = join(__dirname, '../..');
const INSTALL_TIMEOUT = 600_000;
const RUN_TIMEOUT = 120_000;

interface Extracted {
  readonly depName?: string;
  readonly currentValue?: string;
  readonly datasource?: string;
  readonly depType?: string;
}

let renovate: string;
let copy: string;

beforeAll(async () => {
  renovate = await buildTool('renovate');
  copy = await mkdtemp(join(tmpdir(), 'renovate-'));
  await copyFiles(copy);
}, INSTALL_TIMEOUT);
afterAll(() => rm(copy, { recursive: true, force: true }));

/** The files as they are now, without those that git ignores. */
async function copyFiles(target: string): Promise<void> {
  const { stdout } = await promisify(execFile)(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: ROOT, maxBuffer: 1 << 26 },
  );
  for (const file of stdout.split('\0').filter(Boolean)) {
    await cp(join(ROOT, file), join(target, file)).catch(() => undefined);
  }
}

/** What Renovate itself finds, by file and name; its look-ups never start. */
async function extract(): Promise<Pin[]> {
  const environment: NodeJS.ProcessEnv = {
    HOME: copy,
    PATH: [dirname(renovate), process.env['PATH']].join(delimiter),
    LOG_FORMAT: 'json',
    LOG_LEVEL: 'debug',
  };
  const { stdout } = await promisify(execFile)(renovate, ['--platform=local', '--dry-run=extract'], {
    cwd: copy,
    env: environment,
    maxBuffer: 1 << 28,
  });
  const line = stdout.split('\n').find((each) => each.includes('"msg":"Extracted dependencies"'));
  if (!line) throw new Error(`Renovate extracted nothing: ${stdout.slice(-2000)}`);
  const files = JSON.parse(line).packageFiles as Record<string, { packageFile: string; deps: Extracted[] }[]>;
  return Object.values(files)
    .flat()
    .flatMap(({ packageFile, deps }) =>
      deps
        .filter((each) => each.depType !== 'indirect' && each.currentValue !== undefined)
        .map(({ depName, currentValue, datasource }) => ({
          file: packageFile,
          name: depName ?? '',
          value: currentValue!.replace(/^==/, ''),
          datasource: datasource ?? '',
        })),
    );
}

/** One line a pin; where the declaration names no dependency, neither does the line of what was extracted. */
function lines(pins: readonly Pin[], declared: readonly Pin[]): string[] {
  const unnamed = new Set(declared.filter((pin) => !pin.name).map((pin) => pin.file));
  const line = ({ file, name, value, datasource }: Pin) =>
    unnamed.has(file) ? `${file}: ${value}` : `${file}: ${name} ${value} (${datasource})`;
  return [...new Set(pins.map(line))].sort();
}

test(
  'the configuration is valid in the strict mode',
  async () => {
    const validator = await buildTool('node_modules/.bin/renovate-config-validator');
    const { stdout } = await promisify(execFile)(validator, ['--strict', 'renovate.json'], {
      cwd: ROOT,
      env: { ...process.env, PATH: [dirname(validator), process.env['PATH']].join(delimiter) },
    });
    expect(stdout).toContain('Config validated successfully');
  },
  RUN_TIMEOUT,
);

test(
  'Renovate extracts exactly the pins that are declared',
  async () => {
    const declared = declaredPins(ROOT);
    expect(declared.length).toBeGreaterThan(60);
    expect(lines(await extract(), declared)).toEqual(lines(declared, declared));
  },
  RUN_TIMEOUT,
);

test.each(['facts/images.ts', 'facts/chart-versions.ts', 'ansible/inventory/group_vars/all/versions.yml'])(
  'a hint deleted from %s is noticed',
  async (file) => {
    const path = join(copy, file);
    const original = await readFile(path, 'utf8');
    try {
      await writeFile(path, original.replace(/(#|\/\/) renovate: datasource.*/, ''));
      const declared = declaredPins(ROOT);
      const found = lines(await extract(), declared);
      const missing = lines(declared, declared).filter((pin) => !found.includes(pin));
      expect(missing).toHaveLength(1);
      expect(missing[0]).toMatch(new RegExp(`^${file}: `));
    } finally {
      await writeFile(path, original);
    }
  },
  RUN_TIMEOUT,
);
