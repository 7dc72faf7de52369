import { planOf } from '../../../experiments/campaign';
import { expandTrials, type ProfileName, type TestType } from '../../../experiments/plan';
import type { CampaignAnalysis, Cell } from '../../../experiments/analysis/measurement/analyse';
import { DEFAULT_SETTINGS } from '../../../experiments/analysis/measurement/settings';
import type { TrialMeasures } from '../../../experiments/analysis/measurement/trial/result';

/** What a trial of {@link cellOf} has in common: a healthy one of a thousand requests, none of them degraded. */
const HEALTHY = {
  due: 1000,
  degraded: 0,
  degradedShare: 0,
  errorShare: 0,
  saturated: false,
  changePoint: null,
  sustainedRate: null,
  sustainedAtLeast: false,
  reservedCoreSeconds: 100,
  fromSchedule: {},
  scaling: [],
  correlations: {},
  correlationsAtEqualLoad: {},
} as unknown as TrialMeasures;

const PLAN = planOf(expandTrials());

/** A cell by its variant's full name, with one trial for each set of measures: for decisions that need no samples. */
export function cellOf(
  [experiment, testType, variant, profile]: readonly [string, TestType, string, ProfileName],
  trials: readonly Partial<TrialMeasures>[],
): Cell {
  return {
    id: `${experiment}.${testType}.${variant}.${profile}`,
    experiment,
    testType,
    variant,
    profile,
    pooled: null,
    trials: trials.map((measures) => ({
      measures: { ...HEALTHY, ...measures },
      input: { record: { scale: { rate: 1, duration: 1 } }, plan: PLAN },
    })),
  } as unknown as Cell;
}

/** A campaign of the whole plan that holds these cells. */
export function decided(cells: readonly Cell[]): CampaignAnalysis {
  return { plan: PLAN, settings: DEFAULT_SETTINGS, cells } as unknown as CampaignAnalysis;
}

/** A sentence as it is read. */
export const spoken = (sentence: readonly (string | { readonly text: string })[]): string =>
  sentence.map((part) => (typeof part === 'string' ? part : part.text)).join('');
