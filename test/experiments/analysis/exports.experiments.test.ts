import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { analyseCampaign, type CampaignAnalysis } from '../../../experiments/analysis';
import { writeExport } from '../../../experiments/analysis/report/exports';
import { ensureDebianPackages } from '../../fixtures/debian-packages';
import { pythonEnvironment } from '../../fixtures/python-environment';
import { startPrometheus } from '../runner/prometheus-server';
import { writeCampaign } from './queueing-campaign';

jest.setTimeout(600_000); // The first run may have to install the readers.

const ROOT = join(__dirname, '..', '..', '..');
const tools = (name: string) => join(ROOT, 'tools', `requirements-${name}.txt`);
const root = mkdtempSync(join(tmpdir(), 'exports-'));
const campaign = join(root, 'campaign');
let analysis: CampaignAnalysis;
let programs: string;

beforeAll(async () => {
  writeCampaign(campaign, {
    scale: { rate: 0.1, duration: 0.1 },
    only: ({ id }) => /^minimum-replicas\.uor\.uor-minimum-[12]\.spike/.test(id),
  });
  analysis = await analyseCampaign(campaign);
  programs = await pythonEnvironment([tools('analysis'), tools('exports')]);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function read<T>(what: 'otlp' | 'hdr' | 'package', path: string): T {
  const program = join(__dirname, 'read-exports.py');
  return JSON.parse(execFileSync(join(programs, 'python'), [program, what, path], { encoding: 'utf8' })) as T;
}

/** The same file with something put in place of something that must be there. */
function broken(file: string, from: string, to: string): string {
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(from);
  writeFileSync(`${file}.broken`, text.replace(from, to));
  return `${file}.broken`;
}

const p95 = (cell = analysis.cells[0]) => cell.pooled!.percentiles.p95!.value;

describe('Prometheus', () => {
  it('takes the figures, and promtool has nothing to say of their names', async () => {
    await ensureDebianPackages(['prometheus']);
    const check = (input: string) => spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
    const [file] = await writeExport(analysis, 'prometheus');
    const text = readFileSync(file!, 'utf8');
    const { status, stdout, stderr } = check(text);
    expect([status, stdout, stderr]).toEqual([0, '', '']);
    expect(check(text.replaceAll('_seconds', '_milliseconds')).status).not.toBe(0);

    const server = await startPrometheus(join(root, 'prometheus'), () => text, 2);
    try {
      const query = 'ahuora_campaign_p95_seconds{bound="estimate"}';
      const answer = await request(`${server.url}/api/v1/query?query=${encodeURIComponent(query)}`);
      const { data } = (await answer.body.json()) as {
        data: { result: { metric: Record<string, string>; value: [number, string] }[] };
      };
      const values = Object.fromEntries(data.result.map(({ metric, value }) => [metric['variant'], Number(value[1])]));
      for (const cell of analysis.cells) expect(values[cell.variant]).toBeCloseTo(p95(cell) / 1000, 9);
      expect(Object.keys(values)).toHaveLength(analysis.cells.length);
    } finally {
      await server.stop();
    }
  });
});

describe('OpenTelemetry', () => {
  it('takes the figures by its own protocol, with units of UCUM', async () => {
    const [file] = await writeExport(analysis, 'otlp');
    const taken = read<{
      units: string[];
      resource: Record<string, string>;
      p95: [Record<string, string>, number, number][];
    }>('otlp', file!);
    expect(taken.units).toContain('{request}/s');
    expect(taken.resource['ahuora.campaign']).toBe(analysis.manifest.campaign);
    expect(taken.resource['ahuora.caveat']).toContain('Scaled');
    const estimates = taken.p95.filter(([{ bound }]) => bound === 'estimate');
    expect(estimates.map(([{ variant }, value]) => [variant, value])).toEqual(
      analysis.cells.map((cell) => [cell.variant, expect.closeTo(p95(cell) / 1000, 9)]),
    );
    expect(estimates[0]![2]).toBe(Date.parse(analysis.manifest.createdAt) * 1e6);
    expect(read('otlp', broken(file!, '"asDouble"', '"as_Double"'))).toHaveProperty('refused');
    expect(read('otlp', broken(file!, '"unit": "s"', '"unit": "core-s"'))).toHaveProperty('refused');
  });
});

describe('HdrHistogram', () => {
  it('reads every request of a cell, and the same percentiles', async () => {
    await writeExport(analysis, 'hdr');
    const found = read<Record<string, number[]>>('hdr', join(campaign, 'hdr'));
    for (const cell of analysis.cells) {
      const { samples, percentiles } = cell.pooled!;
      const [count, ...values] = found[`${cell.id}.hlog`]!;
      expect(count).toBe(samples);
      for (const [index, name] of (['p50', 'p90', 'p95'] as const).entries())
        if (percentiles[name] !== null) expect(values[index]! / percentiles[name].value).toBeCloseTo(1, 1);
    }
  });
});

describe('Frictionless', () => {
  it('finds a package whole, row by row, and what was changed after it was described', async () => {
    const [file] = await writeExport(analysis, 'datapackage');
    expect(read('package', file!)).toEqual([]);
    appendFileSync(join(campaign, 'plan.json'), ' ');
    expect(JSON.stringify(read('package', file!))).toMatch(/"plan","(hash-count|byte-count)"/);
  });
});

it('CITATION.cff is one that its own validator takes', async () => {
  const validator = join(await pythonEnvironment([tools('citation')]), 'cffconvert');
  const check = (file: string) => spawnSync(validator, ['--validate', '--infile', file], { encoding: 'utf8' }).status;
  expect(check(join(ROOT, 'CITATION.cff'))).toBe(0);
  const wrong = join(root, 'CITATION.cff');
  writeFileSync(wrong, readFileSync(join(ROOT, 'CITATION.cff'), 'utf8').replace('type: software', 'type: program'));
  expect(check(wrong)).not.toBe(0);
});
