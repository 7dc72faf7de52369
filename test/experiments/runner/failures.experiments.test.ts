import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CampaignFolder, planOf } from '../../../experiments/campaign';
import { EXPERIMENTS, expandTrials, feasibilityWarnings } from '../../../experiments/plan';
import { finishExperiment } from './command-line';
import { FileWorld } from './file-world';

jest.setTimeout(120_000);

let root: string;

beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'failures-'))));

afterEach(() => rmSync(root, { recursive: true, force: true }));

function experiment(words: readonly string[], environment: Record<string, string> = {}) {
  const env = { ...process.env, GRAFANA_CLOUD_PROMETHEUS_URL: '', ...environment };
  return finishExperiment(words, { env });
}

/** A disk of that size, for as long as the work takes. */
function onSmallDisk(size: string, work: (folder: string) => void): void {
  const folder = join(root, 'disk');
  mkdirSync(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'small', folder]);
  try {
    work(folder);
  } finally {
    execFileSync('umount', [folder]);
  }
}

describe('what goes wrong is said in one sentence, with a non-zero exit', () => {
  const sentence = (text: string) => expect(text.trim().split('\n')).toHaveLength(1);

  it.each([
    ['a folder that holds no campaign', () => ['resume', root], 'holds no campaign'],
    [
      'an unknown profile',
      () => ['run', '--profile', 'spiky'],
      'Allowed choices are average, stress, spike, breakpoint',
    ],
    ['a scale that is no number', () => ['run', '--scale', 'half'], 'Give a number above 0'],
    [
      'a site that the chosen trials do not have',
      () => ['run', '--variant', 'uor-benchmark-compose', '--site', 'cluster'],
      'No trial of the plan fits',
    ],
    [
      'a selection that fits nothing',
      () => ['run', '--local', '--test-type', 'fs', '--variant', 'uor-replicas-1'],
      'No trial of the plan fits',
    ],
    [
      'a variant that there is not',
      () => ['run', '--local', '--variant', 'none'],
      'the plan has no variant of this name',
    ],
    [
      'a cluster campaign without credentials',
      () => ['run', '--experiment', 'benchmark'],
      'GRAFANA_CLOUD_PROMETHEUS_URL is not set',
    ],
  ])('%s', (_, words, message) => {
    const { status, stderr } = experiment(words());
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
    sentence(stderr);
  });

  it('a campaign file that is broken', () => {
    writeFileSync(join(root, 'campaign.json'), '{"schemaVersion":');
    const { status, stderr } = experiment(['resume', root]);
    expect([status, stderr]).toEqual([1, expect.stringContaining('campaign.json is no JSON')]);
  });

  it('an unreachable cluster', () => {
    const config = join(root, 'kubeconfig');
    const cluster = {
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    };
    writeFileSync(
      config,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        ...cluster,
        users: [{ name: 'u', user: { token: 't' } }],
        'current-context': 'c',
      }),
    );
    const credentials = {
      GRAFANA_CLOUD_PROMETHEUS_URL: 'http://127.0.0.1:1',
      GRAFANA_CLOUD_PROMETHEUS_USER: 'u',
      GRAFANA_CLOUD_PROMETHEUS_TOKEN: 't',
    };
    const { status, stderr } = experiment(['run', '--experiment', 'benchmark', '--site', 'cluster'], {
      KUBECONFIG: config,
      ...credentials,
    });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^The cluster cannot be reached/)]);
    sentence(stderr);
  });

  it('a full disk', () => {
    onSmallDisk('4k', (folder) => {
      const { status, stderr } = experiment(['run', '--local', '--campaign', join(folder, 'c')]);
      expect([status, stderr]).toEqual([1, expect.stringContaining('is full: free some space')]);
      sentence(stderr);
    });
  });
});

describe('before a campaign starts', () => {
  it('every warning about its variants has a line, and so have the trials that run under Docker Compose', () => {
    // Without credentials it ends before it starts anything.
    const lines = (words: readonly string[]) =>
      experiment(['run', ...words])
        .stdout.trim()
        .split('\n');
    const warnings = feasibilityWarnings(EXPERIMENTS).map(
      ({ variant, message }) => `Feasibility: ${variant}: ${message}`,
    );
    const underCompose = expandTrials().filter(({ variant }) => variant.site === 'compose').length;
    const all = lines([]);
    expect(all.slice(0, -1)).toEqual(warnings);
    expect(all.at(-1)).toMatch(
      new RegExp(`^${underCompose} of ${expandTrials().length} trials run under Docker Compose`),
    );
    expect(lines(['--site', 'cluster'])).toEqual(warnings);
    const one = 'fs-cpu-1000m-target-90';
    expect(lines(['--variant', one])).toEqual([expect.stringContaining(`${one}: a pod tops out`)]);
  });
});

describe('a disk that fills up in the midst of a campaign', () => {
  it('stops it with everything stored intact, and with space it goes on', () => {
    // Room for the plan that every campaign keeps, and for little else.
    const planKiB = Math.ceil(JSON.stringify(planOf([])).length / 1024);
    onSmallDisk(`${planKiB + 24}k`, (folder) => {
      const campaign = join(folder, 'campaign');
      const world = new FileWorld(join(root, 'world'));
      const run = () =>
        spawnSync(
          process.execPath,
          ['--require', 'tsx/cjs', join(__dirname, 'killed-runner.ts'), campaign, world.folder],
          { encoding: 'utf8' },
        );
      const first = run();
      expect([first.status, first.stderr]).toEqual([1, expect.stringContaining('ENOSPC')]);
      expect([world.flowsheets(), world.delayed()]).toEqual([[], false]);
      const stored = CampaignFolder.open(campaign).records().length;
      expect(stored).toBeLessThan(2);
      execFileSync('mount', ['-o', 'remount,size=4m', folder]);
      expect(run()).toMatchObject({ status: 0, stderr: '' });
      expect(CampaignFolder.open(campaign).records()).toHaveLength(2);
    });
  });
});
