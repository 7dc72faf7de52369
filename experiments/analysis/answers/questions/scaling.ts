import type { TestType, WorkloadName } from '../../../plan';
import type { CampaignAnalysis, Cell } from '../../measurement/analyse';
import type { Effect } from '../effects';
import { cellEstimate } from '../estimates';
import { MEASURES, SERVICE_MEASURES } from '../measures';
import type { Answer, Sentence, Value } from '../model';
import { fitScalabilityLaw } from '../../statistics/scalability-law';
import {
  experimentCells,
  notAnswerable,
  missingCells,
  shortName,
  TEST_TITLES,
  variantOf,
  whyUnanswerable,
  type ExperimentCells,
} from '../experiment-cells';
import { variantPlot } from '../plots';
import {
  certaintyOf,
  comparedBy,
  detectionSentence,
  effectsOf,
  effectTable,
  failedBeyond,
  measureTable,
  phasesTable,
  quoted,
  saturationSentence,
} from '../tables';
import { capacityPlot, fitTable, lawTable, scalabilitySentence, type CapacityPoint } from './scalability';

/** Question: what does each further replica carry? */
export function replicaAnswer(analysis: CampaignAnalysis, testType: TestType, all: readonly Effect[]): Answer {
  const group = experimentCells(analysis, 'replica-count', testType);
  const id = `replica-count-${testType}`;
  const title = `Replica count, ${TEST_TITLES[testType]}`;
  const { question } = group.experiment;
  const unanswerable = whyUnanswerable(group, analysis);
  if (unanswerable !== undefined) return { id, title, question, sentences: [], unanswerable, plots: [], tables: [] };

  const ramps = group.cells.filter((cell) => cell.profile === 'breakpoint');
  const steady = group.cells.filter((cell) => cell.profile !== 'breakpoint');
  const points = capacityPoints(group, testType);
  const fit = fitScalabilityLaw(
    points.map(({ replicas, rate }) => ({ parallelism: replicas, throughput: rate })),
    analysis.settings.confidence,
  );
  const effects = effectsOf(group, [MEASURES.p95, MEASURES.errors, MEASURES.breakpoint], all);
  const told = ramps.length > 0 ? MEASURES.breakpoint : MEASURES.p95;
  const law = scalabilitySentence(fit, points, testType);
  const solving = testType === 'fs';
  const limits = solving ? limitEffects(all) : [];
  return {
    id,
    title,
    question,
    sentences: [
      ...(solving ? [limitSentence(all)] : []),
      capacitySentence(ramps, group, analysis),
      ...(solving ? [] : [law]),
    ],
    certainty: certaintyOf(effects, group.cells),
    notes: [
      ...(solving ? [law] : []),
      detectionSentence(
        effects.filter(({ measure }) => measure === told),
        comparedBy(told),
      ),
      ...saturationSentence(group.cells),
      ...missingCells(group, analysis),
    ],
    plots: [
      ...(points.length > 0 ? [capacityPlot(`${id}-capacity`, points, fit, ramps)] : []),
      ...(steady.length > 0
        ? [variantPlot(`${id}-p95`, 'Response time by replica count', steady, MEASURES.p95, analysis, true)]
        : []),
    ],
    tables: [
      measureTable(`${id}-measures`, 'Measures of each variant', group.cells, SERVICE_MEASURES, analysis),
      effectTable(`${id}-effects`, 'Effects', effects),
      ...(limits.length > 0 ? [effectTable(`${id}-limits`, 'What limits solving', limits)] : []),
      phasesTable(`${id}-phases`, group.cells),
      ...(fit === null ? [] : [lawTable(`${id}-law`, points, fit), fitTable(`${id}-scalability`, points, fit)]),
    ],
  };
}

/** What one replica of a workload sustains, requests per second. */
export interface ReplicaCapacity {
  readonly rate: number;
  /** The load ended before the replica was full: it sustains this much or more. */
  readonly atLeast: boolean;
  readonly cell: Cell;
}

/** By workload; without those of which the campaign has no such trial. */
export type ReplicaCapacities = ReadonlyMap<string, ReplicaCapacity>;

/** What one replica of each workload under load sustains before the linear regime ends. */
export function capacitiesOfOne(analysis: CampaignAnalysis, testType: TestType): ReplicaCapacities {
  const group = experimentCells(analysis, 'replica-count', testType);
  const known = analysis.plan.loadedWorkloads[testType].flatMap((workload) => {
    const capacity = capacityOfOne(group, workload, analysis);
    return capacity === undefined ? [] : [[workload, capacity] as const];
  });
  return new Map(known);
}

/** The best of the static variants with one replica of the workload, which is the one where nothing else is scarcer. */
function capacityOfOne(
  group: ExperimentCells,
  workload: WorkloadName,
  { settings }: CampaignAnalysis,
): ReplicaCapacity | undefined {
  const capacities = group.cells
    .filter((cell) => cell.profile === 'breakpoint' && variantOf(group, cell)?.settings[workload].replicas === 1)
    .flatMap((cell): ReplicaCapacity[] => {
      const atLeast = cell.trials.some(({ measures }) => measures.changePoint === null);
      const found = cellEstimate(cell, atLeast ? MEASURES.sustained : MEASURES.breakpoint, settings);
      return found === null ? [] : [{ rate: found.value, atLeast, cell }];
    });
  return capacities.sort((a, b) => b.rate - a.rate)[0];
}

/** Breakpoints of the variants in which every loaded workload has the same count; trials that never saturated have none. */
function capacityPoints(group: ExperimentCells, testType: TestType): CapacityPoint[] {
  return group.cells
    .filter((cell) => cell.profile === 'breakpoint')
    .flatMap((cell) => {
      const settings = variantOf(group, cell)?.settings;
      const django = settings?.['django-api'].replicas;
      const solver = settings?.idaes.replicas;
      if (typeof django !== 'number' || (testType === 'fs' && solver !== django)) return [];
      return cell.trials.flatMap(({ measures: { changePoint } }) =>
        changePoint === null ? [] : [{ cell, replicas: django, rate: changePoint.rate }],
      );
    });
}

/** Comparisons in which only the solvers, or only the API pods, grow in number. */
function limitEffects(all: readonly Effect[]): Effect[] {
  return all.filter(
    ({ cell, reference, measure }) =>
      cell.experiment === 'replica-count' &&
      reference.experiment === 'replica-count' &&
      cell.testType === 'fs' &&
      measure === MEASURES.breakpoint &&
      (grows(cell, reference) === 'solver' || grows(cell, reference) === 'API'),
  );
}

/** Which of the two has more pods than in the reference, where it is one of them alone. */
function grows(cell: Cell, reference: Cell): 'API' | 'solver' | undefined {
  const counts = ({ variant }: Cell) => /(\d+)-(\d+)$/.exec(variant)?.slice(1).map(Number) ?? [];
  const [[api, solver], [apiBefore, solverBefore]] = [counts(cell), counts(reference)];
  if (api === apiBefore && solver > solverBefore) return 'solver';
  return solver === solverBefore && api > apiBefore ? 'API' : undefined;
}

/** Which of API and solver limits solving, from the decisions on pairs in which one alone grows. */
function limitSentence(all: readonly Effect[]): Sentence {
  const pairs = limitEffects(all).filter(({ comparison }) => comparison !== null);
  if (pairs.length === 0)
    return [
      notAnswerable(
        'no two breakpoint cells that differ in one of them alone can be compared',
        'run replica-count of fs under breakpoint, every trial as planned, with counts that differ in one of the two alone',
        'Which of API and solver limits solving is not answerable',
      ),
    ];
  const outcome = (kind: 'API' | 'solver'): Sentence => {
    const own = pairs.filter(({ cell, reference }) => grows(cell, reference) === kind);
    if (own.length === 0) return [`for more ${kind} pods there is nothing to compare`];
    const raised = own.filter(({ distinct, comparison }) => distinct && comparison!.effect.value > 1);
    const fragments: (string | Value)[] = [
      `more ${kind} pods alone raise the breakpoint in `,
      { text: `${raised.length} of ${own.length}`, cell: 'fs' },
      ' pairs',
    ];
    raised.forEach(({ cell, reference, words }, index) =>
      fragments.push(index === 0 ? ' (' : ', ', {
        text: `${shortName(cell.variant)} against ${shortName(reference.variant).replace('replicas-', '')}: ${words}`,
        cell: cell.id,
      }),
    );
    return [...fragments, ...(raised.length > 0 ? [')'] : [])];
  };
  return ['Held against each other one at a time, ', ...outcome('API'), '; ', ...outcome('solver'), '.'];
}

function capacitySentence(ramps: readonly Cell[], group: ExperimentCells, analysis: CampaignAnalysis): Sentence {
  if (ramps.length === 0)
    return [
      'The campaign holds no valid breakpoint trial, so no breakpoint is known. Remedy: run replica-count under breakpoint.',
    ];
  const pods = (cell: Cell) => {
    const settings = variantOf(group, cell)?.settings;
    return analysis.plan.loadedWorkloads[cell.testType].reduce(
      (sum, name) => sum + Number(settings?.[name].replicas),
      0,
    );
  };
  const bySize = [...ramps].sort((a, b) => pods(a) - pods(b));
  const [first, last] = [bySize[0], bySize[bySize.length - 1]];
  const describe = (cell: Cell): Sentence => {
    const left = cell.trials.filter((trial) => trial.measures.changePoint !== null).length;
    const failed = failedBeyond(cell, analysis);
    if (left === 0 && failed !== undefined)
      return [
        `with ${shortName(cell.variant)} no breakpoint is seen up to the peak rate, with `,
        { text: failed, cell: cell.id },
      ];
    if (left === 0)
      return [`with ${shortName(cell.variant)} it holds `, { text: 'up to the peak rate', cell: cell.id }];
    return [`with ${shortName(cell.variant)} the linear regime ends at `, quoted(cell, MEASURES.breakpoint, analysis)];
  };
  return ['Under climbing load, ', ...describe(first), ...(first === last ? [] : ['; ', ...describe(last)]), '.'];
}
