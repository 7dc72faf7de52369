import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CampaignFolder, readTable, REPLICA_COLUMNS, SAMPLE_COLUMNS } from '../../../../experiments/campaign';
import { rehearse } from '../../../../experiments/rehearsal/campaign/rehearse';
import { AS_PLANNED } from '../../../../experiments/rehearsal/campaign/trial-plan';

// Seconds on an idle machine, more on a busy one.
jest.setTimeout(60_000);

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'rehearsal-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Every file below a folder with the digest of its content. */
function digests(root: string): Record<string, string> {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(path.join(root, file)).isFile())
    .sort();
  return Object.fromEntries(
    files.map((file) => [
      file,
      createHash('sha256')
        .update(readFileSync(path.join(root, file)))
        .digest('hex'),
    ]),
  );
}

const SMALL = {
  seed: 5,
  threads: 0,
  filter: { variants: ['fs-minimum-1', 'fs-minimum-2', 'uor-minimum-2'], profiles: ['spike' as const], repetitions: 1 },
};

test('a rehearsal at other rates says so in its records, since loads and demands are reckoned from them', async () => {
  const rehearsed = path.join(folder, 'half');
  await rehearse({ ...SMALL, folder: rehearsed, departure: { ...AS_PLANNED, load: 0.5 } });
  const records = CampaignFolder.open(rehearsed).records();
  expect(records.map(({ scale }) => scale)).toEqual(records.map(() => ({ rate: 0.5, duration: 1 })));
});

test('a rehearsal writes what the runner would, marked as rehearsed, and the same seed gives the same bytes', async () => {
  const [one, other, third] = ['one', 'other', 'third'].map((name) => path.join(folder, name));
  const { summaries } = await rehearse({ ...SMALL, folder: one });
  await rehearse({ ...SMALL, folder: other });
  expect(digests(other)).toEqual(digests(one));
  await rehearse({ ...SMALL, seed: 6, folder: third });
  expect(digests(third)).not.toEqual(digests(one));

  const campaign = CampaignFolder.open(one);
  expect(campaign.manifest.origin).toBe('rehearsed');
  expect(campaign.manifest.order).toHaveLength(3);
  for (const record of campaign.records()) {
    expect([record.origin, record.generator]).toEqual(['rehearsed', 'simulation']);
    const samples = await readTable(path.join(one, 'trials', record.trial, 'samples.parquet'), SAMPLE_COLUMNS);
    expect(samples).toHaveLength(record.rows.samples);
    const summary = summaries.find(({ trial }) => trial === record.trial);
    expect(samples.filter(({ error }) => error !== null)).toHaveLength(summary?.failed as number);
    expect(samples.every((row) => row.error === 'dropped' || Number(row.started_s) >= Number(row.scheduled_s))).toBe(
      true,
    );
    const replicas = await readTable(path.join(one, 'trials', record.trial, 'replicas.parquet'), REPLICA_COLUMNS);
    expect(replicas[0].at_s).toBe(0);
  }
});

test('the plan’s warnings are confirmed: dead variants never scale, and what has no room stays pending', async () => {
  const { warnings, findings } = await rehearse({
    seed: 1,
    threads: 0,
    filter: { experiments: ['resources'], variants: VARIANTS, profiles: ['breakpoint'], repetitions: 1 },
  });
  const verdicts = Object.fromEntries(
    warnings.map(({ warning, verdict }) => [`${warning.variant} ${warning.kind}`, verdict]),
  );
  expect(verdicts).toMatchObject({
    'uor-cpu-1000m-target-90 unreachable-target': 'confirmed',
    'uor-cpu-2000m-target-50 unreachable-target': 'confirmed',
    'fs-cpu-2000m-target-90 unreachable-target': 'confirmed',
    'uor-cpu-2000m-target-25 unschedulable': 'confirmed',
    // It is dead as well, so it never asks for the pods that would not fit.
    'uor-cpu-2000m-target-50 unschedulable': 'not-met',
  });
  const still = findings.filter(({ kind }) => kind === 'never-scales').flatMap(({ variants }) => variants);
  expect(still).toContain('uor-cpu-2000m-target-50');
  expect(still).not.toContain('uor-cpu-500m-target-50');
});
const VARIANTS = [
  'uor-cpu-1000m-target-90',
  'uor-cpu-2000m-target-50',
  'uor-cpu-2000m-target-25',
  'uor-cpu-500m-target-50',
  'fs-cpu-2000m-target-90',
];

test('a process that could use two cores would make a dead variant scale: the warning rests on the ceiling of a pod', async () => {
  const { warnings } = await rehearse({
    seed: 1,
    threads: 0,
    filter: { variants: ['uor-cpu-2000m-target-50'], profiles: ['breakpoint'], repetitions: 1 },
    departure: {
      ...AS_PLANNED,
      model: (model) => ({
        ...model,
        processes: { ...model.processes, 'django-api': { ...model.processes['django-api'], processes: 2 } },
      }),
    },
  });
  expect(warnings.find(({ warning }) => warning.kind === 'unreachable-target')?.verdict).toBe('contradicted');
});

test('three trials that differ by chance are indistinguishable, and a tenfold difference is not', async () => {
  const { findings } = await rehearse({
    seed: 1,
    threads: 0,
    filter: {
      experiments: ['replica-count'],
      testTypes: ['uor'],
      variants: ['uor-replicas-1', 'uor-replicas-4', 'uor-replicas-8'],
      profiles: ['spike'],
    },
  });
  const pairs = findings.filter(({ kind }) => kind === 'indistinguishable').map(({ variants }) => variants);
  expect(pairs).toEqual([['uor-replicas-4', 'uor-replicas-8']]);
});

test('a filter that leaves nothing, and a folder that is taken, are refused in a sentence', async () => {
  const nothing = { testTypes: ['fs' as const], variants: ['uor-replicas-1'] };
  await expect(rehearse({ ...SMALL, filter: nothing })).rejects.toThrow('No trial of the plan matches');
  await expect(rehearse({ ...SMALL, filter: { variants: ['none'] } })).rejects.toThrow('has no variant of this name');
  await rehearse({ ...SMALL, folder, filter: { ...SMALL.filter, variants: ['fs-minimum-1'] } });
  await expect(rehearse({ ...SMALL, folder })).rejects.toThrow('holds a campaign already');
});
