import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AnalysisError, analyseCampaign, writeReport, type CampaignAnalysis } from '../../../experiments/analysis';
import { expandTrials } from '../../../experiments/plan';
import { readTable, SAMPLE_COLUMNS, SAMPLE_TABLE, writeTable } from '../../../experiments/campaign';
import type { CheckedReport } from './prose/checked-report';
import { contradictions } from './prose/checker';
import { simulateTrial, writeCampaign, writeTrial } from './queueing-campaign';

const scale = { rate: 0.5, duration: 0.1 };
const chosen = [
  'replica-count.uor.uor-replicas-1.average',
  'replica-count.uor.uor-replicas-1.breakpoint',
  'replica-count.uor.uor-replicas-2.average',
  'minimum-replicas.uor.uor-minimum-1.spike',
];
const only = (trial: { id: string }) => chosen.some((start) => trial.id.startsWith(start));

// Other work on the machine must not turn a slow disk into a failure.
jest.setTimeout(60_000);

let root: string;
let campaign: string;
let analysis: CampaignAnalysis;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'analysis-'));
  campaign = join(root, 'campaign');
  writeCampaign(campaign, { scale, only });
  analysis = await analyseCampaign(campaign);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A copy of the campaign to break, with what is known of its unchanged trials. */
function copy(name: string): string {
  const path = join(root, name);
  execFileSync('cp', ['-a', campaign, path]); // Times of change must stay the same to the nanosecond.
  return path;
}

const first = 'replica-count.uor.uor-replicas-1.average.1';
const sentences = (result: CampaignAnalysis) => result.findings.map((finding) => finding.sentence).join('\n');

async function rewriteSamples(path: string, change: (rows: Record<string, unknown>[]) => void): Promise<void> {
  const file = join(path, 'trials', first, 'samples.parquet');
  const rows = (await readTable(file, SAMPLE_COLUMNS)).map((row) => ({ ...row })) as Record<string, unknown>[];
  change(rows);
  rmSync(file);
  const numbers = (name: string) => rows.map((row) => (row[name] === null ? NaN : Number(row[name])));
  writeTable(file, SAMPLE_TABLE, {
    rows: rows.length,
    columns: {
      trial: rows.map((row) => String(row['trial'])),
      scheduled_s: Float64Array.from(numbers('scheduled_s')),
      started_s: Float64Array.from(numbers('started_s')),
      blocked_ms: Float32Array.from(numbers('blocked_ms')),
      connecting_ms: Float32Array.from(numbers('connecting_ms')),
      tls_ms: Float32Array.from(numbers('tls_ms')),
      sending_ms: Float32Array.from(numbers('sending_ms')),
      waiting_ms: Float32Array.from(numbers('waiting_ms')),
      receiving_ms: Float32Array.from(numbers('receiving_ms')),
      status: Int16Array.from(numbers('status')),
      error: rows.map((row) => row['error'] as string | null),
    },
  });
  const record = join(path, 'trials', first, 'trial.json');
  const content = JSON.parse(readFileSync(record, 'utf8')) as { rows: { samples: number } };
  content.rows.samples = rows.length;
  writeFileSync(record, JSON.stringify(content));
}

function editRecord(path: string, change: (record: Record<string, unknown>) => void, trial = first): void {
  const file = join(path, 'trials', trial, 'trial.json');
  const record = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  change(record);
  writeFileSync(file, JSON.stringify(record));
}

interface ReportedAnswer {
  readonly id: string;
  readonly unanswerable?: string;
  readonly sentences: readonly string[];
  readonly tables: readonly { readonly rows: readonly unknown[] }[];
}

/** Answer, certainty and evidence of each question in the table of verdicts. */
function firstPageOf(html: string): string[][] {
  return [...sectionOf(html, 'verdicts').matchAll(/<th scope="row">(.*?)<\/tr>/gs)].map(([, row]) =>
    [...row.matchAll(/<td>(.*?)<\/td>/gs)].map(([, cell]) => cell.replaceAll(/<[^>]+>/g, '').trim()),
  );
}

/** One question's part of the page. */
function sectionOf(html: string, id: string): string {
  const start = html.indexOf(`<section id="${id}">`);
  return html.slice(start, html.indexOf('</section>', start));
}

describe('A campaign', () => {
  it('is measured without a problem, trial by trial', () => {
    expect(analysis.findings.filter((finding) => finding.excluded)).toEqual([]);
    expect(analysis.cells.every((cell) => cell.trials.length === 3)).toBe(true);
    expect(analysis.computed).toBe(analysis.measuredTrials);
  });

  it('counts offered, served and failed requests of every second, and none twice', () => {
    for (const { trials } of analysis.cells)
      for (const { measures, series } of trials) {
        const sum = (column: Float64Array) => column.reduce((a, b) => a + b, 0);
        expect(sum(series.offered)).toBe(measures.due);
        expect(sum(series.failed)).toBe(measures.failed);
        expect(sum(series.served)).toBe(measures.succeeded);
        expect(series.in_flight.at(-1)).toBe(0);
      }
  });

  it('has in its summary the percentiles of the raw samples', async () => {
    const rows = await readTable(join(campaign, 'trials', first, 'samples.parquet'), SAMPLE_COLUMNS);
    const times = rows
      .filter((row) => row.error === null)
      .map((row) => Number(row.connecting_ms) + Number(row.waiting_ms));
    times.sort((a, b) => a - b);
    const place = 0.95 * (times.length - 1);
    const exact = times[Math.floor(place)] + (place % 1) * (times[Math.ceil(place)] - times[Math.floor(place)]);
    const cell = analysis.cells.find((one) => first.startsWith(one.id))!;
    expect(cell.trials[0].measures.p95).toBeCloseTo(exact, 9);
  });

  it('computes nothing again when nothing changed, and only the changed trial when one did', async () => {
    expect((await analyseCampaign(campaign)).computed).toBe(0);
    const changed = copy('changed');
    utimesSync(join(changed, 'trials', first, 'samples.parquet'), new Date(), new Date());
    const again = await analyseCampaign(changed);
    expect(again.computed).toBe(1);
    const p95 = (result: CampaignAnalysis) => result.cells.map((cell) => cell.pooled?.percentiles.p95?.high);
    expect(p95(again)).toEqual(p95(analysis));
  });
});

describe('A campaign of a single trial', () => {
  it('is told of in the singular', async () => {
    const single = join(root, 'single');
    writeCampaign(single, { scale, only: ({ id }) => id === first });
    const alone = await analyseCampaign(single);
    const [path] = await writeReport(alone, 'html', join(root, 'single.html'));
    const html = readFileSync(path, 'utf8');
    const words = html.slice(0, html.indexOf('<script')).replaceAll(/<[^>]+>/g, '');
    expect(words).toContain('1 trial of unit operation retrieval');
    expect(words.match(/\b1 (?:trial|cell|attempt|metric|request|replica|problem|pod|campaign)s\b.*/g)).toBeNull();
  });
});

describe('The report', () => {
  it('is one page without NaN whose every link has its target and which loads nothing', async () => {
    const [path] = await writeReport(analysis, 'html', join(root, 'report.html'));
    const html = readFileSync(path, 'utf8');
    const page = html.slice(0, html.indexOf('<script'));
    expect(page).not.toMatch(/\bNaN\b|\bundefined\b|\bInfinity\b|\[object/);
    const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]));
    const targets = [...html.matchAll(/href="#([^"]+)"/g)].map((match) => match[1]);
    expect(targets.length).toBeGreaterThan(100);
    expect(targets.filter((target) => !ids.has(target))).toEqual([]);
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(html).toContain('Not answerable, because this campaign was not planned to run the experiment benchmark');
  });

  it('answers each question in two sentences, with a figure and a table, or says why it cannot', async () => {
    const [path] = await writeReport(analysis, 'json', join(root, 'answers.json'));
    const { answers } = JSON.parse(readFileSync(path, 'utf8')) as { answers: ReportedAnswer[] };
    const answered = answers.filter((answer) => answer.unanswerable === undefined);
    expect(answered.map(({ id }) => id)).toEqual([
      'replica-count-uor',
      'minimum-replicas-uor',
      'objective-uor',
      'secondary-metrics-uor',
      'threats',
    ]);
    for (const { id, sentences, tables } of answered) {
      expect([id, sentences.length]).toEqual([id, 2]);
      for (const sentence of sentences) expect(sentence).toMatch(/^\S.*[a-z0-9)%s]\.$/);
      expect([id, tables.some(({ rows }) => rows.length > 0)]).toEqual([id, true]);
    }
    const html = readFileSync(join(root, 'report.html'), 'utf8');
    for (const { id } of answered) expect(sectionOf(html, id)).toContain('class="plot');
    for (const { id } of answers.filter((answer) => answer.unanswerable !== undefined))
      expect(sectionOf(html, id)).toContain('Not answerable, because');
  });

  it('says on its first page how sure each answer is, and where its evidence lies', () => {
    const html = readFileSync(join(root, 'report.html'), 'utf8');
    const rows = firstPageOf(html);
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter((cells) => cells.length !== 3 || cells.includes(''))).toEqual([]);
  });

  it('links every number of its tables to the trials behind it', () => {
    const html = readFileSync(join(root, 'report.html'), 'utf8');
    const numbers = [
      ...html.slice(0, html.indexOf('<section id="cells">')).matchAll(/<td class="number">(.*?)<\/td>/g),
    ];
    expect(numbers.length).toBeGreaterThan(40);
    expect(numbers.map(([, content]) => content).filter((one) => !/^<a class="value" href="#cell-/.test(one))).toEqual(
      [],
    );
    // A correlation is taken over all trials of its test type, so its link leads to all of them.
    const correlations = sectionOf(html, 'secondary-metrics-uor');
    expect(correlations).toContain('href="#cell-uor"');
    expect(correlations).not.toContain('href="#cell-replica-count');
  });

  it('names variants without a valid trial and the gate that failed, in words and in the heat map', async () => {
    const path = join(root, 'void');
    const spikes = ({ id }: { id: string }) => /^resources\.uor\.uor-cpu-500m-target-(25|50)\.spike/.test(id);
    writeCampaign(path, { scale, only: spikes });
    for (const trial of readdirSync(join(path, 'trials')).filter((name) => name.includes('target-50')))
      editRecord(
        path,
        (record) => {
          record['valid'] = false;
          record['gates'] = [{ gate: 'generator-cpu', passed: false, value: 0.95, limit: 0.9, detail: 'Busy.' }];
        },
        trial,
      );
    const partial = await analyseCampaign(path);
    expect(partial.findings.filter(({ excluded }) => excluded)).toHaveLength(3); // One for each trial, not two.
    const [file] = await writeReport(partial, 'html', join(root, 'void.html'));
    const html = readFileSync(file, 'utf8');
    expect(sectionOf(html, 'resources-uor')).toContain(
      'In no figure, for want of a valid trial: cpu-500m-target-50 under spike (generator-cpu).',
    );
    // A cell without a trial has fewer than were planned, too.
    expect(sectionOf(html, 'threats')).toMatch(/1 of 2 cells(<[^>]*>)* with fewer than three\)/);
    const plots = JSON.parse(/id="plots">(.*?)<\/script>/s.exec(html)![1]!) as { id: string; cells: object[] }[];
    expect(plots.find(({ id }) => id === 'resources-uor-heat')?.cells).toEqual([
      expect.objectContaining({ x: 0, y: 0, value: expect.any(Number) }),
      { x: 1, y: 0, value: null, label: 'no valid trial' },
    ]);
  });

  it('says in plain sight that a campaign was rehearsed', async () => {
    const path = join(root, 'rehearsed');
    writeCampaign(path, { scale, origin: 'rehearsed', only: (trial) => trial.id.startsWith(chosen[0]) });
    const [file] = await writeReport(await analyseCampaign(path), 'html', join(root, 'rehearsed.html'));
    expect(readFileSync(file, 'utf8')).toContain('Rehearsed: these figures come from a simulation');
    expect(readFileSync(join(root, 'report.html'), 'utf8')).not.toContain('Rehearsed: these figures');
  });

  it('says in plain sight that a campaign was scaled, local or of a live cluster, and only then', async () => {
    const banners = async (name: string, site: 'cluster' | 'local' | 'live', by = scale) => {
      const settings = { site, generator: 'embedded', scale: by, attempts: 1 } as const;
      const cells = analysis.cells.map((cell) => ({
        ...cell,
        trials: cell.trials.map((trial) => ({
          ...trial,
          input: { ...trial.input, record: { ...trial.input.record, scale: by } },
        })),
      }));
      const told = { ...analysis, cells, manifest: { ...analysis.manifest, settings } };
      const [file] = await writeReport(told, 'html', join(root, `${name}.html`));
      return [...readFileSync(file, 'utf8').matchAll(/class="banner" role="note">([^<]*)/g)].map(([, text]) => text);
    };
    expect(await banners('whole', 'cluster', { rate: 1, duration: 1 })).toEqual([]);
    expect(await banners('local', 'local')).toEqual([
      expect.stringContaining('Nothing here says anything about the cluster'),
      expect.stringContaining('rates × 0.5, durations × 0.1'),
    ]);
    expect(await banners('live', 'live', { rate: 1, duration: 1 })).toEqual([expect.stringMatching(/^Live: /)]);
  });

  it('of cells of one and two trials says no more than its tables do', async () => {
    const path = join(root, 'few');
    const few = /^replica-count\.uor\.uor-replicas-(1\.spike\.1|2\.spike\.[12])$/;
    writeCampaign(path, { scale: { rate: 0.05, duration: 0.1 }, only: ({ id }) => few.test(id) });
    const [file] = await writeReport(await analyseCampaign(path), 'json', join(root, 'few.json'));
    const report = JSON.parse(readFileSync(file, 'utf8')) as CheckedReport;
    expect(report.answers.flatMap(({ sentences }) => sentences).join()).toContain('(n = 1)');
    expect(contradictions(report)).toEqual([]);
  });

  it('comes as CSV tables and as JSON, without NaN', async () => {
    const files = await writeReport(analysis, 'csv', join(root, 'tables'));
    expect(files.map((file) => file.split('/').at(-1))).toContain('replica-count-uor-measures.csv');
    const cells = readFileSync(join(root, 'tables', 'cells.csv'), 'utf8')
      .trim()
      .split('\n');
    expect(cells).toHaveLength(analysis.cells.length + 1);
    expect(cells[0]).toContain('p95 [ms],p95 low,p95 high,p95 n');
    const [json] = await writeReport(analysis, 'json', join(root, 'report.json'));
    const report = JSON.parse(readFileSync(json, 'utf8')) as { answers: { id: string }[] };
    expect(report.answers.map((answer) => answer.id)).toContain('threats');
    for (const file of [...files, json]) expect(readFileSync(file, 'utf8')).not.toMatch(/\bNaN\b|Infinity/);
  });

  it('holds two campaigns side by side', async () => {
    const slower = join(root, 'slower');
    writeCampaign(slower, { scale, only, seed: 2, name: 'second' });
    const [file] = await writeReport(analysis, 'html', join(root, 'two.html'), await analyseCampaign(slower));
    const html = readFileSync(file, 'utf8');
    expect(html).toContain('simulated against second');
    expect(html).toMatch(/The campaigns share \d+ cells/);
    expect(firstPageOf(html)[0]![1]).toMatch(/^\d+ of \d+ comparisons told apart/);
    const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]));
    expect([...html.matchAll(/href="#([^"]+)"/g)].filter(([, target]) => !ids.has(target))).toEqual([]);
  });
});

describe('Broken input is named', () => {
  it('a missing trial', async () => {
    const path = copy('missing');
    rmSync(join(path, 'trials', first), { recursive: true });
    const result = await analyseCampaign(path);
    expect(sentences(result)).toContain(`Trial ${first} was to run, but the campaign holds no readable attempt of it.`);
    expect(result.cells.find((cell) => first.startsWith(cell.id))!.trials).toHaveLength(2);
  });

  it('a truncated file', async () => {
    const path = copy('truncated');
    truncateSync(join(path, 'trials', first, 'samples.parquet'), 2000);
    expect(sentences(await analyseCampaign(path))).toContain(`samples.parquet of ${first} is cut short or not Parquet`);
  });

  it('a file damaged in the middle, though its footer is whole', async () => {
    const path = copy('damaged');
    const file = join(path, 'trials', first, 'samples.parquet');
    const bytes = readFileSync(file);
    bytes.fill(0xff, Math.floor(bytes.length * 0.4), Math.floor(bytes.length * 0.4) + 2000);
    writeFileSync(file, bytes);
    const result = await analyseCampaign(path);
    const found = result.findings.filter((finding) => finding.trial === first);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ kind: 'unreadable-file', excluded: true });
    expect(found[0].sentence).toMatch(/^samples\.parquet of \S+ is damaged \([^\n]*\); the trial is left out\.$/);
    expect(result.cells.find((cell) => first.startsWith(cell.id))!.trials).toHaveLength(2);
    const [html] = await writeReport(result, 'html', join(root, 'damaged.html'));
    expect(readFileSync(html, 'utf8').split('<script')[0]).toContain(`samples.parquet of ${first} is damaged`);
  });

  it('a trial of another schema version', async () => {
    const path = copy('version');
    editRecord(path, (record) => (record['schemaVersion'] = 9));
    expect(sentences(await analyseCampaign(path))).toContain(
      `Trial ${first} has schema version 9, but this program knows only 1`,
    );
  });

  it('rows that are fewer than the record says', async () => {
    const path = copy('rows');
    editRecord(path, (record) => ((record['rows'] as { samples: number }).samples += 1));
    expect(sentences(await analyseCampaign(path))).toMatch(
      /samples.parquet of .* holds \d+ rows, but trial.json says \d+/,
    );
  });

  it('a clock that goes backwards', async () => {
    const path = copy('clock');
    await rewriteSamples(path, (rows) =>
      rows.slice(100).forEach((row) => (row['started_s'] = Number(row['started_s']) - 5)),
    );
    expect(sentences(await analyseCampaign(path))).toMatch(
      /The clock of .* went backwards: \d+ requests started before an earlier one/,
    );
  });

  it('zero requests', async () => {
    const path = copy('zero');
    await rewriteSamples(path, (rows) => rows.splice(0));
    expect(sentences(await analyseCampaign(path))).toContain(
      `Trial ${first} holds no requests at all; the trial is left out.`,
    );
  });

  it('nothing but failures, which have an error rate and no response time', async () => {
    const path = copy('failed');
    await rewriteSamples(path, (rows) =>
      rows.forEach((row) => {
        row['error'] = 'status';
        row['status'] = 500;
      }),
    );
    const result = await analyseCampaign(path);
    expect(sentences(result)).toMatch(
      /All \d+ requests of trial .* failed: it has an error rate, but no response times/,
    );
    const trial = result.cells
      .find((cell) => first.startsWith(cell.id))!
      .trials.find((one) => one.input.folder === first)!;
    expect(trial.measures).toMatchObject({ errorShare: 1, p95: null, mean: null });
    const [html] = await writeReport(result, 'html', join(root, 'failed.html'));
    expect(readFileSync(html, 'utf8').split('<script')[0]).not.toMatch(/\bNaN\b/);
  });

  it('a whole campaign of failures still has a report without NaN', async () => {
    const path = join(root, 'all-failed');
    writeCampaign(path, { scale, only: (trial) => trial.id.startsWith(chosen[0]), failing: 1 });
    const result = await analyseCampaign(path);
    const [html] = await writeReport(result, 'html', join(root, 'all-failed.html'));
    expect(readFileSync(html, 'utf8').split('<script')[0]).not.toMatch(/\bNaN\b|Infinity|undefined/);
  });

  it('an invalid attempt is set aside with its gate, and a later valid one counts', async () => {
    const path = copy('invalid');
    editRecord(path, (record) => {
      record['valid'] = false;
      record['gates'] = [
        {
          gate: 'generator-cpu',
          passed: false,
          value: 0.97,
          limit: 0.9,
          detail: 'The generator used 97 % of its CPU.',
        },
      ];
    });
    const trial = expandTrials().find((one) => one.id === first)!;
    const simulated = simulateTrial(trial, { scale, seed: 9 });
    const attempt = `${first}.attempt-2`;
    cpSync(join(path, 'trials', first), join(path, 'spare'), { recursive: true });
    rmSync(join(path, 'trials', first), { recursive: true });
    writeTrial(path, trial, simulated, { scale, overrides: { attempt: 2 } });
    cpSync(join(path, 'trials', first), join(path, 'trials', attempt), { recursive: true });
    rmSync(join(path, 'trials', first), { recursive: true });
    cpSync(join(path, 'spare'), join(path, 'trials', first), { recursive: true });
    const result = await analyseCampaign(path);
    expect(sentences(result)).toContain('generator-cpu: The generator used 97 % of its CPU.');
    expect(result.cells.find((cell) => first.startsWith(cell.id))!.trials.map((one) => one.input.folder)).toContain(
      attempt,
    );
  });

  it('a folder that is no campaign, and one of another schema version, are refused in one sentence', async () => {
    await expect(analyseCampaign(root)).rejects.toThrow(AnalysisError);
    await expect(analyseCampaign(join(root, 'nowhere'))).rejects.toThrow(/There is no folder .*nowhere/);
    const path = copy('newer');
    const manifest = JSON.parse(readFileSync(join(path, 'campaign.json'), 'utf8')) as Record<string, unknown>;
    writeFileSync(join(path, 'campaign.json'), JSON.stringify({ ...manifest, order: [first, first] }));
    await expect(analyseCampaign(path)).rejects.toThrow(`campaign.json, field order: names ${first} twice.`);
    writeFileSync(join(path, 'campaign.json'), JSON.stringify({ ...manifest, schemaVersion: 2 }));
    await expect(analyseCampaign(path)).rejects.toThrow(/schema version 2, but this program knows only 1/);
  });

  it('leaves no partial file behind', () => {
    expect(readdirSync(join(campaign, 'analysis-cache')).filter((name) => name.includes('partial'))).toEqual([]);
    expect(existsSync(join(root, 'report.html'))).toBe(true);
  });
});
