import type { Cell } from '../measurement/analyse';
import { groupBy } from '../statistics/grouping';
import type { QueryName } from '../measurement/trial/queries';
import { PERCENTILE_NAMES, type AnalysisSettings, type PercentileName } from '../measurement/settings';
import {
  compareGroups,
  detectable,
  holm,
  trialsNeeded,
  type Comparison,
  type ComparisonScale,
} from '../statistics/comparison';
import { positiveMeanInterval, type Interval } from '../statistics/mean-interval';
import { pooledChangePoint } from '../statistics/pooled-change-point';
import type { TrialMeasures } from '../measurement/trial/result';

/** A figure that each trial has one of. */
export interface Measure {
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  readonly query: QueryName;
  readonly of: (measures: TrialMeasures) => number | null;
  /** How variants are compared by it. */
  readonly scale: ComparisonScale;
}

const sumOfScaling = (pick: (one: TrialMeasures['scaling'][number]) => number) => (measures: TrialMeasures) =>
  measures.scaling.length === 0 ? null : measures.scaling.reduce((sum, one) => sum + pick(one), 0);
const slowestOfScaling =
  (pick: (one: TrialMeasures['scaling'][number]) => number | null) => (measures: TrialMeasures) => {
    const known = measures.scaling.map(pick).filter((value) => value !== null);
    return known.length === 0 ? null : Math.max(...known);
  };

const RESPONSE_MEASURES = Object.fromEntries(
  PERCENTILE_NAMES.map((name) => [
    name,
    { key: name, title: `${name} response time`, unit: 'ms', query: 'pooled', of: (one) => one[name], scale: 'ratio' },
  ]),
) as Record<PercentileName, Measure>;

/** Every measure, by key. */
export const MEASURES = {
  ...RESPONSE_MEASURES,
  mean: {
    key: 'mean',
    title: 'mean response time',
    unit: 'ms',
    query: 'summary',
    of: (one) => one.mean,
    scale: 'ratio',
  },
  served: {
    key: 'served',
    title: 'throughput served',
    unit: 'req/s',
    query: 'summary',
    of: (one) => one.servedRate,
    scale: 'ratio',
  },
  offered: {
    key: 'offered',
    title: 'throughput offered',
    unit: 'req/s',
    query: 'summary',
    of: (one) => one.offeredRate,
    scale: 'ratio',
  },
  errors: {
    key: 'errors',
    title: 'error rate',
    unit: '%',
    query: 'summary',
    of: (one) => one.errorShare * 100,
    scale: 'difference',
  },
  slow: {
    key: 'slow',
    title: 'over the objective',
    unit: '%',
    query: 'summary',
    of: (one) => (one.slowShare === null ? null : one.slowShare * 100),
    scale: 'difference',
  },
  breakpoint: {
    key: 'breakpoint',
    title: 'breakpoint',
    unit: 'req/s',
    query: 'seconds',
    of: (one) => one.changePoint?.rate ?? null,
    scale: 'ratio',
  },
  sustained: {
    key: 'sustained',
    title: 'peak sustained throughput',
    unit: 'req/s',
    query: 'seconds',
    of: (one) => one.sustainedRate,
    scale: 'ratio',
  },
  reaction: {
    key: 'reaction',
    title: 'start of load to first scale-up',
    unit: 's',
    query: 'replicas',
    of: slowestOfScaling((one) => one.reactionSeconds),
    scale: 'difference',
  },
  ready: {
    key: 'ready',
    title: 'start of load to all replicas ready',
    unit: 's',
    query: 'replicas',
    of: slowestOfScaling((one) => one.stepToReadySeconds),
    scale: 'difference',
  },
  turns: {
    key: 'turns',
    title: 'direction changes',
    unit: '',
    query: 'replicas',
    of: sumOfScaling((one) => one.directionChanges),
    scale: 'difference',
  },
  hurt: {
    key: 'hurt',
    title: 'requests hurt while scaling',
    unit: '',
    query: 'hurt',
    of: (one) => one.hurtWhileScaling,
    scale: 'difference',
  },
  reserved: {
    key: 'reserved',
    title: 'CPU reserved',
    unit: 'core-s',
    query: 'replicas',
    of: (one) => one.reservedCoreSeconds,
    scale: 'ratio',
  },
  used: {
    key: 'used',
    title: 'CPU used',
    unit: 'core-s',
    query: 'resources',
    of: (one) => one.usedCoreSeconds,
    scale: 'ratio',
  },
} as const satisfies Record<string, Measure>;

/** The values of a measure in the trials of a cell that have one. */
export function trialValues(cell: Cell, measure: Measure): number[] {
  return cell.trials.map((trial) => measure.of(trial.measures)).filter((value) => value !== null);
}

/** Estimate of a measure over a cell: percentiles and breakpoints are pooled over trials, everything else is a mean of them. */
export function cellEstimate(cell: Cell, measure: Measure, settings: AnalysisSettings): Interval | null {
  if ((PERCENTILE_NAMES as readonly string[]).includes(measure.key))
    return cell.pooled?.percentiles[measure.key as PercentileName] ?? null;
  if (measure.key === 'breakpoint')
    return pooledChangePoint(
      cell.trials.flatMap(({ measures: { changePoint } }) => (changePoint === null ? [] : [changePoint])),
      settings.confidence,
    );
  return positiveMeanInterval(trialValues(cell, measure), settings.confidence);
}

/** One variant held against the reference of its family. */
export interface Effect {
  readonly cell: Cell;
  readonly reference: Cell;
  readonly measure: Measure;
  readonly comparison: Comparison;
  /** p after Holm's correction over the family. */
  readonly adjustedP: number;
  /** Whether the trials tell the two apart at the stated confidence. */
  readonly distinct: boolean;
  /** In plain words. */
  readonly words: string;
}

/**
 * Effects of variants against a reference cell of the same experiment, test type and profile, corrected together.
 * Cells without enough trials have no effect.
 */
export function effectsAgainst(
  reference: Cell,
  others: readonly Cell[],
  measure: Measure,
  settings: AnalysisSettings,
): Effect[] {
  const pairs = others.flatMap((cell) => {
    const comparison = compareGroups(
      trialValues(cell, measure),
      trialValues(reference, measure),
      measure.scale,
      settings.confidence,
    );
    return comparison === null ? [] : [{ cell, comparison }];
  });
  return corrected(
    pairs.map((pair) => ({ ...pair, reference, measure })),
    settings,
  );
}

/** Holm's correction over a family of pairs, and the words that go with each. */
export function corrected(
  pairs: readonly Pick<Effect, 'cell' | 'reference' | 'measure' | 'comparison'>[],
  settings: AnalysisSettings,
): Effect[] {
  const adjusted = holm(pairs.map((pair) => pair.comparison.p));
  const alpha = 1 - settings.confidence;
  return pairs.map((pair, index) => {
    const distinct = adjusted[index] < alpha;
    return {
      ...pair,
      adjustedP: adjusted[index],
      distinct,
      words: inWords(pair.comparison, distinct, alpha / pairs.length, settings),
    };
  });
}

function inWords(comparison: Comparison, distinct: boolean, alpha: number, settings: AnalysisSettings): string {
  const { effect, scale, pooledDeviation, trials } = comparison;
  if (distinct) {
    if (scale === 'difference') return effect.value > 0 ? 'higher' : 'lower';
    const change = Math.abs(effect.value - 1) * 100;
    if (effect.value >= 10) return `${Math.round(effect.value)} times as high`;
    return `${change < 10 ? change.toFixed(1) : change.toFixed(0)} % ${effect.value > 1 ? 'higher' : 'lower'}`;
  }
  if (pooledDeviation === 0) return 'identical';
  if (scale === 'difference') return 'no difference detectable';
  const percent = Math.round(settings.relevantEffect * 100);
  const needed = trialsNeeded(pooledDeviation, Math.log(1 + settings.relevantEffect), alpha);
  const most = Math.max(...trials);
  if (needed === null) return `no difference detectable; more than 1000 trials would be needed to show ${percent} %`;
  if (needed > most) return `no difference detectable; ${needed} trials would show ${percent} %`;
  const smallest = (Math.exp(detectable(pooledDeviation, Math.min(...trials), alpha)) - 1) * 100;
  return `no difference detectable, though ${Math.min(...trials)} trials would show ${smallest < 1 ? smallest.toFixed(1) : Math.ceil(smallest)} %`;
}

/** Cells of one experiment and test type by profile. */
export function byProfile(cells: readonly Cell[]): Map<Cell['profile'], Cell[]> {
  return groupBy(cells, (cell) => cell.profile);
}
