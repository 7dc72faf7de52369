import type { TestType } from '../../plan';
import type { CampaignAnalysis, Cell } from '../measurement/analyse';
import type { AnalysisSettings } from '../measurement/settings';
import { groupBy } from '../../../lib/primitives/group-by';
import {
  compareGroups,
  correctedTogether,
  detectable,
  MOST_TRIALS,
  trialsNeeded,
  type Bound,
  type Comparison,
} from '../statistics/comparison';
import { everyExperiment, experimentCells, isBaseline, type ExperimentCells } from './experiment-cells';
import { factorialDesigns, type FactorEffects } from './factors';
import { isCensored, trialValues } from './estimates';
import { MEASURES, type Measure } from './measures';
import { countWord } from './numbers';
import { counted } from '../../../lib/primitives/counted';

/** Two cells to be held against each other by one measure. */
export interface Pair {
  readonly cell: Cell;
  readonly reference: Cell;
  readonly measure: Measure;
}

/** One variant held against a reference: what tables and sentences alike are made from. */
export interface Effect extends Pair {
  /** Null where the two cannot be compared. */
  readonly comparison: Comparison | null;
  /** p after the correction over the whole report; null where there is no comparison. */
  readonly adjustedP: number | null;
  /** Whether the trials tell the two apart at the stated confidence. */
  readonly distinct: boolean;
  /** In plain words. */
  readonly words: string;
}

/** Which measures each experiment is compared by. A breakpoint trial passes through every rate, so it has its own. */
const COMPARED: Readonly<Record<string, readonly Measure[]>> = {
  'replica-count': [MEASURES.p95, MEASURES.errors, MEASURES.breakpoint],
  benchmark: [MEASURES.p50, MEASURES.p95, MEASURES.errors, MEASURES.breakpoint, MEASURES.sustained],
};
const COMPARED_OTHERWISE: readonly Measure[] = [
  MEASURES.p95,
  MEASURES.errors,
  MEASURES.reserved,
  MEASURES.breakpoint,
  MEASURES.sustained,
];

/** All that a report decides: each difference between two cells, and what the factors of a design do. */
export interface Decisions {
  readonly effects: readonly Effect[];
  readonly factors: readonly FactorEffects[];
}

/**
 * Every comparison of a report, corrected together: one decision for each, which every table and sentence quotes.
 *
 * @param between Pairs of two campaigns, where the report holds one against the other.
 */
export function decisionsOf(analysis: CampaignAnalysis, between: readonly Pair[] = []): Decisions {
  const designs = factorialDesigns(analysis);
  const pairs = [
    ...everyExperiment(analysis).flatMap(pairsOf),
    ...limitPairs(analysis),
    ...staticPairs(analysis),
    ...between,
  ];
  const ps = designs.flatMap(({ tests }) => tests.map(({ p }) => p));
  const { effects, further } = judged(pairs, analysis.settings, ps);
  let next = 0;
  const factors = designs.map((design) => ({
    ...design,
    tests: design.tests.map((test) => {
      const adjustedP = further[next++];
      return { ...test, adjustedP, distinct: adjustedP < 1 - analysis.settings.confidence };
    }),
  }));
  return { effects, factors };
}

/** The variants of one experiment against its reference, under each profile and by each measure that fits it. */
function pairsOf({ experiment, cells, reference }: ExperimentCells): Pair[] {
  const measures = COMPARED[experiment.name] ?? COMPARED_OTHERWISE;
  return [...groupBy(cells, (cell) => cell.profile)].flatMap(([profile, ofProfile]) => {
    const base = ofProfile.find((cell) => cell.variant === reference.name);
    if (base === undefined) return [];
    const fitting = measures.filter(
      ({ key }) => (profile === 'breakpoint') === ['breakpoint', 'sustained'].includes(key),
    );
    const others = ofProfile.filter((cell) => cell !== base);
    return fitting.flatMap((measure) => others.map((cell) => ({ cell, reference: base, measure })));
  });
}

/**
 * Which of API and solver limits solving: more solvers behind the same number of API pods, and more API pods before the same
 * number of solvers, by the breakpoint.
 */
function limitPairs(analysis: CampaignAnalysis): Pair[] {
  const { cells } = experimentCells(analysis, 'replica-count', 'fs');
  const ramp = (variant: string) =>
    cells.find((cell) => cell.profile === 'breakpoint' && cell.variant === `fs-replicas-${variant}`);
  return LIMIT_PAIRS.flatMap(([more, fewer]) => {
    const [cell, reference] = [ramp(more), ramp(fewer)];
    return cell === undefined || reference === undefined ? [] : [{ cell, reference, measure: MEASURES.breakpoint }];
  });
}

/** The variant with more pods, and the one with fewer; `API-solvers`. 1-8 is held against 1-1 with the others already. */
const LIMIT_PAIRS = [
  ['2-8', '2-2'],
  ['4-8', '4-4'],
  ['2-8', '1-8'],
  ['4-8', '2-8'],
  ['8-8', '4-8'],
] as const;

/** Does an autoscaler help at all: fixed counts held against the baseline's autoscaler, under the loads that both have. */
function staticPairs(analysis: CampaignAnalysis): Pair[] {
  return (['uor', 'fs'] as const).flatMap((testType) => {
    const fixed = experimentCells(analysis, 'replica-count', testType).cells;
    return baselineCells(analysis, testType).flatMap((reference) =>
      fixed
        .filter((cell) => cell.profile === reference.profile)
        .flatMap((cell) =>
          (cell.profile === 'breakpoint'
            ? [MEASURES.breakpoint]
            : [MEASURES.p95, MEASURES.errors, MEASURES.reserved]
          ).map((measure) => ({ cell, reference, measure })),
        ),
    );
  });
}

/** One cell of the baseline's autoscaler for each profile that fixed counts were tried under. */
export function baselineCells(analysis: CampaignAnalysis, testType: TestType): Cell[] {
  const alike = everyExperiment(analysis)
    .filter(({ experiment }) => experiment.testType === testType && experiment.name !== 'replica-count')
    .flatMap(({ cells, reference }) =>
      isBaseline(reference, analysis.plan) ? cells.filter((cell) => cell.variant === reference.name) : [],
    );
  return (['average', 'stress', 'spike', 'breakpoint'] as const).flatMap(
    (profile) => alike.find((cell) => cell.profile === profile) ?? [],
  );
}

/** Compares every pair and corrects all together, further p values included, by {@link correctedTogether}. */
function judged(
  pairs: readonly Pair[],
  settings: AnalysisSettings,
  furtherPs: readonly number[] = [],
): { readonly effects: Effect[]; readonly further: readonly number[] } {
  const compared = pairs.map((pair) => ({ pair, outcome: compare(pair, settings) }));
  const known = compared.flatMap(({ pair: { measure }, outcome }) =>
    typeof outcome === 'string' ? [] : [{ outcome, p: outcome.p, reserved: measure === MEASURES.reserved }],
  );
  const alpha = 1 - settings.confidence;
  const corrected = correctedTogether([...known, ...furtherPs.map((p) => ({ p, reserved: false }))], alpha);
  const correctedOf = new Map(known.map(({ outcome }, index) => [outcome, corrected[index]]));
  const effects = compared.map(({ pair, outcome }): Effect => {
    if (typeof outcome === 'string')
      return { ...pair, comparison: null, adjustedP: null, distinct: false, words: outcome };
    const { p: adjustedP, threshold } = correctedOf.get(outcome)!;
    const distinct = adjustedP < alpha;
    return {
      ...pair,
      comparison: outcome,
      adjustedP,
      distinct,
      words: inWords(outcome, distinct, threshold, settings),
    };
  });
  return { effects, further: corrected.slice(known.length).map(({ p }) => p) };
}

/** The comparison, or why there is none. */
function compare({ cell, reference, measure }: Pair, settings: AnalysisSettings): Comparison | string {
  for (const side of [cell, reference]) {
    const without = side.trials.length - trialValues(side, measure).length;
    if (without > 0)
      return `not comparable: ${without} of ${counted(side.trials.length, 'trial')} of ${side.variant} ${without === 1 ? 'has' : 'have'} no value`;
  }
  const sides = [isCensored(cell, measure), isCensored(reference, measure)];
  if (sides.every(Boolean))
    return 'not comparable: both are known only as lower bounds (remedy: a lower load, or more pods, under which one of them keeps up)';
  const comparison = compareGroups(
    trialValues(cell, measure),
    trialValues(reference, measure),
    measure.scale,
    settings.confidence,
  );
  if (comparison === null)
    return Math.min(cell.trials.length, reference.trials.length) < 2
      ? `not comparable: fewer than two trials on one side (remedy: two of each at least, ${countWord(cell.trials[0].input.plan.repetitions)} as planned)`
      : 'not comparable: a figure of zero, of which there is no ratio';
  if (!sides.some(Boolean)) return comparison;
  return bound(comparison, sides[0] ? 'at least' : 'at most');
}

/** A censored side is higher than it looks: that can only confirm a difference in its own direction. */
function bound(comparison: Comparison, kind: Bound): Comparison | string {
  const { effect, scale } = comparison;
  const none = scale === 'ratio' ? 1 : 0;
  const confirmed = kind === 'at least' ? effect.value > none : effect.value < none;
  if (!confirmed) return 'not comparable: one is known only as a lower bound, which lies on the wrong side';
  return {
    ...comparison,
    bound: kind,
    effect: { ...effect, ...(kind === 'at least' ? { high: null, atLeast: true } : { low: null }) },
  };
}

function inWords(comparison: Comparison, distinct: boolean, alpha: number, settings: AnalysisSettings): string {
  const { scale, pooledDeviation, trials } = comparison;
  if (distinct) return difference(comparison);
  if (pooledDeviation === 0) return 'identical';
  // Its own interval may leave chance out where the whole report's comparisons together do not.
  if (!holdsNone(comparison))
    return 'no difference detectable among all comparisons of the report, though its interval by itself would show one';
  if (scale === 'difference') return 'no difference detectable';
  const percent = Math.round(settings.relevantEffect * 100);
  const needed = trialsNeeded(pooledDeviation, Math.log(1 + settings.relevantEffect), alpha);
  const most = Math.max(...trials);
  if (needed === null)
    return `no difference detectable; more than ${MOST_TRIALS} trials would be needed to show ${percent} %`;
  if (needed > most) return `no difference detectable; ${needed} trials would show ${percent} %`;
  const smallest = (Math.exp(detectable(pooledDeviation, Math.min(...trials), alpha)) - 1) * 100;
  return `no difference detectable, though ${Math.min(...trials)} trials would show ${smallest < 1 ? smallest.toFixed(1) : Math.ceil(smallest)} %`;
}

/** Whether the interval of an effect holds none at all. */
function holdsNone({ effect: { low, high }, scale }: Comparison): boolean {
  const none = scale === 'ratio' ? 1 : 0;
  return (low ?? -Infinity) <= none && none <= (high ?? Infinity);
}

function difference({ effect, scale, bound: kind }: Comparison): string {
  const or = kind === undefined ? '' : ' or more';
  if (scale === 'difference') return effect.value > 0 ? `higher${or}` : `lower${or}`;
  const change = Math.abs(effect.value - 1) * 100;
  if (effect.value >= 10) return `${Math.round(effect.value)} times as high${or}`;
  return `${change < 10 ? change.toFixed(1) : change.toFixed(0)} % ${effect.value > 1 ? 'higher' : 'lower'}${or}`;
}
