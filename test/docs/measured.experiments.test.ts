import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseCampaign } from '../../experiments/analysis';
import { answers } from '../../experiments/analysis/answers';
import { DEFAULT_SETTINGS } from '../../experiments/analysis/measurement/settings';
import { cellsTable, reportJson } from '../../experiments/analysis/report/table-files';
import { CampaignFolder, readTable, SAMPLE_COLUMNS } from '../../experiments/campaign';
import { calibrate } from '../../experiments/rehearsal/calibration/calibrate';
import { predictionMarkdown } from '../../experiments/rehearsal/calibration/held-against';
import { readMeasuredTrials, type MeasuredTrial } from '../../experiments/rehearsal/calibration/measured-trial';
import { predictCells } from '../../experiments/rehearsal/calibration/prediction';
import { rehearse } from '../../experiments/rehearsal/campaign/rehearse';

jest.setTimeout(300_000);

const MEASURED = join(__dirname, '..', '..', 'docs', 'measured');

/** Campaigns that are committed with their samples. */
const committed = readdirSync(MEASURED).filter((name) => existsSync(join(MEASURED, name, 'campaign.json')));

/** Where the committed figures of a campaign are not those that its samples give. */
async function differences(folder: string): Promise<string[]> {
  const { cells } = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as { cells: { rows: Row[] } };
  const analysis = await analyseCampaign(folder, { settings: DEFAULT_SETTINGS, cache: false });
  const fresh = JSON.parse(reportJson(analysis, [])) as { cells: { rows: Row[] } };
  const found = cells.rows.flatMap((row, index) =>
    Object.keys(row)
      .filter((key) => JSON.stringify(row[key]) !== JSON.stringify(fresh.cells.rows[index]?.[key]))
      .map((key) => `${String(row['variant'])} ${String(row['profile'])}: ${key}`),
  );
  if (cells.rows.length !== fresh.cells.rows.length || cells.rows.length === 0) found.push('cells');
  return [...found, ...(await differingMedians(folder, cells.rows))];
}

type Row = Readonly<Record<string, { readonly value?: number } | string>>;

/** The median worked out by hand, so that not only the same program agrees with itself. */
async function differingMedians(folder: string, rows: readonly Row[]): Promise<string[]> {
  const campaign = CampaignFolder.open(folder);
  const found: string[] = [];
  for (const row of rows) {
    const medians: number[] = [];
    for (const record of campaign.records()) {
      const own = record.variant === row['variant'] && record.profile === row['profile'];
      if (!own || !record.valid || record.experiment !== row['experiment']) continue;
      const file = join(campaign.attemptPath(record.trial, record.attempt), 'samples.parquet');
      const times = (await readTable(file, SAMPLE_COLUMNS))
        .filter(({ error }) => error === null)
        .map((sample) => PHASES.reduce((sum, phase) => sum + Number(sample[phase]), 0))
        .sort((one, other) => one - other);
      medians.push(times[Math.floor((times.length - 1) / 2)]!);
    }
    const median = medians.reduce((sum, value) => sum + value, 0) / medians.length;
    const told = typeof row['p50'] === 'object' ? row['p50'].value : undefined;
    if (told === undefined || !(Math.abs(told / median - 1) < 0.02))
      found.push(`${String(row['variant'])} ${String(row['profile'])}: p50 is ${told}, its samples say ${median}`);
  }
  return found;
}

const PHASES = ['blocked_ms', 'connecting_ms', 'tls_ms', 'sending_ms', 'waiting_ms', 'receiving_ms'] as const;

describe('the check', () => {
  let folder: string;
  beforeAll(async () => {
    folder = join(mkdtempSync(join(tmpdir(), 'measured-')), 'campaign');
    const filter = { variants: ['uor-replicas-1', 'uor-replicas-2'], profiles: ['spike' as const], repetitions: 2 };
    await rehearse({ folder, seed: 1, threads: 0, filter, scale: { rate: 0.2, duration: 0.2 } });
    const analysis = await analyseCampaign(folder, { settings: DEFAULT_SETTINGS, cache: false });
    writeFileSync(join(folder, 'report.json'), reportJson(analysis, answers(analysis)));
    expect(cellsTable(analysis).rows).toHaveLength(2);
  });
  afterAll(() => rmSync(join(folder, '..'), { recursive: true }));

  test('finds nothing in a campaign as it was reported', async () => {
    expect(await differences(folder)).toEqual([]);
  });

  test('finds a figure that was changed, and samples that are others', async () => {
    const report = readFileSync(join(folder, 'report.json'), 'utf8');
    const changed = JSON.parse(report) as { cells: { rows: { p50: { value: number } }[] } };
    changed.cells.rows[0]!.p50.value *= 0.9;
    writeFileSync(join(folder, 'report.json'), JSON.stringify(changed));
    const found = await differences(folder);
    expect(found.join()).toMatch(/: p50,/);
    expect(found.join()).toMatch(/its samples say/);
    writeFileSync(join(folder, 'report.json'), report);
    const [one, other] = readdirSync(join(folder, 'trials')).filter((name) => name.endsWith('.1'));
    cpSync(join(folder, 'trials', one!, 'samples.parquet'), join(folder, 'trials', other!, 'samples.parquet'));
    expect((await differences(folder)).length).toBeGreaterThan(0);
  });
});

/** The tables of a page that put predicted beside measured, of one campaign. */
function comparisonOf(page: string, campaign: string): string {
  const text = readFileSync(join(MEASURED, '..', page), 'utf8');
  const [, table = ''] =
    new RegExp(`<!-- predicted against measured: ${campaign} -->\\n([\\s\\S]*?)<!-- end -->`).exec(text) ?? [];
  return cellsIn(table);
}

/** A table without its alignment, which a formatter chooses. */
const cellsIn = (markdown: string) =>
  markdown
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^[|\s-]+$/.test(line))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .join('|'),
    )
    .join('\n');

test('predicted against measured, as the page shows it, is what a calibration on fixed replicas alone gives', async () => {
  const folder = join(MEASURED, 'demo');
  const isSeen = ({ record }: MeasuredTrial) => record.experiment === 'replica-count';
  const calibration = await calibrate(folder, false, isSeen);
  const unseen = (await readMeasuredTrials(folder, false)).filter((trial) => !isSeen(trial));
  expect(unseen.length).toBeGreaterThan(5);
  expect(comparisonOf('rehearsal.md', 'demo')).toBe(cellsIn(predictionMarkdown(predictCells(unseen, calibration))));
});

test.each(['signals-uor', 'signals-fs'])(
  'predicted against measured of %s is what a calibration on demo gives',
  async (name) => {
    const calibration = await calibrate(join(MEASURED, 'demo'), false);
    const trials = await readMeasuredTrials(join(MEASURED, name), false);
    expect(trials.length).toBeGreaterThan(3);
    expect(comparisonOf('signals.md', name)).toBe(cellsIn(predictionMarkdown(predictCells(trials, calibration))));
  },
);

if (committed.length > 0)
  test.each(committed)('the figures of %s are those of its samples', async (name) => {
    expect(await differences(join(MEASURED, name))).toEqual([]);
  });
