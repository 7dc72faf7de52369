import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseCampaign, writeReport, type CampaignAnalysis } from '../../../experiments/analysis';
import { DEFAULT_SETTINGS } from '../../../experiments/analysis/measurement/settings';
import { planOf, type TrialRecord } from '../../../experiments/campaign';
import { REPETITIONS } from '../../../experiments/plan';
import { planned, plantedTrial, type PlantedSystem } from './planted-trial';
import { manifest, writeTrial, type SimulatedTrial } from './queueing-campaign';

jest.setTimeout(60_000);

const root = mkdtempSync(join(tmpdir(), 'planted-truth-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let campaigns = 0;

interface Planted {
  readonly id: string;
  readonly played: SimulatedTrial;
  readonly record?: Partial<TrialRecord>;
}

/** The whole path: Parquet files, analysis, and the report's sentences and tables as text. */
async function reported(
  trials: readonly Planted[],
  repetitions = REPETITIONS,
): Promise<{ analysis: CampaignAnalysis; report: string }> {
  const path = join(root, String(campaigns++));
  mkdirSync(join(path, 'trials'), { recursive: true });
  writeFileSync(join(path, 'plan.json'), JSON.stringify({ ...planOf([]), repetitions }));
  writeFileSync(join(path, 'campaign.json'), JSON.stringify(manifest(trials.map(({ id }) => planned(id)))));
  for (const { id, played, record } of trials) writeTrial(path, planned(id), played, { overrides: record });
  const analysis = await analyseCampaign(path);
  const [file] = await writeReport(analysis, 'json', join(path, 'report.json'));
  return { analysis, report: readFileSync(file, 'utf8') };
}

const three = (cell: string, systemOf: (repetition: number) => PlantedSystem): Planted[] =>
  [1, 2, 3].map((repetition) => {
    const id = `${cell}.${repetition}`;
    return { id, played: plantedTrial(planned(id), systemOf(repetition)) };
  });

describe('A spike that overwhelms the system', () => {
  const cell = 'minimum-replicas.fs.fs-minimum-1.spike';
  const overwhelmed = (record: Partial<TrialRecord>): Planted[] =>
    three(cell, (seed) => ({ capacity: 2, servers: 2, seed })).map((one) => ({ ...one, record }));
  const gate = (name: string) => ({ gate: name, passed: false, value: 1, limit: 0, detail: `${name} failed.` });

  it('counts, as saturated: dropped starts are failures, response times are lower bounds and said to be', async () => {
    const { analysis, report } = await reported(overwhelmed({ saturated: true }));
    const [{ trials }] = analysis.cells;
    expect(trials).toHaveLength(3);
    const { due, dropped, failed, goodRate, errorShare } = trials[0].measures;
    expect(due).toBe(960);
    expect(dropped).toBeGreaterThan(200);
    expect(failed).toBe(dropped);
    expect(errorShare).toBeCloseTo(dropped / 960, 9);
    expect(goodRate * 240).toBeLessThan(2 * 240);
    expect(analysis.cells[0].pooled?.percentiles.p95).toMatchObject({ atLeast: true, high: null });
    expect(report).toMatch(/"text": "≥ [\d,]+ \([\d,]+ or more\)"/);
    expect(report).toContain(
      'Saturated, with starts dropped because every virtual user was waiting: minimum-1 under spike',
    );
  });

  it('counts in a record of before saturation was told apart, where that gate alone failed', async () => {
    const { analysis } = await reported(overwhelmed({ valid: false, gates: [gate('dropped-starts')] }));
    expect(analysis.cells[0].trials.map(({ measures }) => measures.saturated)).toEqual([true, true, true]);
  });

  it('is void where the generator was unhealthy as well', async () => {
    const unhealthy = overwhelmed({ valid: false, gates: [gate('dropped-starts'), gate('generator-cpu')] });
    await expect(reported(unhealthy)).rejects.toThrow('generator-cpu');
  });

  it('is only said to be worse than a variant that kept up, never better', async () => {
    const kept = three('minimum-replicas.fs.fs-minimum-4.spike', (seed) => ({ capacity: 40, servers: 30, seed }));
    const { report } = await reported([...overwhelmed({ saturated: true }), ...kept]);
    const rows = effectRows(report, 'minimum-replicas-fs-effects').filter(
      ({ measure }) => measure === 'p95 response time',
    );
    // The reference is the saturated one, so the other is lower by so much or more.
    expect(rows).toHaveLength(1);
    expect(rows[0].words).toMatch(/^\d+ % lower or more$/);
  });
});

function effectRows(report: string, id: string): { measure: string; words: string }[] {
  const { answers } = JSON.parse(report) as {
    answers: { tables: { id: string; rows: { measure: string; words: string }[] }[] }[];
  };
  return answers.flatMap(({ tables }) => tables.filter((table) => table.id === id).flatMap(({ rows }) => rows));
}

describe('CPU reserved', () => {
  const spike = 'minimum-replicas.uor.uor-minimum-1.spike.1';
  const ramp = 'minimum-replicas.uor.uor-minimum-1.breakpoint.1';
  const reserved = async (id: string, system: PlantedSystem) => {
    const { analysis } = await reported([{ id, played: plantedTrial(planned(id), system) }]);
    return analysis.cells[0].trials[0].measures;
  };

  it('is that of the load: not of what was watched through the cool-down', async () => {
    // 1 pod of 1000m for 40 s, 3 for 80 s, 8 for 90 s, 2 for the last 30 s, and 150 s of watching afterwards.
    const replicas = [
      [0, 1, 1],
      [40, 3, 1],
      [120, 8, 8],
      [210, 2, 2],
      [390, 1, 1],
    ] as const;
    const { reservedCoreSeconds } = await reserved(spike, { capacity: 400, servers: 8, replicas });
    expect(reservedCoreSeconds).toBeCloseTo(1 * 40 + 3 * 80 + 8 * 90 + 2 * 30, 6);
  });

  it('ends where an aborted load ended', async () => {
    const measures = await reserved(ramp, { capacity: 40, servers: 1, replicas: [[0, 1, 1]] });
    expect(measures.loadSeconds).toBeGreaterThan(120);
    expect(measures.loadSeconds).toBeLessThan(160);
    expect(measures.reservedCoreSeconds).toBeCloseTo(measures.loadSeconds, 6);
    expect(Number.isInteger(measures.loadSeconds)).toBe(false);
  });

  it('ends there too where the load had nearly ended by itself', async () => {
    const { loadSeconds, reservedCoreSeconds } = await reserved(ramp, { capacity: 180, servers: 6 });
    expect(loadSeconds).toBeGreaterThan(540);
    expect(loadSeconds).toBeLessThan(599);
    expect(reservedCoreSeconds).toBeCloseTo(loadSeconds, 6);
  });
});

describe('The capacity of a climbing load', () => {
  it.each([
    { cell: 'replica-count.fs.fs-replicas-4-4.breakpoint', capacity: 0.3, servers: 4, scatter: 0.4, seeds: 7729 },
    { cell: 'replica-count.fs.fs-replicas-1-1.breakpoint', capacity: 0.7, servers: 1, scatter: 0.4 },
    { cell: 'replica-count.fs.fs-replicas-1-1.breakpoint', capacity: 1.5, servers: 1 },
    { cell: 'replica-count.fs.fs-replicas-2-2.breakpoint', capacity: 3, servers: 2 },
    { cell: 'replica-count.fs.fs-replicas-8-8.breakpoint', capacity: 10, servers: 8 },
    { cell: 'replica-count.uor.uor-replicas-1.breakpoint', capacity: 40, servers: 1 },
    { cell: 'replica-count.uor.uor-replicas-2.breakpoint', capacity: 80, servers: 2 },
  ])(
    'is found for $capacity requests/s: breakpoint and peak sustained throughput',
    async ({ cell, seeds = 40, ...system }) => {
      const { analysis, report } = await reported(three(cell, (seed) => ({ ...system, seed: seed + seeds })));
      const trials = analysis.cells[0].trials.map(({ measures }) => measures);
      const mean = (of: (one: (typeof trials)[number]) => number) =>
        trials.reduce((sum, one) => sum + of(one), 0) / trials.length;
      expect(trials.every(({ sustainedRate }) => sustainedRate !== null)).toBe(true);
      // Below one request a second some hundred answers are all there is.
      const within = system.capacity < 1 ? 0.09 : system.capacity < 10 ? 0.03 : 0.01;
      expect(Math.abs(mean((one) => one.changePoint!.rate) / system.capacity - 1)).toBeLessThan(within);
      expect(Math.abs(mean((one) => one.sustainedRate!) / system.capacity - 1)).toBeLessThan(within + 0.01);
      expect(report).toContain('the linear regime ends at');
    },
  );
});

describe('A system that refuses what it cannot serve', () => {
  it('has its breakpoint at what it serves, though its load runs on and a share of failures is tolerated', async () => {
    const cell = 'minimum-replicas.uor.uor-minimum-1.breakpoint';
    const system = { capacity: 50, servers: 2, mostAccepted: 20 };
    const { analysis } = await reported(three(cell, (seed) => ({ ...system, seed: seed + 900 })));
    const rates = analysis.cells[0].trials.map(({ measures }) => measures.changePoint!.rate);
    expect(Math.abs(rates.reduce((a, b) => a + b, 0) / 3 / system.capacity - 1)).toBeLessThan(0.01);
  });
});

describe('Degraded requests', () => {
  it('are counted from the first step of the load, and failures too: never scaling is not rewarded', async () => {
    const cell = 'resources.uor.uor-cpu-2000m-target-50.spike';
    const trials = three(cell, (seed) => ({ capacity: 40, servers: 1, seed }));
    const { analysis } = await reported(trials);
    const { degraded, degradedShare, failed, scaling, due } = analysis.cells[0].trials[0].measures;
    const { waitingMs, errors } = trials[0].played;
    const late = waitingMs.filter((ms, index) => errors[index] === 0 && ms > DEFAULT_SETTINGS.objectiveMs.uor).length;
    expect(scaling[0].peakDesired).toBe(1);
    expect(failed).toBeGreaterThan(0);
    expect(late).toBeGreaterThan(0);
    expect(degraded).toBe(failed + late);
    expect(degradedShare).toBe(degraded / due);
    expect(degradedShare).toBeGreaterThan(0.3);
    expect(degradedShare).toBeLessThanOrEqual(1);
  });
});

describe('A campaign that answers next to nothing', () => {
  it('says of every question why it has no answer, and what gives it one', async () => {
    const id = 'replica-count.fs.fs-replicas-2-2.breakpoint.1';
    const { report } = await reported([{ id, played: plantedTrial(planned(id), { capacity: 3, servers: 2 }) }]);
    const { answers } = JSON.parse(report) as {
      answers: { id: string; unanswerable?: string; sentences: string[]; notes: string[] }[];
    };
    const without = answers.flatMap(({ unanswerable }) => unanswerable ?? []);
    expect(without.length).toBeGreaterThan(12);
    const told = answers.flatMap(({ sentences, notes, unanswerable = '' }) => [unanswerable, ...sentences, ...notes]);
    const unknown = told.map((one) => JSON.stringify(one)).filter((one) => /not answerable/i.test(one));
    expect(unknown.length).toBeGreaterThan(without.length);
    for (const one of unknown) expect(one).toMatch(/because .+\. Remedy: .+\./);
  });
});

describe('How often a plan repeats its trials', () => {
  it('is said as the campaign’s own plan has it, wherever it is said', async () => {
    const single = ['1-1', '2-2', '1-8', '4-4'].map((pods, index) => {
      const id = `replica-count.fs.fs-replicas-${pods}.breakpoint.1`;
      return { id, played: plantedTrial(planned(id), { capacity: 3 + index, servers: 2 }) };
    });
    const { report } = await reported(single, 5);
    expect(report).toContain('with fewer than five)');
    expect(report).toContain('two of each at least, five as planned');
    const threes = report.match(/[^"]*\b(three|3) (trials|of each|as planned|repetitions)\b[^"]*/gi) ?? [];
    // How many trials a correlation takes is no choice of the plan.
    expect(threes.filter((one) => !one.includes('have a metric and a response time'))).toEqual([]);
  });
});

describe('Trials without a value', () => {
  it('are counted beside the figure', async () => {
    const trials = three('replica-count.uor.uor-replicas-1.breakpoint', (seed) => ({ capacity: 40, servers: 1, seed }));
    trials[2].played.errors.fill(3);
    const { report } = await reported(trials);
    expect(report).toMatch(/\(\S+ to \S+; 2 of 3 trials\)/);
  });
});

describe('Intervals of trials that differ wildly', () => {
  it('stay between the fastest response that was seen and the time-out', async () => {
    const trials = three('replica-count.uor.uor-replicas-8.average', (seed) => ({ capacity: 300, servers: 8, seed }));
    // One request in fifty is slow: by nothing in the first trial, by a second in the next, by forty in the last.
    [0, 1000, 40_000].forEach((slow, index) => {
      const { waitingMs } = trials[index].played;
      for (let request = 0; request < waitingMs.length; request += 50) waitingMs[request] += slow;
    });
    const { analysis } = await reported(trials);
    const { percentiles, mean } = analysis.cells[0].pooled!;
    const fastest = Math.min(...trials.flatMap(({ played: { waitingMs } }) => [...waitingMs]));
    for (const { low, high } of [percentiles.p99!, mean!]) {
      expect(low).toBeGreaterThanOrEqual(fastest * (1 - 1e-6));
      expect(high).toBeLessThanOrEqual(60_000);
    }
    expect(percentiles.p99!.high).toBe(60_000);
  });
});

describe('A start that was late', () => {
  it('lengthens the response time from the schedule, and not the one of the specification', async () => {
    const id = 'replica-count.uor.uor-replicas-8.average.1';
    const played = plantedTrial(planned(id), { capacity: 300, servers: 8, scatter: 0 });
    // The generator paused for a second: what was due in it started at its end.
    const from = played.scheduled[4000];
    played.started.forEach((start, index) => {
      if (start >= from && start < from + 1) played.started[index] = from + 1;
    });
    const { analysis } = await reported([{ id, played }]);
    const { max, p95, fromSchedule } = analysis.cells[0].trials[0].measures;
    expect(fromSchedule.max! - max!).toBeCloseTo(1000, 0);
    expect(fromSchedule.p95).toBeCloseTo(p95!, 3);
  });
});
