import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseCampaign, type CampaignAnalysis } from '../../../experiments/analysis';
import { crossed, parseThreshold } from '../../../experiments/analysis/answers/threshold';
import { writeExport } from '../../../experiments/analysis/report/exports';
import { latexTable } from '../../../experiments/analysis/report/exports/latex';
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
  it('in Prometheus text: every line is a sample with its labels, and the figure is the report’s', async () => {
    const [file] = await writeExport(analysis, 'prometheus');
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    const samples = lines.filter((line) => !line.startsWith('#'));
    expect(samples.length).toBeGreaterThan(40);
    for (const line of samples) expect(line).toMatch(/^[a-z_:][a-z0-9_:]*\{(\w+="[^"]*",?)+\} -?[\d.e+-]+$/);
    const own = samples.find(
      (line) =>
        line.startsWith('ahuora_campaign_p95_milliseconds{') &&
        line.includes('uor-minimum-1') &&
        line.includes('bound="estimate"'),
    )!;
    expect(Number(own.split(' ').at(-1))).toBe(p95().value);
  });

  it('as OTLP JSON, as a data package and as HdrHistogram percentiles', async () => {
    const [otlp] = await writeExport(analysis, 'otlp');
    const { resourceMetrics } = JSON.parse(readFileSync(otlp, 'utf8')) as {
      resourceMetrics: {
        scopeMetrics: { metrics: { name: string; gauge: { dataPoints: { asDouble: number }[] } }[] }[];
      }[];
    };
    const metric = resourceMetrics[0].scopeMetrics[0].metrics.find(({ name }) => name.endsWith('p95_milliseconds'))!;
    expect(metric.gauge.dataPoints.map(({ asDouble }) => asDouble)).toContain(p95().value);

    const [description] = await writeExport(analysis, 'datapackage');
    const { resources } = JSON.parse(readFileSync(description, 'utf8')) as {
      resources: { path: string; bytes?: number }[];
    };
    expect(resources).toHaveLength(1 + 6 * 3);
    expect(resources.every(({ path }) => readFileSync(join(root, 'campaign', path)).length > 0)).toBe(true);

    const files = await writeExport(analysis, 'hdr');
    const rows = readFileSync(files[0], 'utf8')
      .split('\n')
      .slice(2)
      .filter((line) => /^ *\d/.test(line));
    const values = rows.map((line) => Number(line.trim().split(/\s+/)[0]));
    expect(values.length).toBeGreaterThan(20);
    expect([...values].sort((a, b) => a - b)).toEqual(values);
    expect(rows.at(-1)).toMatch(/inf$/);
  });

  it('as LaTeX with booktabs, every sign of its own escaped, and as SVG that stands alone', async () => {
    const tables = await writeExport(analysis, 'latex');
    expect(tables.length).toBeGreaterThan(3);
    const tex = readFileSync(tables[0], 'utf8');
    expect(tex).toContain('\\toprule');
    const hostile = latexTable({
      id: 'x',
      title: '50 % & _',
      columns: [{ key: 'a', title: '#' }],
      rows: [{ a: '≥ 3^2\\' }],
    });
    expect(hostile).toContain('50 \\% \\& \\_');
    expect(hostile).toContain('$\\geq$ 3\\textasciicircum{}2\\textbackslash{}');
    const drawn = await writeExport(analysis, 'pdf');
    const figures = await writeExport(analysis, 'svg');
    expect(drawn.length).toBe(figures.length);
    expect(readdirSync(join(root, 'campaign', 'figures')).length).toBe(2 * figures.length);
    expect(figures.length).toBeGreaterThan(1);
    for (const file of figures)
      expect(readFileSync(file, 'utf8')).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
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
