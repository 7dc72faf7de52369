import type { ProfileName, TestType } from '../../../plan';
import type { CampaignAnalysis, Cell } from '../../measurement/analyse';
import type { Effect } from '../effects';
import { isSaturated } from '../estimates';
import { MEASURES } from '../measures';
import type { Answer, Plot, Table } from '../model';
import {
  experimentCells,
  missingCells,
  shortName,
  TEST_TITLES,
  whyUnanswerable,
  type ExperimentCells,
} from '../experiment-cells';
import { distributionPlot, overlayPlot, variantPlot } from '../plots';
import type { FactorEffects } from '../factors';
import { factorSentences, factorTable } from './factor-answer';
import { provisioningNote, provisioningTable } from './provisioning';
import { frontPlot, heatPlot } from './resource-plots';
import { capacitiesOfOne, type ReplicaCapacities } from './scaling';
import { certaintyOf, detectionSentence, effectsOf, effectTable, measureTable, saturationSentence } from '../tables';

const TITLES: Readonly<Record<string, string>> = {
  resources: 'CPU request and target',
  'minimum-replicas': 'Minimum replicas',
  'scale-up-limit': 'Scale-up limits',
  'stabilisation-window': 'Stabilisation window',
  signal: 'Signal of the autoscaler',
  tolerance: 'Tolerance',
  schedule: 'Scheduled floor',
};

/** One question about an autoscaled experiment of the plan. */
export function autoscalingAnswer(
  analysis: CampaignAnalysis,
  name: string,
  testType: TestType,
  all: readonly Effect[],
  factors: readonly FactorEffects[],
): Answer {
  const group = experimentCells(analysis, name, testType);
  const id = `${name}-${testType}`;
  const title = `${TITLES[name] ?? name}, ${TEST_TITLES[testType]}`;
  const { question } = group.experiment;
  const unanswerable = whyUnanswerable(group, analysis);
  if (unanswerable !== undefined) return { id, title, question, sentences: [], unanswerable, plots: [], tables: [] };

  // Only waves fall and rise again, which is when a scale-down window shows.
  const told: ProfileName = name === 'stabilisation-window' && hasProfile(group, 'waves') ? 'waves' : 'spike';
  const rising = group.cells.filter((cell) => cell.profile === told);
  const effects = effectsOf(
    group,
    [MEASURES.p95, MEASURES.errors, MEASURES.reserved, MEASURES.breakpoint, MEASURES.sustained],
    all,
  );
  const focus = rising.length > 0 ? rising : group.cells;
  const [first, second] =
    rising.length > 0 ? [MEASURES.p95, MEASURES.reserved] : [MEASURES.breakpoint, MEASURES.sustained];
  const where = rising.length > 0 ? ` under the ${told === 'waves' ? 'waves' : 'spike'}` : '';
  const capacities = capacitiesOfOne(analysis, testType);
  const ownFactors = factors.filter((one) => one.experiment === name && one.testType === testType);
  const tables: Table[] = [
    measureTable(
      `${id}-measures`,
      'Response time and cost',
      group.cells,
      [
        MEASURES.p50,
        MEASURES.p95,
        MEASURES.p99,
        MEASURES.p95FromSchedule,
        MEASURES.max,
        MEASURES.errors,
        MEASURES.degradedShare,
        MEASURES.good,
        MEASURES.sustained,
        MEASURES.reserved,
        MEASURES.used,
        MEASURES.reservedPerGood,
        MEASURES.memory,
      ],
      analysis,
    ),
    measureTable(
      `${id}-scaling`,
      'Scaling',
      group.cells,
      [MEASURES.reaction, MEASURES.ready, MEASURES.turns, MEASURES.degraded],
      analysis,
    ),
    provisioningTable(`${id}-provisioning`, group.cells, capacities, analysis),
    ...factorTable(`${id}-factors`, ownFactors),
    effectTable(`${id}-effects`, `Effects against ${shortName(group.reference.name)}`, effects),
  ];
  return {
    id,
    title,
    question,
    sentences: [
      detectionSentence(
        effects.filter(({ cell, measure }) => focus.includes(cell) && measure === first),
        `${first.title}${where}`,
      ),
      detectionSentence(
        effects.filter(({ cell, measure }) => focus.includes(cell) && measure === second),
        `${second.title}${where}`,
      ),
    ],
    certainty: certaintyOf(effects, group.cells),
    notes: [
      ...factorSentences(ownFactors),
      ...(focus.some(isSaturated)
        ? [
            detectionSentence(
              effects.filter(({ cell, measure }) => focus.includes(cell) && measure === MEASURES.errors),
              `error rate${where}`,
            ),
          ]
        : []),
      ...saturationSentence(group.cells),
      provisioningNote(capacities),
      ...missingCells(group, analysis),
    ],
    plots: plotsOf(id, name, group, focus, capacities, analysis),
    tables,
  };
}

function plotsOf(
  id: string,
  name: string,
  group: ExperimentCells,
  focus: readonly Cell[],
  capacities: ReplicaCapacities,
  analysis: CampaignAnalysis,
): Plot[] {
  const few = focus.slice(0, 5).map((cell) => cell.id);
  const overlay = overlayPlot(
    `${id}-traces`,
    'Response time over time, load and replicas beneath',
    focus,
    (cell) => few.includes(cell.id),
    capacities,
  );
  const distribution = distributionPlot(`${id}-distribution`, focus);
  if (name !== 'resources')
    return [
      overlay,
      variantPlot(`${id}-p95`, 'Response time by variant', focus, MEASURES.p95, analysis, true),
      ...distribution,
    ];
  return [
    heatPlot(`${id}-heat`, group, focus, analysis),
    frontPlot(`${id}-front`, focus, analysis),
    overlay,
    ...distribution,
  ];
}

function hasProfile({ cells }: ExperimentCells, profile: ProfileName): boolean {
  return cells.some((cell) => cell.profile === profile);
}
