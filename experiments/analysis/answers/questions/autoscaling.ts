import type { ProfileName, TestType } from '../../../plan';
import type { CampaignAnalysis, Cell } from '../../measurement/analyse';
import type { Effect } from '../effects';
import { hasSaturatedTrial } from '../estimates';
import { MEASURES, type Measure } from '../measures';
import type { Answer, Plot } from '../model';
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
import {
  certaintyOf,
  comparedBy,
  detectionSentence,
  effectsOf,
  effectTable,
  measureTable,
  saturationSentence,
} from '../tables';

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

  const focus = focusOf(name, group);
  const effects = effectsOf(
    group,
    [MEASURES.p95, MEASURES.errors, MEASURES.reserved, MEASURES.breakpoint, MEASURES.sustained],
    all,
  );
  const by = (measure: Measure) =>
    detectionSentence(
      effects.filter((effect) => focus.cells.includes(effect.cell) && effect.measure === measure),
      comparedBy(measure, focus.where),
    );
  const capacities = capacitiesOfOne(analysis, testType);
  const ownFactors = factors.filter((one) => one.experiment === name && one.testType === testType);
  return {
    id,
    title,
    question,
    sentences: focus.measures.map(by),
    certainty: certaintyOf(effects, group.cells),
    notes: [
      ...factorSentences(ownFactors),
      ...(focus.cells.some(hasSaturatedTrial) ? [by(MEASURES.errors)] : []),
      ...saturationSentence(group.cells),
      provisioningNote(capacities),
      ...missingCells(group, analysis),
    ],
    plots: plotsOf(id, name, group, focus, capacities, analysis),
    tables: [
      measureTable(`${id}-measures`, 'Response time and cost', group.cells, TIME_AND_COST, analysis),
      measureTable(`${id}-scaling`, 'Scaling', group.cells, SCALING, analysis),
      ...(capacities.size === 0 ? [] : [provisioningTable(`${id}-provisioning`, group.cells, capacities, analysis)]),
      ...factorTable(`${id}-factors`, ownFactors),
      effectTable(`${id}-effects`, `Effects against ${shortName(group.reference.name)}`, effects),
    ],
  };
}

const TIME_AND_COST: readonly Measure[] = [
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
];
const SCALING: readonly Measure[] = [MEASURES.reaction, MEASURES.ready, MEASURES.turns, MEASURES.degraded];

/** What the sentences are about: the cells under one load, the two measures that fit it, and its name. */
interface Focus {
  readonly cells: readonly Cell[];
  readonly measures: readonly Measure[];
  /** What figures show: response times of a climbing load describe the climb, not the variant. */
  readonly shown: Measure;
  readonly where: string;
}

function focusOf(name: string, group: ExperimentCells): Focus {
  // Only waves fall and rise again, which is when a scale-down window shows.
  const told: ProfileName = name === 'stabilisation-window' && hasProfile(group, 'waves') ? 'waves' : 'spike';
  const rising = group.cells.filter((cell) => cell.profile === told);
  return rising.length > 0
    ? { cells: rising, measures: [MEASURES.p95, MEASURES.reserved], shown: MEASURES.p95, where: ` under the ${told}` }
    : {
        cells: group.cells,
        measures: [MEASURES.breakpoint, MEASURES.sustained],
        shown: MEASURES.sustained,
        where: '',
      };
}

function plotsOf(
  id: string,
  name: string,
  group: ExperimentCells,
  { cells: focus, shown }: Focus,
  capacities: ReplicaCapacities,
  analysis: CampaignAnalysis,
): Plot[] {
  const few = focus.slice(0, 5).map((cell) => cell.id);
  const times = shown === MEASURES.p95;
  const overlay = overlayPlot(
    `${id}-traces`,
    'Response time over time, load and replicas beneath',
    focus,
    (cell) => few.includes(cell.id),
    capacities,
  );
  const distribution = times ? distributionPlot(`${id}-distribution`, focus) : [];
  if (name !== 'resources')
    return [
      overlay,
      variantPlot(
        `${id}-${shown.key}`,
        times ? 'Response time by variant' : 'Throughput sustained by variant',
        focus,
        shown,
        analysis,
        times,
      ),
      ...distribution,
    ];
  return [
    heatPlot(`${id}-heat`, group, focus, shown, analysis),
    ...(times ? [frontPlot(`${id}-front`, focus, analysis)] : []),
    overlay,
    ...distribution,
  ];
}

function hasProfile({ cells }: ExperimentCells, profile: ProfileName): boolean {
  return cells.some((cell) => cell.profile === profile);
}
