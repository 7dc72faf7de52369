import type { PlannedVariant } from '../../../campaign';
import type { TestType } from '../../../plan';
import type { CampaignAnalysis, Cell } from '../../measurement/analyse';
import { paretoFront } from '../../statistics/pareto';
import { cellEstimate } from '../estimates';
import { cellsWithoutTrial, shortName, variantOf, type ExperimentCells } from '../experiment-cells';
import { MEASURES, type Measure } from '../measures';
import type { Plot } from '../model';
import { digits } from '../numbers';
import { capital, countOf } from '../plots';

/** CPU request and target of the workload that a test type stresses most. */
export function resourceSetting(
  variant: PlannedVariant | undefined,
  testType: TestType,
): { request: number; target: number } {
  const workload = variant?.settings[testType === 'fs' ? 'idaes' : 'django-api'];
  const target = typeof workload?.replicas === 'object' ? workload.replicas.targetCpuPercent : 0;
  return { request: workload?.cpuMillicores ?? 0, target };
}

/** Heat map of a measure over CPU request and target. */
export function heatPlot(
  id: string,
  group: ExperimentCells,
  cells: readonly Cell[],
  measure: Measure,
  analysis: CampaignAnalysis,
): Plot {
  const { testType } = group.experiment;
  const missing = cellsWithoutTrial(group, analysis).filter(({ profile }) => profile === cells[0].profile);
  const settings = [
    ...cells.map((cell) => resourceSetting(variantOf(group, cell), testType)),
    ...missing.map(({ variant }) => resourceSetting(variant, testType)),
  ];
  const requests = [...new Set(settings.map(({ request }) => request))].sort((a, b) => a - b);
  const targets = [...new Set(settings.map(({ target }) => target))].sort((a, b) => a - b);
  const place = (variant: PlannedVariant | undefined) => {
    const { request, target } = resourceSetting(variant, testType);
    return { x: targets.indexOf(target), y: requests.indexOf(request) };
  };
  return {
    id,
    title: `${capital(measure.title)} over target and allocation`,
    kind: 'heat',
    caption: `${capital(measure.title)} (${measure.unit}), ${cells[0].profile} profile, over the trials of each variant, with its interval and the number of trials; ≥ where it is a lower bound; ${countOf(cells)}.`,
    query: measure.query,
    xTitle: 'target utilisation, %',
    yTitle: 'CPU request, millicores',
    unit: measure.unit,
    x: targets.map(String),
    y: requests.map(String),
    cells: [
      ...cells.map((cell) => {
        const value = cellEstimate(cell, measure, analysis.settings);
        const n = `n = ${cell.trials.length}`;
        const scatter =
          value?.low == null
            ? n
            : `${digits(value.low)} ${value.high === null ? 'or more' : `to ${digits(value.high)}`}, ${n}`;
        return {
          ...place(variantOf(group, cell)),
          value: value?.value ?? null,
          label: `${value?.atLeast === true ? '≥ ' : ''}${digits(value?.value)}`,
          detail: scatter,
        };
      }),
      ...missing.map(({ variant }) => ({ ...place(variant), value: null, label: 'no valid trial' })),
    ],
  };
}

/** Latency against cost, with the variants that no other beats. */
export function frontPlot(id: string, cells: readonly Cell[], analysis: CampaignAnalysis): Plot {
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
