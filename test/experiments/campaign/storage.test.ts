import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteFile } from 'hyparquet-writer';
import {
  CampaignFolder,
  METRIC_TABLE,
  ParquetFile,
  readTable,
  SAMPLE_COLUMNS,
  SAMPLE_TABLE,
  SCHEMA_VERSION,
  writeTable,
  type CampaignManifest,
  type TrialRecord,
  planOf,
} from '../../../experiments/campaign';
import { expandTrials } from '../../../experiments/plan';

const MANIFEST: CampaignManifest = {
  schemaVersion: SCHEMA_VERSION,
  campaign: 'c',
  origin: 'measured',
  createdAt: '2026-01-01T00:00:00.000Z',
  seed: 1,
  gitCommit: 'abc',
  order: ['replica-count.uor.uor-replicas-1.spike.1'],
  environment: {},
};

const RECORD: TrialRecord = {
  ...{
    schemaVersion: SCHEMA_VERSION,
    trial: MANIFEST.order[0]!,
    attempt: 1,
    experiment: 'replica-count',
    testType: 'uor',
  },
  ...{ variant: 'uor-replicas-1', profile: 'spike', repetition: 1, origin: 'measured', generator: 'embedded' },
  ...{ startedAt: '2026-01-01T00:00:00.000Z', scheduledSeconds: 240, scale: { rate: 1, duration: 1 }, aborted: false },
  ...{ valid: true, gates: [], rows: { samples: 0, replicas: 0, metrics: 0 } },
} as TrialRecord;

let root: string;
let path: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'campaign-'));
  path = join(root, 'campaign');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function samples(rows: number) {
  const milliseconds = new Float32Array(rows).fill(1.5);
  const phases = ['blocked_ms', 'connecting_ms', 'tls_ms', 'sending_ms', 'waiting_ms', 'receiving_ms'] as const;
  return {
    rows,
    columns: {
      trial: { constant: 't' },
      scheduled_s: Float64Array.from({ length: rows }, (_, row) => row / 10),
      started_s: Float64Array.from({ length: rows }, (_, row) => (row === 1 ? NaN : row / 10)),
      ...(Object.fromEntries(phases.map((phase) => [phase, milliseconds])) as Record<
        (typeof phases)[number],
        Float32Array
      >),
      status: new Int16Array(rows).fill(200),
      error: {
        codes: Uint8Array.from({ length: rows }, (_, row) => (row === 1 ? 1 : 0)),
        dictionary: [null, 'dropped'],
      },
    },
  };
}

describe('a Parquet file of a campaign', () => {
  it('comes back as it was written, NULLs included', async () => {
    const file = join(root, 's.parquet');
    writeTable(file, SAMPLE_TABLE, samples(3));
    const rows = await readTable(file, SAMPLE_COLUMNS);
    expect(rows.map(({ started_s }) => started_s)).toEqual([0, null, 0.2]);
    expect(rows.map(({ error }) => error)).toEqual([null, 'dropped', null]);
    expect(rows[2]).toMatchObject({ trial: 't', waiting_ms: 1.5, status: 200 });
  });

  it('may be empty', async () => {
    const file = join(root, 'm.parquet');
    const nothing = { metric: [], node: [], pod: [], container: [] };
    writeTable(file, METRIC_TABLE, {
      rows: 0,
      columns: { at_s: new Float64Array(0), ...nothing, value: new Float64Array(0) },
    });
    expect(await readTable(file, METRIC_TABLE.columns)).toEqual([]);
  });

  it('is not there before it is whole, and never replaces another', () => {
    const file = join(root, 's.parquet');
    const writer = ParquetFile.create(file, SAMPLE_TABLE);
    writer.append(samples(2));
    expect(existsSync(file)).toBe(false);
    writer.close();
    expect(() => ParquetFile.create(file, SAMPLE_TABLE)).toThrow('exists and is never overwritten');
  });

  it('refuses a NULL where none may be', () => {
    const batch = samples(2);
    batch.columns.scheduled_s[1] = NaN;
    expect(() => writeTable(join(root, 's.parquet'), SAMPLE_TABLE, batch)).toThrow('Column scheduled_s takes no NULL');
    expect(existsSync(join(root, 's.parquet'))).toBe(false);
  });

  it('of a schema version that this program does not know is refused', async () => {
    const file = join(root, 'future.parquet');
    parquetWriteFile({
      filename: file,
      columnData: [{ name: 'x', data: [1] }],
      kvMetadata: [{ key: 'ahuora.schema_version', value: '2' }],
    });
    await expect(readTable(file, SAMPLE_COLUMNS)).rejects.toThrow(
      'has schema version 2, but this program knows only 1',
    );
  });
});

const PLAN = planOf(expandTrials().slice(0, 1));

describe('the folder of a campaign', () => {
  it('keeps what was stored and overwrites nothing', () => {
    const folder = CampaignFolder.create(path, MANIFEST, PLAN);
    folder.openAttempt(RECORD.trial, 1);
    folder.store(RECORD);
    expect(() => folder.store({ ...RECORD, valid: false })).toThrow('EEXIST');
    const opened = CampaignFolder.open(path);
    expect([opened.manifest, opened.plan(), opened.records()]).toEqual([MANIFEST, PLAN, [RECORD]]);
    expect(() => CampaignFolder.create(path, MANIFEST)).toThrow('holds a campaign already');
  });

  it('opens trials of the version before, none of which that counts was saturated', () => {
    const folder = CampaignFolder.create(path, MANIFEST);
    const { saturated, ...old } = { ...RECORD, saturated: true, schemaVersion: 1 };
    folder.openAttempt(RECORD.trial, 1);
    folder.store(old);
    folder.openAttempt(RECORD.trial, 2);
    folder.store({ ...RECORD, attempt: 2, schemaVersion: 2, saturated });
    folder.openAttempt(RECORD.trial, 3);
    expect(CampaignFolder.open(path).records()).toEqual([old, { ...RECORD, attempt: 2, schemaVersion: 2, saturated }]);
    folder.store({ ...RECORD, attempt: 3, schemaVersion: 3 });
    expect(() => folder.records()).toThrow('has schema version 3, but this program knows only 1 and 2');
  });

  it.each([
    ['no campaign', () => undefined, 'holds no campaign'],
    ['no JSON', () => '{"schemaVersion":1', 'campaign.json is no JSON'],
    [
      'a newer version',
      () => JSON.stringify({ ...MANIFEST, schemaVersion: 2 }),
      'has schema version 2, but this program knows only 1',
    ],
    ['a wrong field', () => JSON.stringify({ ...MANIFEST, seed: 'one' }), 'campaign.json, field seed:'],
  ])('with %s is refused in one sentence', (_, content, message) => {
    CampaignFolder.create(path, MANIFEST);
    rmSync(join(path, 'campaign.json'));
    const text = content();
    if (text !== undefined) writeFileSync(join(path, 'campaign.json'), text);
    expect(() => CampaignFolder.open(path)).toThrow(message);
  });
});

describe('the journal', () => {
  it('takes half a line only where a run died', () => {
    const { journal } = CampaignFolder.create(path, MANIFEST);
    journal.append({ event: 'started' });
    appendFileSync(join(path, 'journal.jsonl'), '{"at":"20');
    expect(journal.entries()).toHaveLength(1);
    journal.append({ event: 'resumed' });
    expect(journal.entries().map(({ event }) => event)).toEqual(['started', 'resumed']);
    journal.append({ event: 'finished' });
    writeFileSync(
      join(path, 'journal.jsonl'),
      readFileSync(join(path, 'journal.jsonl'), 'utf8').replace('"resumed"', '"resumd"'),
    );
    expect(() => journal.entries()).toThrow('line 2 is no journal entry');
  });
});
