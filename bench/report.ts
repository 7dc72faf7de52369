import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pandasPython } from '../test/experiments/analysis/python';
import { writeCampaign } from '../test/experiments/analysis/queueing-campaign';
import { measureProcess } from './process';

/** The plain way: the same files, the same per-second and per-trial figures, in pandas. */
const PANDAS = `
import sys, glob, numpy as np, pandas as pd
total = 0
for path in sorted(glob.glob(sys.argv[1] + '/trials/*/samples.parquet')):
    s = pd.read_parquet(path).sort_values('scheduled_s')
    phases = ['blocked_ms','connecting_ms','tls_ms','sending_ms','waiting_ms','receiving_ms']
    s['rt'] = s[phases].astype('float64').sum(axis=1)
    s['second'] = np.floor(s['scheduled_s']).astype(int)
    ok = s[s['error'].isna()].copy()
    at = pd.to_datetime((ok['scheduled_s'] * 1e9).astype('int64'))
    ok['ewma'] = ok['rt'].ewm(halflife='10s', times=at).mean()
    s.groupby('second').size(); ok.groupby('second')['ewma'].last()
    series = pd.Series(ok['rt'].to_numpy(), index=at)
    for q in (0.5, 0.9, 0.95, 0.99):
        series.rolling('10s').quantile(q).groupby(ok['second'].to_numpy()).last()
    np.percentile(ok['rt'], [50, 90, 95, 99]); total += len(s)
print(total)
`;

const TARGETS = { coldSeconds: 60, unchangedSeconds: 3, peakMiB: 2048 };

/** Twice the plan's rates, without the stop at 100 users: about 16 million samples in every trial of the plan. */
const RATE = 2;

export const benchmark = {
  title: `Report of every trial of the plan at ${RATE} times its rates, on this machine`,

  async run(): Promise<boolean> {
    const root = mkdtempSync(join(tmpdir(), 'bench-report-'));
    try {
      const { trials, samples } = writeCampaign(root, { scale: { rate: RATE, duration: 1 }, abort: false });
      console.log(`${trials} trials, ${samples} samples`);
      const report = () => measureProcess('npx', ['tsx', 'experiments/cli.ts', 'report', root], {});
      const cold = await report();
      const unchanged = await report();
      const pandas = await measureProcess(pandasPython(), ['-c', PANDAS, root], {});
      if (!existsSync(join(root, 'report.html'))) throw new Error('no report was written');
      console.table({
        'report, cold': {
          seconds: cold.seconds.toFixed(1),
          'CPU seconds': cold.cpuSeconds.toFixed(1),
          MiB: Math.round(cold.peakMiB),
          target: `${TARGETS.coldSeconds} s, ${TARGETS.peakMiB} MiB`,
        },
        'report, unchanged': {
          seconds: unchanged.seconds.toFixed(1),
          'CPU seconds': unchanged.cpuSeconds.toFixed(1),
          MiB: Math.round(unchanged.peakMiB),
          target: `${TARGETS.unchangedSeconds} s`,
        },
        'pandas, per-trial figures only': {
          seconds: pandas.seconds.toFixed(1),
          'CPU seconds': pandas.cpuSeconds.toFixed(1),
          MiB: Math.round(pandas.peakMiB),
          target: '',
        },
      });
      return (
        cold.seconds < TARGETS.coldSeconds &&
        unchanged.seconds < TARGETS.unchangedSeconds &&
        cold.peakMiB < TARGETS.peakMiB
      );
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  },
};
