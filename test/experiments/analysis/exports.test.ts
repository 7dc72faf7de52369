import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, HistogramLogReader, type Histogram } from 'hdr-histogram-js';
import { analyseCampaign, type CampaignAnalysis } from '../../../experiments/analysis';
import { historyOf, incomparableCells } from '../../../experiments/analysis/answers/campaign-history';
import { MEASURES } from '../../../experiments/analysis/answers/measures';
import { crossed, parseThreshold, unchecked } from '../../../experiments/analysis/answers/threshold';
import { writeExport } from '../../../experiments/analysis/report/exports';
import { prometheusText } from '../../../experiments/analysis/report/exports/prometheus';
import { shiftOf } from '../../../experiments/analysis/statistics/shift';
import { normal, seeded } from './random-truth';
import { writeCampaign } from './queueing-campaign';

jest.setTimeout(60_000);

const root = mkdtempSync(join(tmpdir(), 'exports-'));
let analysis: CampaignAnalysis;

beforeAll(async () => {
  writeCampaign(join(root, 'campaign'), {
    scale: { rate: 0.5, duration: 0.1 },
    only: ({ id }) => /^minimum-replicas\.uor\.uor-minimum-[12]\.spike/.test(id),
  });
  analysis = await analyseCampaign(join(root, 'campaign'));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

const p95 = () => analysis.cells[0].pooled!.percentiles.p95!;

describe('A campaign handed on', () => {
  it('in Prometheus text: base units, what it is not, and figures that are the report’s', async () => {
    const [file] = await writeExport(analysis, 'prometheus');
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    const samples = lines.filter((line) => !line.startsWith('#'));
    expect(samples.length).toBeGreaterThan(40);
    for (const line of samples) expect(line).toMatch(/^[a-z_:][a-z0-9_:]*\{(\w+="[^"]*",?)+\} -?[\d.e+-]+$/);
    const figure = (name: string, bound: string) => {
      const start = `ahuora_campaign_${name}{`;
      const own = samples.filter((line) => line.startsWith(start) && line.includes('variant="uor-minimum-1"'));
      return Number(
        own
          .find((line) => line.includes(bound))
          ?.split(' ')
          .at(-1),
      );
    };
    expect(figure('p95_seconds', 'bound="estimate"')).toBeCloseTo(p95().value / 1000, 9);
    expect(figure('trials', '')).toBe(3);
    expect(lines.filter((line) => /^# Scaled: the load was not the plan’s/.test(line))).toHaveLength(1);
  });

  it('with what is only a lower bound under another name than an estimate', () => {
    const [cell] = analysis.cells;
    const saturated = cell.trials.map((trial) => ({ ...trial, measures: { ...trial.measures, saturated: true } }));
    const text = prometheusText({ ...analysis, cells: [{ ...cell, trials: saturated }] });
    const bounds = [...text.matchAll(/^ahuora_campaign_p95_seconds.*bound="(\w+)"/gm)].map(([, bound]) => bound);
    expect(bounds).toEqual(['at_least', 'low']);
  });

  it('as OTLP JSON, named without units, its units by UCUM', async () => {
    const [file] = await writeExport(analysis, 'otlp');
    const { resourceMetrics } = JSON.parse(readFileSync(file, 'utf8')) as {
      resourceMetrics: {
        scopeMetrics: { metrics: { name: string; unit: string; gauge: { dataPoints: { asDouble: number }[] } }[] }[];
      }[];
    };
    const { metrics } = resourceMetrics[0].scopeMetrics[0];
    expect(new Set(metrics.map(({ unit }) => unit))).toEqual(new Set(['1', 's', 'By', '{request}/s', '{core}.s']));
    const metric = metrics.find(({ name }) => name === 'ahuora.campaign.p95')!;
    expect(metric.gauge.dataPoints[0].asDouble).toBeCloseTo(p95().value / 1000, 9);
  });

  it('as a data package: every file of the campaign that others need, with its size and digest', async () => {
    const [description] = await writeExport(analysis, 'datapackage');
    const { resources } = JSON.parse(readFileSync(description, 'utf8')) as {
      resources: { path: string; bytes: number; hash: string }[];
    };
    const own = existsSync(join(root, 'campaign', 'plan.json')) ? ['campaign.json', 'plan.json'] : ['campaign.json'];
    expect(resources.map(({ path }) => path).filter((path) => !path.startsWith('trials/'))).toEqual(own);
    expect(resources).toHaveLength(own.length + 6 * 4);
    for (const { path, bytes, hash } of resources) {
      const content = readFileSync(join(root, 'campaign', path));
      expect([bytes, hash]).toEqual([content.length, `sha256:${createHash('sha256').update(content).digest('hex')}`]);
    }
    await expect(writeExport(analysis, 'datapackage', join(root, 'elsewhere.json'))).rejects.toThrow(
      'leave --output out',
    );
  });

  it('as a histogram log that HdrHistogram reads, with every request and the same percentiles', async () => {
    const files = await writeExport(analysis, 'hdr');
    const [cell] = analysis.cells;
    const reader = new HistogramLogReader(
      readFileSync(
        files.find((file) => file.endsWith(`${cell.id}.hlog`))!,
        'utf8',
      ),
    );
    const sum = build({ lowestDiscernibleValue: 1000, highestTrackableValue: 6e10, numberOfSignificantValueDigits: 3 });
    let intervals = 0;
    for (let next = reader.nextIntervalHistogram(); next != null; next = reader.nextIntervalHistogram()) {
      sum.add(next as Histogram);
      intervals++;
    }
    expect([intervals, sum.totalCount]).toEqual([3, cell.pooled!.samples]);
    for (const name of ['p50', 'p90', 'p95'] as const) {
      const value = sum.getValueAtPercentile(Number(name.slice(1))) / 1e6;
      expect(Math.abs(value / cell.pooled!.percentiles[name]!.value - 1)).toBeLessThan(0.01);
    }
    expect(sum.maxValue / 1e6 / cell.pooled!.spectrum.at(-1)!).toBeCloseTo(1, 2);

    const text = readFileSync(
      files.find((file) => file.endsWith(`${cell.id}.hgrm`))!,
      'utf8',
    );
    expect(text).not.toContain('NaN');
    expect(Number(/StdDeviation += +([\d.]+)/.exec(text)?.[1])).toBeGreaterThan(0);
    expect(text).toMatch(/ 1\.0+ +\d+\n#\[Mean/);
    expect(text).toMatch(/^#\[Scaled: /m);
  });

  it('as SVG that stands alone, and as PDF with text as text', async () => {
    const drawn = await writeExport(analysis, 'pdf');
    const figures = await writeExport(analysis, 'svg');
    expect(drawn.length).toBe(figures.length);
    expect(readdirSync(join(root, 'campaign', 'figures')).length).toBe(2 * figures.length);
    expect(figures.length).toBeGreaterThan(1);
    for (const file of figures)
      // Taken out of its report it still says that it is no result of the plan.
      expect(readFileSync(file, 'utf8')).toMatch(
        /^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"[^]*>scaled<\/text><\/svg>$/,
      );
    for (const file of drawn) {
      const bytes = readFileSync(file).toString('latin1');
      expect(bytes).toMatch(/^%PDF-1\.\d[^]*%%EOF\s*$/);
      // Text that can be searched, in a font of the file's own; no picture of it.
      expect([bytes.includes('/FontFile2'), bytes.includes('/Subtype /Image')]).toEqual([true, false]);
    }
  });
});

describe('--fail-if', () => {
  it('names each cell that crosses, and none that keeps the limit', () => {
    expect(crossed(analysis, parseThreshold('p95 > 1 ms at spike'))).toHaveLength(2);
    expect(crossed(analysis, parseThreshold('p95 > 1 ms at spike for uor-minimum-2'))).toHaveLength(1);
    expect(crossed(analysis, parseThreshold('p95 > 100 s at spike'))).toEqual([]);
    expect(crossed(analysis, parseThreshold('served < 1 req/s at spike'))).toEqual([]);
  });

  it('refuses what cannot be read or checked', () => {
    expect(() => parseThreshold('p95 is slow')).toThrow('is not understood');
    expect(() => parseThreshold('p42 > 1 ms at spike')).toThrow('there is no measure p42');
    expect(() => parseThreshold('p95 > 1 % at spike')).toThrow('is measured in ms');
    expect(() => parseThreshold('p95 > 1 ms at dawn')).toThrow('there is no profile dawn');
    expect(() => crossed(analysis, parseThreshold('p95 > 1 ms at average'))).toThrow('nothing was checked');
  });

  it.each([
    '',
    ' ',
    '>',
    'p95',
    'p95 > ms at spike',
    'p95 > -1 ms at spike',
    'p95 >= 1 ms at spike',
    'p95 > 1e3 ms at spike',
  ])('tells how it is written where it is "%s"', (text) =>
    expect(() => parseThreshold(text)).toThrow(/^--fail-if ".*" is not understood: write a measure/),
  );

  it.each(['constructor > 1 at spike', '__proto__ > 1 at spike', 'toString < 1 at spike'])(
    'knows no measure but its own: %s',
    (text) => expect(() => parseThreshold(text)).toThrow('there is no measure'),
  );

  it('takes the unit of every measure, and tells of any other', () => {
    for (const { key, unit } of Object.values(MEASURES))
      expect(parseThreshold(`${key} > 1 ${unit.split(' ')[0]} at spike`).measure.key).toBe(key);
    expect(() => parseThreshold('p95 > 1 parsec at spike')).toThrow('p95 is measured in ms, not in parsec');
  });

  it('names the cells that it could not look at, since none of their trials is valid', () => {
    const [, ...others] = analysis.cells;
    const limit = parseThreshold('p95 > 100 s at spike');
    expect(unchecked(analysis, limit)).toEqual([]);
    const some = { ...analysis, cells: others };
    expect(unchecked(some, limit)).toEqual([
      `${analysis.cells[0].id} has no valid trial, so that "p95 > 100 s at spike" was not checked for it.`,
    ]);
    expect(unchecked(some, parseThreshold(`p95 > 1 ms at spike for ${others[0].variant}`))).toEqual([]);
    expect(unchecked(some, parseThreshold('p95 > 1 ms at average'))).toEqual([]);
  });
});

describe('A history', () => {
  const rows = (campaigns: readonly CampaignAnalysis[]) => historyOf(campaigns, 0.95);
  const at = (factor: number, more: Partial<CampaignAnalysis['manifest']> = {}): CampaignAnalysis => ({
    ...analysis,
    manifest: { ...analysis.manifest, ...more },
    cells: analysis.cells.map((cell) => ({
      ...cell,
      pooled: {
        ...cell.pooled!,
        percentiles: { ...cell.pooled!.percentiles, p50: { ...cell.pooled!.percentiles.p50!, value: factor } },
      },
    })),
  });
  const medians = (campaigns: readonly CampaignAnalysis[]) =>
    rows(campaigns).find(({ measure }) => measure.key === 'p50')!;

  it('of one campaign, or of none, names no change', () => {
    expect(rows([analysis]).every(({ change }) => change === null)).toBe(true);
    expect(rows([])).toEqual([]);
  });

  it('finds the campaign from which on a figure is another', () => {
    const steady = [40, 41, 40.5, 39.8, 40.2, 40.6, 40.1].map((value) => at(value));
    const slower = [60, 61, 60.5, 59.8, 60.2, 60.6, 60.1].map((value) => at(value));
    expect(medians([...steady, ...slower]).change).toMatchObject({ from: 7, ratio: expect.closeTo(1.5, 1) });
  });

  it('names no other change the easier because variants were told to reserve more from some campaign on', () => {
    const random = seeded(2);
    const [cell] = analysis.cells;
    const { p50 } = cell.pooled!.percentiles;
    const campaigns = Array.from({ length: 12 }, (_, campaign) => ({
      ...analysis,
      cells: Array.from({ length: 12 }, (_, index) => ({
        ...cell,
        id: `${cell.id}.${index}`,
        pooled: {
          ...cell.pooled!,
          percentiles: { ...cell.pooled!.percentiles, p50: { ...p50!, value: 40 + normal(random) } },
        },
        trials: cell.trials.map((trial) => ({
          ...trial,
          measures: { ...trial.measures, reservedCoreSeconds: campaign < 6 ? 100 : 200 },
        })),
      })),
    }));
    const named = rows(campaigns).filter(({ change }) => change !== null);
    expect(named.filter(({ measure }) => measure.key === 'reserved')).toHaveLength(12);
    expect(named.filter(({ measure }) => measure.key !== 'reserved')).toEqual([]);
  });

  it('compares like with like alone: what was rehearsed or loaded otherwise is left out, and counted', () => {
    const foreign = at(400, { origin: analysis.manifest.origin === 'rehearsed' ? 'measured' : 'rehearsed' });
    const campaigns = [foreign, at(40), at(41)];
    expect(medians(campaigns).values).toEqual([null, 40, 41]);
    expect(incomparableCells(campaigns)).toEqual([analysis.cells.length, 0, 0]);
    const other = {
      ...at(30),
      plan: { ...analysis.plan, loads: analysis.plan.loads.map((one) => ({ ...one, stages: [] })) },
    };
    expect(incomparableCells([at(40), other])).toEqual([analysis.cells.length, 0]);
  });
});

describe('A shift in a history', () => {
  it('is found where it was planted, and at the stated rate where there is none', () => {
    const random = seeded(3);
    const noise = (n: number) => Array.from({ length: n }, () => normal(random));
    const planted = shiftOf([...noise(8), ...noise(8).map((value) => value + 6)])!;
    expect(planted.at).toBe(8);
    expect(planted.p).toBeLessThan(0.002);
    const alarms = Array.from({ length: 60 }, () => shiftOf(noise(10))!.p).filter((p) => p < 0.05).length;
    expect(alarms).toBeLessThanOrEqual(9);
    expect(shiftOf([1, 2, 3, 4, 5])).toBeNull();
  });
});
