import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseCampaign, type CampaignAnalysis } from '../../../experiments/analysis';
import { runPython } from './python';
import { writeCampaign } from './queueing-campaign';

jest.setTimeout(600_000);

let root: string;
let analysis: CampaignAnalysis;
const trialIds = ['minimum-replicas.uor.uor-minimum-1.spike.1', 'replica-count.uor.uor-replicas-1.stress.2'];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'analysis-pandas-'));
  writeCampaign(root, {
    only: (trial) => trialIds.includes(trial.id),
    scale: { rate: 0.5, duration: 0.5 },
    failing: 0.02,
  });
  analysis = await analyseCampaign(root, { cache: false });
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Reads the files by itself and computes the same figures in pandas and numpy, by their own definitions. */
const PROGRAM = `
import sys, json, numpy as np, pandas as pd
s = pd.read_parquet(sys.argv[1]).sort_values('scheduled_s', kind='stable')
phases = ['blocked_ms','connecting_ms','tls_ms','sending_ms','waiting_ms','receiving_ms']
s['rt'] = s[phases].astype('float64').sum(axis=1)
ok = s[s['error'].isna()].copy()
at = pd.to_datetime((ok['scheduled_s'] * 1e9).round().astype('int64'))
ok['ewma'] = ok['rt'].ewm(halflife='10s', times=at).mean()
ok['second'] = np.floor(ok['scheduled_s']).astype(int)
ewma = ok.groupby('second')['ewma'].last()
moving = {}
for second in range(0, int(ok['second'].max()) + 1):
    window = ok.loc[(ok['second'] > second - 10) & (ok['second'] <= second), 'rt']
    if len(window): moving[second] = np.percentile(window, [50, 90, 95, 99]).tolist()
print(json.dumps({'ewma': {int(k): float(v) for k, v in ewma.items()}, 'moving': moving,
  'summary': np.percentile(ok['rt'], [50, 90, 95, 99]).tolist(), 'mean': float(ok['rt'].mean()), 'failed': int(s['error'].notna().sum())}))
`;

interface Independent {
  readonly ewma: Readonly<Record<string, number>>;
  readonly moving: Readonly<Record<string, readonly number[]>>;
  readonly summary: readonly number[];
  readonly mean: number;
  readonly failed: number;
}

const relative = (a: number, b: number) => Math.abs(a - b) / Math.max(1, Math.abs(b));

describe.each(trialIds)('Trial %s', (id) => {
  it('has the EWMA, the moving percentiles and the totals that pandas and numpy find in its file, to 1e-9', () => {
    const trial = analysis.cells.flatMap((cell) => cell.trials).find((one) => one.input.folder === id)!;
    const truth = runPython<Independent>(PROGRAM, [trial.input.files.samples]);
    const { series, measures } = trial;
    expect(Object.keys(truth.ewma).length).toBeGreaterThan(60);
    for (const [second, value] of Object.entries(truth.ewma))
      expect(relative(series.ewma_ms[Number(second)], value)).toBeLessThan(1e-9);
    for (const [second, [p50, p90, p95, p99]] of Object.entries(truth.moving)) {
      expect(relative(series.p50[Number(second)], p50)).toBeLessThan(1e-9);
      expect(relative(series.p90[Number(second)], p90)).toBeLessThan(1e-9);
      expect(relative(series.p95[Number(second)], p95)).toBeLessThan(1e-9);
      expect(relative(series.p99[Number(second)], p99)).toBeLessThan(1e-9);
    }
    [measures.p50, measures.p90, measures.p95, measures.p99].forEach((value, index) =>
      expect(relative(value!, truth.summary[index])).toBeLessThan(1e-9),
    );
    expect(relative(measures.mean!, truth.mean)).toBeLessThan(1e-9);
    expect(measures.failed).toBe(truth.failed);
  });
});
