import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CampaignFolder, readTable, SAMPLE_COLUMNS } from '../../../experiments/campaign';
import { ATTEMPT_STATES } from '../../../experiments/runner/attempt/attempt-context';
import { FileWorld } from './file-world';

jest.setTimeout(180_000);

let root: string;
let campaign: string;
let world: FileWorld;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kill-and-resume-'));
  campaign = join(root, 'campaign');
  world = new FileWorld(join(root, 'world'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Runs or resumes the campaign in a process of its own, which may kill itself. */
function runner(...when: string[]) {
  const { status, signal, stderr } = spawnSync(
    process.execPath,
    ['--require', 'tsx/cjs', join(__dirname, 'killed-runner.ts'), campaign, world.folder, ...when],
    { encoding: 'utf8' },
  );
  return { status, signal, stderr };
}

describe('a runner killed with SIGKILL', () => {
  const moments = [...ATTEMPT_STATES.map((state) => [state, 'entered']), ['load', 'loading'], ['store', 'stored']];

  it.each(moments)(
    'in state %s (%s) resumes: no trial is lost or doubled, no flowsheet and no delay is left',
    async (state, moment) => {
      expect(runner(state!, moment!).signal).toBe('SIGKILL');
      expect(runner()).toMatchObject({ status: 0, stderr: '' });

      expect(world.flowsheets()).toEqual([]);
      expect(world.delayed()).toBe(false);
      const folder = CampaignFolder.open(campaign);
      const verdicts = folder.records();
      expect(verdicts.map(({ trial }) => trial).sort()).toEqual([...folder.manifest.order].sort());
      for (const record of verdicts) {
        const samples = await readTable(
          join(folder.attemptPath(record.trial, record.attempt), 'samples.parquet'),
          SAMPLE_COLUMNS,
        );
        expect(samples).toHaveLength(record.rows.samples);
      }
      expect(folder.journal.entries().at(-1)!.event).toBe('finished');
      const interrupted = folder.journal.entries().filter(({ event }) => event === 'interrupted');
      expect(interrupted).toHaveLength(moment === 'stored' ? 0 : 1);
    },
  );

  it('again and again still finishes', () => {
    for (const state of ['delay', 'load', 'judge']) expect(runner(state).signal).toBe('SIGKILL');
    expect(runner().status).toBe(0);
    // A machine that is kept from its cores makes a trial void, and it is tried again: each has its verdicts, and none is lost.
    const folder = CampaignFolder.open(campaign);
    const records = folder.records();
    expect([...new Set(records.map(({ trial }) => trial))].sort()).toEqual([...folder.manifest.order].sort());
    expect(new Set(records.map(({ trial, attempt }) => `${trial}.${attempt}`)).size).toBe(records.length);
    expect(folder.journal.entries().at(-1)!.event).toBe('finished');
  });

  it('leaves half a line in the journal at worst, which the next run steps over', () => {
    expect(runner('load', 'loading').signal).toBe('SIGKILL');
    const file = join(campaign, 'journal.jsonl');
    appendFileSync(file, '{"at":"2026-01-01T00:0');
    expect(runner().status).toBe(0);
    expect(readFileSync(file, 'utf8')).toContain('{"at":"2026-01-01T00:0\n');
    expect(CampaignFolder.open(campaign).journal.entries().at(-1)!.event).toBe('finished');
  });

  it('leaves no half-written file that counts as a trial', () => {
    expect(runner('store').signal).toBe('SIGKILL');
    const unfinished = readdirSync(join(campaign, 'trials'));
    expect(CampaignFolder.open(campaign).records()).toEqual([]);
    expect(unfinished.length).toBeLessThanOrEqual(1);
  });
});
