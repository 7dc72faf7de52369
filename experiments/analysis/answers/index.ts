import type { TestType } from '../../plan';
import type { CampaignAnalysis } from '../measurement/analyse';
import { decisionsOf } from './effects';
import type { Answer } from './model';
import { autoscalerHelpAnswer } from './questions/autoscaler-help';
import { autoscalingAnswer } from './questions/autoscaling';
import { benchmarkAnswer } from './questions/benchmark';
import { feasibilityAnswer } from './questions/solving/feasibility';
import { objectivesAnswer } from './questions/objective/verdicts';
import { replicaAnswer } from './questions/scaling';
import { resourcePressureAnswer } from './questions/resource-pressure';
import { secondaryMetricsAnswer } from './questions/secondary-metrics';
import { threatsAnswer } from './questions/threats';
import { pairsBetween, twoCampaignsAnswer } from './questions/two-campaigns';

const TEST_TYPES: readonly TestType[] = ['uor', 'fs'];

/** Every question that the report answers, in its order; with a second campaign, first what differs between the two. */
export function answers(analysis: CampaignAnalysis, other?: CampaignAnalysis): Answer[] {
  const between = other === undefined ? [] : pairsBetween(analysis, other);
  const { effects, factors } = decisionsOf(analysis, between);
  return [
    ...(other === undefined ? [] : [twoCampaignsAnswer(analysis, other, effects)]),
    ...TEST_TYPES.map((testType) => replicaAnswer(analysis, testType, effects)),
    ...TEST_TYPES.map((testType) => autoscalerHelpAnswer(analysis, testType, effects)),
    ...['resources', 'minimum-replicas', 'scale-up-limit', 'stabilisation-window'].flatMap((name) =>
      TEST_TYPES.map((testType) => autoscalingAnswer(analysis, name, testType, effects, factors)),
    ),
    ...['signal', 'tolerance', 'schedule'].flatMap((name) =>
      TEST_TYPES.filter((testType) => isPlanned(analysis, name, testType)).map((testType) =>
        autoscalingAnswer(analysis, name, testType, effects, factors),
      ),
    ),
    ...TEST_TYPES.map((testType) => objectivesAnswer(analysis, testType)),
    ...TEST_TYPES.map((testType) => benchmarkAnswer(analysis, testType, effects)),
    feasibilityAnswer(analysis, effects),
    resourcePressureAnswer(analysis),
    ...TEST_TYPES.map((testType) => secondaryMetricsAnswer(analysis, testType)),
    threatsAnswer(analysis),
  ];
}

/** Experiments of our own are part of the plan only where they run. */
function isPlanned({ plan }: CampaignAnalysis, name: string, testType: TestType): boolean {
  return plan.experiments.some((one) => one.name === name && one.testType === testType);
}
