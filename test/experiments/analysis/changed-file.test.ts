import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseCampaign } from '../../../experiments/analysis';
import { readCampaign } from '../../../experiments/analysis/measurement/campaign-input';
import { tableDigests, type TrialRecord } from '../../../experiments/campaign';
import { writeCampaign } from './queueing-campaign';

const TRIALS = [1, 2].map((repetition) => `replica-count.fs.fs-replicas-1-1.spike.${repetition}`);

/** A campaign of two repetitions, of which the first names its files as the runner does. */
function campaign(root: string, name: string, seed: number): string {
  const path = join(root, name);
  writeCampaign(path, { seed, only: ({ id }) => TRIALS.includes(id), scale: { rate: 0.1, duration: 0.1 } });
  const folder = join(path, 'trials', TRIALS[0]!);
  const file = join(folder, 'trial.json');
  const record = JSON.parse(readFileSync(file, 'utf8')) as TrialRecord;
  writeFileSync(file, JSON.stringify({ ...record, digests: tableDigests(folder) }));
  return path;
}

describe('a trial that holds the file of another attempt at it', () => {
  let root: string;

  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'changed-file-'))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  // Replicas of a fixed count are the same in every attempt.
  it.each(['samples', 'metrics'] as const)('is left out with a sentence: %s', async (table) => {
    const [one, other] = [campaign(root, 'one', 1), campaign(root, 'other', 2)];
    const file = join('trials', TRIALS[0]!, `${table}.parquet`);
    copyFileSync(join(other, file), join(one, file));
    setRows(one, { ...readRows(one), [table]: readRows(other)[table] });
    const { findings, cells } = await analyseCampaign(one);
    expect(findings.filter(({ excluded }) => excluded)).toEqual([
      expect.objectContaining({
        kind: 'changed-file',
        trial: TRIALS[0],
        sentence: `${table}.parquet of ${TRIALS[0]} is not the file that was written with its trial.json: restore it from a copy; the trial is left out.`,
      }),
    ]);
    expect(cells.flatMap(({ trials }) => trials)).toHaveLength(1);
  });

  it('counts as long as its files are its own', async () => {
    const { cells } = await analyseCampaign(campaign(root, 'one', 1));
    expect(cells.flatMap(({ trials }) => trials)).toHaveLength(2);
  });
});

describe('a folder that holds trials of two campaigns', () => {
  let root: string;

  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'foreign-'))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it.each<[string, (record: TrialRecord) => Partial<TrialRecord>, RegExp]>([
    [
      'of another campaign',
      () => ({ campaignCreatedAt: '2026-01-01T00:00:00.000Z' }),
      /stored by the campaign of 2026-01-01/,
    ],
    ['that was rehearsed', () => ({ origin: 'rehearsed' }), /it is rehearsed, the campaign is measured/],
    [
      'of another variant',
      ({ trial }) => ({ trial: trial.replace('1-1', '2-2') }),
      /its trial.json is of .*fs-replicas-2-2/,
    ],
    ['of another attempt', () => ({ attempt: 2 }), /its trial.json is of .*attempt-2/],
  ])('leaves out one %s, with a sentence', (_, change, why) => {
    const path = campaign(root, 'one', 1);
    const record = JSON.parse(readFileSync(recordOf(path), 'utf8')) as TrialRecord;
    writeFileSync(recordOf(path), JSON.stringify({ ...record, ...change(record) }));
    const { findings, trials } = readCampaign(path);
    expect(findings.filter(({ kind }) => kind === 'foreign-trial')).toEqual([
      expect.objectContaining({ trial: TRIALS[0], excluded: true, sentence: expect.stringMatching(why) as string }),
    ]);
    expect(trials).toHaveLength(1);
  });

  it('leaves out one that campaign.json does not list', () => {
    const path = campaign(root, 'one', 1);
    const manifest = JSON.parse(readFileSync(join(path, 'campaign.json'), 'utf8')) as { order: string[] };
    writeFileSync(join(path, 'campaign.json'), JSON.stringify({ ...manifest, order: [TRIALS[1]] }));
    const { findings } = readCampaign(path);
    expect(findings.map(({ kind }) => kind)).toContain('foreign-trial');
  });
});

const recordOf = (path: string) => join(path, 'trials', TRIALS[0]!, 'trial.json');
const readRows = (path: string) => (JSON.parse(readFileSync(recordOf(path), 'utf8')) as TrialRecord).rows;

/** So that nothing but the digest can tell the files apart. */
function setRows(path: string, rows: TrialRecord['rows']): void {
  const record = JSON.parse(readFileSync(recordOf(path), 'utf8')) as TrialRecord;
  writeFileSync(recordOf(path), JSON.stringify({ ...record, rows }));
}
