import type { TestType } from '../../plan';
import type { CampaignAnalysis } from '../measurement/analyse';
import type { Answer } from './model';
import { autoscalingAnswer } from './questions/autoscaling';
import { benchmarkAnswer } from './questions/benchmark';
import { replicaAnswer } from './questions/scaling';
import { secondaryMetricsAnswer } from './questions/secondary-metrics';
import { threatsAnswer } from './questions/threats';

const TEST_TYPES: readonly TestType[] = ['uor', 'fs'];

/** Every question that the report answers, in its order. */
export function answers(analysis: CampaignAnalysis): Answer[] {
  return [
    ...TEST_TYPES.map((testType) => replicaAnswer(analysis, testType)),
    ...['resources', 'minimum-replicas', 'scale-up-limit', 'stabilisation-window'].flatMap((name) =>
      TEST_TYPES.map((testType) => autoscalingAnswer(analysis, name, testType)),
    ),
    ...TEST_TYPES.map((testType) => benchmarkAnswer(analysis, testType)),
    ...TEST_TYPES.map((testType) => secondaryMetricsAnswer(analysis, testType)),
    threatsAnswer(analysis),
  ];
}
