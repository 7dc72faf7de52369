import { LOAD_WINDOWS, PERCENTILE_NAMES, PERCENTILES } from '../../../../experiments/analysis/measurement/settings';
import { findChangePoint } from '../../../../experiments/analysis/statistics/change-point';
import { compareGroups, correctedTogether } from '../../../../experiments/analysis/statistics/comparison';
import type { Interval } from '../../../../experiments/analysis/statistics/mean-interval';
import { pooledChangePoint } from '../../../../experiments/analysis/statistics/pooled/change-point';
import { pooledMeanInterval } from '../../../../experiments/analysis/statistics/pooled/mean';
import { pooledPercentileInterval } from '../../../../experiments/analysis/statistics/pooled/percentile';
import { fitScalabilityLaw } from '../../../../experiments/analysis/statistics/scalability-law';
import { resampledPercentile } from '../../../../experiments/analysis/statistics/trial-bootstrap';
import { rampThroughServers, type Ramp } from '../ramp';
import { normal, seeded } from '../random-truth';
import { Coverage, STATED_RATE, type Tally } from './stated-rate';
import { meanResponse, responsePercentile, steadyQueue, type Queue, type QueueTrial } from './steady-queue';
import { SHAPES, traffic, truthOf } from './traffic';

/** Cells of three trials, numbered so that several threads can share them. */
export interface Cells {
  readonly from: number;
  readonly to: number;
}

/** A system of known truth, in a form that a thread can be handed. */
export type System =
  | { readonly kind: 'queue'; readonly queue: Queue; readonly requests: number }
  | { readonly kind: 'traffic'; readonly shape: string; readonly requests: number }
  | ({ readonly kind: 'breakpoint' } & Omit<Ramp, 'seed' | 'seconds'>)
  | { readonly kind: 'never saturates' }
  | { readonly kind: 'ratio'; readonly effect: number; readonly deviation: number }
  | { readonly kind: 'identical variants'; readonly scatter: keyof typeof SCATTERS; readonly reserving: number }
  | { readonly kind: 'scalability'; readonly gamma: number; readonly alpha: number; readonly beta: number };

/** Plays some cells of a system, and counts which intervals hold the truth. */
export function simulate(system: System, cells: Cells): Tally[] {
  switch (system.kind) {
    case 'queue':
      return overCells(cells, truthsOfQueue(system.queue), (seed) => steadyQueue(system.queue, system.requests, seed));
    case 'traffic': {
      const shape = SHAPES[system.shape];
      const { mean, percentiles } = truthOf(shape, PERCENTILES);
      return overCells(cells, [mean, ...percentiles], (seed) => traffic(shape, system.requests, seed));
    }
    case 'breakpoint':
      return breakpoints(system, cells);
    case 'never saturates':
      return [countOf('none found', cells, (seed) => !isFound({ ...UNSATURATED, seed }))];
    case 'ratio':
      return ratios(system, cells);
    case 'identical variants':
      return [
        countOf('no difference named', cells, (seed) =>
          namesNoDifference(SCATTERS[system.scatter], system.reserving, seed),
        ),
      ];
    case 'scalability':
      return scalability(system, cells);
  }
}

function seedsOf({ from, to }: Cells): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

function countOf(name: string, cells: Cells, holds: (seed: number) => boolean): Tally {
  const seeds = seedsOf(cells);
  return { name, seeds: seeds.length, held: seeds.filter(holds).length, early: 0, late: 0 };
}

function truthsOfQueue(queue: Queue): number[] {
  return [meanResponse(queue), ...PERCENTILES.map((p) => responsePercentile(queue, p))];
}

/** Coverage of the mean and of each percentile. */
function overCells(cells: Cells, truths: readonly number[], play: (seed: number) => QueueTrial): Tally[] {
  const coverages = ['mean', ...PERCENTILE_NAMES].map((name, index) => new Coverage(name, truths[index]));
  for (const cell of seedsOf(cells)) {
    const trials = [1, 2, 3].map((trial) => play(cell * 31 + trial));
    const numbers = windowNumbers(trials);
    const sorted = trials.map(({ responseSeconds }) => responseSeconds.toSorted());
    coverages[0].add(meanOfCell(trials, numbers));
    PERCENTILES.forEach((p, index) => coverages[index + 1].add(percentileOfCell(trials, numbers, sorted, p)));
  }
  return coverages.map((coverage) => coverage.tally);
}

/** The tenth of the load that each request of a cell falls in. */
function windowNumbers(trials: readonly QueueTrial[]): Uint8Array[] {
  const load = Math.max(...trials.map(({ arrivals }) => arrivals[arrivals.length - 1]));
  return trials.map(({ arrivals }) => Uint8Array.from(arrivals, (arrival) => (arrival / load) * LOAD_WINDOWS));
}

/** The interval of a percentile as the report makes it. */
function percentileOfCell(
  trials: readonly QueueTrial[],
  numbers: readonly Uint8Array[],
  sorted: readonly Float64Array[],
  p: number,
): Interval {
  const estimate = resampledPercentile(
    sorted,
    sorted.map(() => 1),
    p,
  );
  const counts = trials.map(({ responseSeconds }, trial) => {
    const requests = new Uint32Array(LOAD_WINDOWS + 1);
    const slower = new Uint32Array(LOAD_WINDOWS + 1);
    const of = numbers[trial];
    for (let index = 0; index < of.length; index++) {
      requests[of[index]]++;
      if (responseSeconds[index] > estimate) slower[of[index]]++;
    }
    return { requests, slower };
  });
  const windows = Array.from({ length: LOAD_WINDOWS + 1 }, (_, window) =>
    counts.map(({ requests, slower }) => ({ requests: requests[window], slower: slower[window] })),
  );
  return pooledPercentileInterval(estimate, p, { sorted, windows }, STATED_RATE);
}

/** The interval of the mean as the report makes it. */
function meanOfCell(trials: readonly QueueTrial[], numbers: readonly Uint8Array[]): Interval | null {
  const windows = Array.from({ length: LOAD_WINDOWS + 1 }, () => trials.map(() => ({ requests: 0, sum: 0 })));
  const means = trials.map(({ responseSeconds }, trial) => {
    let total = 0;
    for (let index = 0; index < responseSeconds.length; index++) {
      const window = windows[numbers[trial][index]][trial];
      window.requests++;
      window.sum += responseSeconds[index];
      total += responseSeconds[index];
    }
    return total / responseSeconds.length;
  });
  return pooledMeanInterval(means, windows, STATED_RATE);
}

function breakpoints(ramp: Omit<Ramp, 'seed' | 'seconds'>, cells: Cells): Tally[] {
  const coverage = new Coverage('breakpoint', ramp.capacity);
  for (const cell of seedsOf(cells)) {
    const found = [1, 2, 3].flatMap(
      (trial) =>
        findChangePoint(rampThroughServers({ ...ramp, seconds: 600, seed: cell * 3 + trial }), STATED_RATE) ?? [],
    );
    coverage.add(pooledChangePoint(found, STATED_RATE));
  }
  return [coverage.tally];
}

const UNSATURATED = { capacity: 500, servers: 15, peak: 200, seconds: 300, exponential: true } as const;

function isFound(ramp: Ramp): boolean {
  return findChangePoint(rampThroughServers(ramp), STATED_RATE) !== null;
}

/** Two variants whose trials scatter unalike. */
function ratios({ effect, deviation }: { readonly effect: number; readonly deviation: number }, cells: Cells): Tally[] {
  const coverage = new Coverage('ratio', effect);
  for (const seed of seedsOf(cells)) {
    const random = seeded(seed + 1);
    const group = (mean: number, scatter: number) => [0, 0, 0].map(() => Math.exp(mean + scatter * normal(random)));
    const variant = group(Math.log(effect), deviation);
    coverage.add(compareGroups(variant, group(0, 0.03), 'ratio', STATED_RATE)!.effect);
  }
  return [coverage.tally];
}

/** How the figures of identical variants' trials scatter. */
const SCATTERS = {
  'log-normal': (random: () => number) => Math.exp(0.05 * normal(random)),
  heavy: (random: () => number) => 1 + 0.02 * (1 - random()) ** (-1 / 2.5),
  'hardly any': (random: () => number) => 1 + 1e-4 * random(),
};

/** As many comparisons as the plan has: families of one reference and up to eleven variants. */
const FAMILIES = Array.from({ length: 48 }, (_, index) => [1, 3, 4, 6, 11][index % 5]);

/**
 * A report on variants that are alike, but for what they are told to reserve where `reserving` is not 1: that differs for certain,
 * and only other differences are false alarms then.
 */
function namesNoDifference(of: (random: () => number) => number, reserving: number, seed: number): boolean {
  const random = seeded(seed + 77);
  const trials = (times = 1) => [0, 0, 0].map(() => times * of(random));
  const against = (values: readonly number[], reference: readonly number[]) =>
    compareGroups(values, reference, 'ratio', STATED_RATE)!.p;
  const comparisons = FAMILIES.flatMap((variants) => {
    const [reference, reserved] = [trials(), trials()];
    return Array.from({ length: variants }, () => [
      { p: against(trials(), reference), reserved: false },
      { p: against(trials(reserving), reserved), reserved: true },
    ]).flat();
  });
  const corrected = correctedTogether(comparisons, 1 - STATED_RATE);
  return !corrected.some(({ p }, place) => p < 1 - STATED_RATE && (reserving === 1 || !comparisons[place].reserved));
}

const PARAMETERS = ['gamma', 'alpha', 'beta'] as const;

function scalability(truth: Readonly<Record<(typeof PARAMETERS)[number], number>>, cells: Cells): Tally[] {
  const coverages = PARAMETERS.map((name) => new Coverage(name, truth[name]));
  for (const seed of seedsOf(cells)) {
    const random = seeded(seed + 5);
    const points = [1, 2, 4, 8].flatMap((parallelism) =>
      [1, 2, 3].map(() => ({
        parallelism,
        throughput:
          (truth.gamma * parallelism) /
            (1 + truth.alpha * (parallelism - 1) + truth.beta * parallelism * (parallelism - 1)) +
          1.5 * normal(random),
      })),
    );
    const fit = fitScalabilityLaw(points, STATED_RATE)!;
    PARAMETERS.forEach((name, index) => coverages[index].add(fit[name]));
  }
  return coverages.map((coverage) => coverage.tally);
}
