import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expandTrials, FULL_SCALE } from '../experiments/plan';
import { rehearse } from '../experiments/rehearsal/campaign/rehearse';
import { trialInput } from '../experiments/rehearsal/campaign/trial-plan';
import { simulateTrial } from '../experiments/rehearsal/trial/trial-simulation';
import type { Benchmark } from './index';

/** Limits of the plan's own acceptance: 60 s and 1 GB on two cores. */
const SECONDS = 60;
const MEGABYTES = 1000;
const THREADS = 2;
/** Cost per request may differ by this factor between a short trial and one eight times as long. */
const LINEARITY = 1.5;

export const benchmark: Benchmark = {
  title: `rehearsal: the full plan on ${THREADS} threads, files written; same seed, same bytes; cost per request`,
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'bench-rehearsal-'));
    try {
      const plan = await fullPlan(join(folder, 'first'), THREADS);
      const single = await fullPlan(join(folder, 'second'), 1);
      console.log(
        `processor time of the plan: ${plan.cpuSeconds.toFixed(1)} s, of the run on one thread: ${single.cpuSeconds.toFixed(1)} s`,
      );
      const results = [
        verdict(`${plan.trials} trials, ${plan.requests} requests`, plan.seconds, 's', SECONDS),
        verdict('peak memory of the process', plan.megabytes, 'MB', MEGABYTES),
        verdict('files that differ from a second run on one thread', plan.differences(single), '', 0),
        verdict('cost per request, 8-fold trial against 1-fold', costGrowth(), 'x', LINEARITY),
      ];
      return results.every(Boolean);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function fullPlan(folder: string, threads: number) {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const { summaries } = await rehearse({ folder, seed: 1, threads, scale: FULL_SCALE });
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const digests = digestsOf(folder);
  return {
    trials: summaries.length,
    requests: summaries.reduce((sum, { requests }) => sum + requests, 0),
    seconds,
    cpuSeconds: (user + system) / 1e6,
    // The threads share the process, so its peak holds theirs.
    megabytes: process.resourceUsage().maxRSS / 1024,
    digests,
    differences: (other: { digests: ReadonlyMap<string, string> }) =>
      [...digests].filter(([file, digest]) => other.digests.get(file) !== digest).length +
      Math.abs(digests.size - other.digests.size),
  };
}

/** Of every file, the commit left out: one may be made while this runs. */
function digestsOf(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return new Map(
    files
      .filter((file) => statSync(join(folder, file)).isFile())
      .map((file) => [
        file,
        createHash('sha256')
          .update(file === 'campaign.json' ? withoutCommit(join(folder, file)) : readFileSync(join(folder, file)))
          .digest('hex'),
      ]),
  );
}

function withoutCommit(file: string): string {
  return JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), gitCommit: '' });
}

/** Best of three each, so that a busy moment of the machine does not count as growth. */
function costGrowth(): number {
  const trial = expandTrials().find(({ id }) => id === 'replica-count.uor.uor-replicas-8.average.1');
  if (!trial) throw new Error('the plan has no trial replica-count.uor.uor-replicas-8.average.1');
  const perRequest = (duration: number) => {
    const input = trialInput(trial, 1, undefined, { rate: 1, duration });
    const times = [1, 2, 3].map(() => {
      const started = performance.now();
      const { rows } = simulateTrial(input);
      return (performance.now() - started) / rows;
    });
    return Math.min(...times);
  };
  perRequest(1); // Warms the compiler up.
  const short = perRequest(2);
  return perRequest(16) / short;
}

function verdict(what: string, value: number, unit: string, limit: number): boolean {
  const passed = value <= limit;
  const figure = Number.isInteger(value) ? String(value) : value.toFixed(2);
  console.log(`${passed ? 'met   ' : 'MISSED'}  ${what}: ${figure} ${unit} (at most ${limit})`);
  return passed;
}
