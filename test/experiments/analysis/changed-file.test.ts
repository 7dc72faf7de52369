import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseCampaign } from '../../../experiments/analysis';
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

const recordOf = (path: string) => join(path, 'trials', TRIALS[0]!, 'trial.json');
const readRows = (path: string) => (JSON.parse(readFileSync(recordOf(path), 'utf8')) as TrialRecord).rows;

/** So that nothing but the digest can tell the files apart. */
function setRows(path: string, rows: TrialRecord['rows']): void {
  const record = JSON.parse(readFileSync(recordOf(path), 'utf8')) as TrialRecord;
  writeFileSync(recordOf(path), JSON.stringify({ ...record, rows }));
}
