import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../../lib/synthesis';
import { readFolder } from '../../../lib/synthesis/write';
import { asModel, find, soundPlatform, type SoundPlatform } from '../checks/sound-platform';

let scratch: string;
let dist: string;
let printed: string;
let complained: string;

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'command-'));
  dist = join(scratch, 'dist');
  printed = complained = '';
  process.exitCode = undefined;
  jest.spyOn(console, 'log').mockImplementation((line: string) => void (printed += `${line}\n`));
  jest.spyOn(console, 'error').mockImplementation((line: string) => void (complained += `${line}\n`));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((complained += String(text))));
});
afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(scratch, { recursive: true, force: true });
});

async function run(platform: SoundPlatform, ...flags: string[]): Promise<number> {
  await runCommand(() => asModel(platform), ['node', 'main.ts', 'synth', '--output', dist, ...flags]);
  return Number(process.exitCode ?? 0);
}

describe('npm run synth', () => {
  it('prints what each component asks for at the least and the most replicas, and its share of the cluster', async () => {
    expect(await run(soundPlatform())).toBe(0);
    const [heading, , ...rows] = printed.split('\n');
    expect(heading).toMatch(
      /^component +objects +CPU min +CPU max +of all CPU +memory min +memory max +of all memory$/,
    );
    // 2 to 8 pods of 250 m and 256 MiB; three nodes offer 11,100 m and 21,760 MiB.
    expect(rows.find((row) => row.startsWith('web'))).toMatch(
      /^web +5 +500 m +2,000 m +18\.0 % +512 MiB +2,048 MiB +9\.4 %$/,
    );
    expect(rows.find((row) => row.startsWith('all together'))).toMatch(/ 3,450 m /);
    expect(printed).toMatch(/dist: 10 files, written\n$/);
  });

  it('says when everything is up to date', async () => {
    await run(soundPlatform());
    await run(soundPlatform());
    expect(printed).toMatch(/dist: 10 files, up to date\n$/);
  });

  it('counts variants, and prints them in a table of their own on demand', async () => {
    const platform = soundPlatform();
    platform.model.trees.push({ directory: 'workloads/wide', app: undefined, alongside: ['platform'] });
    const [production] = platform.files.filter(({ path }) => path.startsWith('workloads/'));
    platform.files.push({ ...structuredClone(production!), path: 'workloads/wide/web.yaml' });
    find({ ...platform, files: platform.files.slice(-1) }, 'HorizontalPodAutoscaler/web').spec.maxReplicas = 16;
    expect(await run(platform)).toBe(0);
    expect(printed).toContain('2 workload variants; --variants lists what each asks for');
    expect(await run(platform, '--variants')).toBe(0);
    expect(printed).toMatch(/workloads\/production +2 +500 m +2,000 m/);
    expect(printed).toMatch(/workloads\/wide +2 +500 m +4,000 m/);
  });

  it('exits with 1 and the sentences when there are findings', async () => {
    const platform = soundPlatform();
    find(platform, 'Deployment/web').spec.replicas = 3;
    expect(await run(platform)).toBe(1);
    expect(complained).toMatch(
      /^error: 1 finding, so nothing was written\n\nweb\n {2}workloads\/production\/web\.yaml\n {4}Deployment\/web spec\.replicas: /,
    );
    expect(complained).toContain('docs/how-to/read-a-failed-check.md');
  });

  it('exits with 1 and one sentence, no stack, when a setting is refused', async () => {
    await runCommand(() => {
      throw new Error('postgres: node "worker-9" is not in the inventory; choose among worker-1, worker-2');
    }, ['node', 'main.ts', 'synth', '--output', dist]);
    expect(process.exitCode).toBe(1);
    expect(complained).toBe(
      'error: postgres: node "worker-9" is not in the inventory; choose among worker-1, worker-2\n',
    );
  });

  it('shows the stack of a defect of its own', async () => {
    await runCommand(
      () => (undefined as never as { trees: never }).trees,
      ['node', 'main.ts', 'synth', '--output', dist],
    );
    expect(process.exitCode).toBe(1);
    expect(complained).toMatch(/TypeError: .*\n +at /);
  });

  it.each([
    [['--fromat', 'markdown'], /unknown option '--fromat'\n\(Did you mean --format\?\)/],
    [['--format', 'html'], /argument 'html' is invalid\. Allowed choices are text, markdown/],
    [['everything'], /"everything": synth takes no word|is no command; write one of synth/],
    [['--against', 'nope'], /"nope" is no revision that git knows here/],
  ])('refuses the flags %j with a sentence', async (flags, sentence) => {
    expect(await run(soundPlatform(), ...flags)).toBe(1);
    expect(complained).toMatch(sentence);
    expect(readFolder(dist).size).toBe(0);
  });
});

describe('npm run synth -- --diff', () => {
  it('shows what would change and writes nothing', async () => {
    await run(soundPlatform());
    const before = readFolder(dist);
    const platform = soundPlatform();
    find(platform, 'Deployment/web').spec.template.spec.containers[0].image = 'example/web:1.2.4';
    printed = '';
    expect(await run(platform, '--diff')).toBe(0);
    expect(printed).toContain('spec.template.spec.containers[web].image: example/web:1.2.3 → example/web:1.2.4');
    expect(readFolder(dist)).toEqual(before);
  });

  it('is Markdown for a pull request comment on demand', async () => {
    await run(soundPlatform(), '--diff', '--format', 'markdown');
    expect(printed).toMatch(/^### Manifests: \d+ added, 0 removed, 0 changed\n/);
  });

  it('reports findings instead of a difference that could not be written', async () => {
    const platform = soundPlatform();
    find(platform, 'Deployment/web').spec.replicas = 3;
    expect(await run(platform, '--diff')).toBe(1);
    expect(complained).toContain('[replicas-are-left-to-the-autoscaler]');
    expect(printed).toBe('');
  });
});
