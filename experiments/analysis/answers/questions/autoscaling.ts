import type { PlannedVariant } from '../../../campaign';
import type { ProfileName, TestType } from '../../../plan';
import type { CampaignAnalysis, Cell } from '../../measurement/analyse';
import type { Effect } from '../effects';
import { cellEstimate } from '../estimates';
import { MEASURES } from '../measures';
import type { Answer, Plot, Sentence, Table } from '../model';
import { digits, estimate, NO_VALUE } from '../numbers';
import { provisioning, requiredPods } from '../../measurement/trial/scaling-measures';
import { paretoFront } from '../../statistics/pareto';
import { positiveMeanInterval } from '../../statistics/mean-interval';
import {
  cellsWithoutTrial,
  experimentCells,
  missingCells,
  shortName,
  TEST_TITLES,
  variantOf,
  whyUnanswerable,
  type ExperimentCells,
} from '../experiment-cells';
import { countOf, overlayPlot, variantPlot } from '../plots';
import { capacitiesOfOne, type ReplicaCapacities } from './scaling';
import { certaintyOf, detectionSentence, effectsOf, effectTable, measureTable, saturationSentence } from '../tables';

const TITLES: Readonly<Record<string, string>> = {
  resources: 'CPU request and target',
  'minimum-replicas': 'Minimum replicas',
  'scale-up-limit': 'Scale-up limits',
  'stabilisation-window': 'Stabilisation window',
};

/** One question about an autoscaled experiment of the plan. */
export function autoscalingAnswer(
  analysis: CampaignAnalysis,
  name: string,
  testType: TestType,
  all: readonly Effect[],
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
    notes: [...saturationSentence(group.cells), provisioningNote(capacities), ...missingCells(group, analysis)],
    plots: plotsOf(id, name, group, focus, analysis),
    tables,
  };
}

function plotsOf(
  id: string,
  name: string,
  group: ExperimentCells,
  focus: readonly Cell[],
  analysis: CampaignAnalysis,
): Plot[] {
  const few = focus.slice(0, 5).map((cell) => cell.id);
  const overlay = overlayPlot(`${id}-traces`, 'Response time over time, replicas beneath', focus, (cell) =>
    few.includes(cell.id),
  );
  if (name !== 'resources')
    return [overlay, variantPlot(`${id}-p95`, 'Response time by variant', focus, MEASURES.p95, analysis, true)];
  return [heatPlot(`${id}-heat`, group, focus, analysis), frontPlot(`${id}-front`, focus, analysis), overlay];
}

/** Heat map of p95 over CPU request and target. */
function heatPlot(id: string, group: ExperimentCells, cells: readonly Cell[], analysis: CampaignAnalysis): Plot {
  const { testType } = group.experiment;
  const settingOf = (variant: PlannedVariant | undefined) => {
    const workload = variant?.settings[testType === 'fs' ? 'idaes' : 'django-api'];
    const target = typeof workload?.replicas === 'object' ? workload.replicas.targetCpuPercent : 0;
    return { request: workload?.cpuMillicores ?? 0, target };
  };
  const missing = cellsWithoutTrial(group, analysis).filter(({ profile }) => profile === cells[0].profile);
  const settings = [
    ...cells.map((cell) => settingOf(variantOf(group, cell))),
    ...missing.map(({ variant }) => settingOf(variant)),
  ];
  const requests = [...new Set(settings.map(({ request }) => request))].sort((a, b) => a - b);
  const targets = [...new Set(settings.map(({ target }) => target))].sort((a, b) => a - b);
  const place = (variant: PlannedVariant | undefined) => {
    const { request, target } = settingOf(variant);
    return { x: targets.indexOf(target), y: requests.indexOf(request) };
  };
  return {
    id,
    title: 'Response time over target and allocation',
    kind: 'heat',
    caption: `p95 response time (ms), ${cells[0].profile} profile, pooled over the trials of each variant; ${countOf(cells)}.`,
    query: 'pooled',
    xTitle: 'target utilisation, %',
    yTitle: 'CPU request, millicores',
    unit: 'ms',
    x: targets.map(String),
    y: requests.map(String),
    cells: [
      ...cells.map((cell) => {
        const value = cellEstimate(cell, MEASURES.p95, analysis.settings);
        return { ...place(variantOf(group, cell)), value: value?.value ?? null, label: estimate(value).text };
      }),
      ...missing.map(({ variant }) => ({ ...place(variant), value: null, label: 'no valid trial' })),
    ],
  };
}

/** Latency against cost, with the variants that no other beats. */
function frontPlot(id: string, cells: readonly Cell[], analysis: CampaignAnalysis): Plot {
  const points = costAndLatency(cells, analysis);
  const front = new Set(paretoFront(points));
  const point = ({ x, y, low, high, cell }: (typeof points)[number]) => ({
    x: x ?? NaN,
    y,
    low,
    high,
    label: shortName(cell.variant),
  });
  const known = points.filter((one) => one.x !== null && one.y !== null);
  return {
    id,
    title: 'Latency against cost',
    kind: 'points',
    caption: `p95 response time (ms) against CPU reserved (core-seconds a trial), ${cells[0].profile} profile, with intervals over trials; the line joins the variants that no other beats on both (Pareto front); ${countOf(cells)}.`,
    query: 'pooled',
    xTitle: 'CPU reserved, core-s',
    yTitle: 'p95 response time, ms',
    xType: 'value',
    yLog: true,
    series: [
      { name: 'variants', points: known.map(point) },
      { name: 'Pareto front', line: true, points: [...front].map((index) => point(points[index])) },
    ],
  };
}

function costAndLatency(cells: readonly Cell[], analysis: CampaignAnalysis) {
  return cells.map((cell) => {
    const latency = cellEstimate(cell, MEASURES.p95, analysis.settings);
    return {
      cell,
      x: cellEstimate(cell, MEASURES.reserved, analysis.settings)?.value ?? null,
      y: latency?.value ?? null,
      low: latency?.low ?? null,
      high: latency?.high ?? null,
    };
  });
}

function hasProfile({ cells }: ExperimentCells, profile: ProfileName): boolean {
  return cells.some((cell) => cell.profile === profile);
}

/** What over- and under-provisioning counts against, for each workload under load. */
function provisioningNote(capacities: ReplicaCapacities): Sentence {
  if (capacities.size === 0)
    return [
      'Over- and under-provisioning is not answerable, because the campaign holds no breakpoint trial of one static replica to say what a pod sustains.',
    ];
  return [
    'Over- and under-provisioning counts against what one static replica sustains: ',
    ...[...capacities].flatMap(([workload, { rate, atLeast, cell }], index) => [
      index === 0 ? '' : ', ',
      { text: `${atLeast ? 'at least ' : ''}${digits(rate)} req/s a pod of ${workload}`, cell: cell.id },
    ]),
    '.',
  ];
}

/** Pod-seconds above and below what the offered load needed. */
function provisioningTable(
  id: string,
  cells: readonly Cell[],
  capacities: ReplicaCapacities,
  analysis: CampaignAnalysis,
): Table {
  const rows = cells.flatMap((cell) =>
    Object.keys(cell.trials[0].series.replicas).map((workload) => {
      const capacity = capacities.get(workload)?.rate;
      const perTrial = cell.trials.flatMap(({ series, measures: { loadSeconds } }) => {
        const ready = series.replicas[workload]?.ready.subarray(0, Math.floor(loadSeconds));
        if (capacity === undefined || ready === undefined || ready.every(Number.isNaN)) return [];
        return [provisioning(ready, requiredPods(series.offered.subarray(0, Math.floor(loadSeconds)), capacity))];
      });
      const value = (pick: (one: (typeof perTrial)[number]) => number) =>
        perTrial.length === 0
          ? { text: NO_VALUE, value: null, cell: cell.id }
          : estimate(positiveMeanInterval(perTrial.map(pick), analysis.settings.confidence), cell.id);
      return {
        variant: shortName(cell.variant),
        profile: cell.profile,
        workload,
        over: value((one) => one.overPodSeconds),
        under: value((one) => one.underPodSeconds),
      };
    }),
  );
  return {
    id,
    title: 'Over- and under-provisioning',
    columns: [
      { key: 'variant', title: 'variant' },
      { key: 'profile', title: 'profile' },
      { key: 'workload', title: 'workload' },
      { key: 'over', title: 'over-provisioned', unit: 'pod-s', query: 'replicas' },
      { key: 'under', title: 'under-provisioned', unit: 'pod-s', query: 'replicas' },
    ],
    rows,
  };
}
