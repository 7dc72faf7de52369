import { counted } from '../../../../lib/primitives/counted';
import { jStat } from 'jstat';
import type { TestType } from '../../../plan';
import type { Cell } from '../../measurement/analyse';
import type { ScalabilityFit } from '../../statistics/scalability-law';
import { shortName } from '../experiment-cells';
import type { Plot, Sentence, Table } from '../model';
import { digits, estimate, plain } from '../numbers';

/** One measured capacity: a breakpoint trial of a static variant. */
export interface CapacityPoint {
  readonly cell: Cell;
  readonly replicas: number;
  readonly rate: number;
}

/** The law in a sentence, or why it cannot be fitted. */
export function scalabilitySentence(
  fit: ScalabilityFit | null,
  points: readonly CapacityPoint[],
  testType: TestType,
): Sentence {
  const counts = new Set(points.map((point) => point.replicas)).size;
  if (fit === null)
    return [
      'The Universal Scalability Law cannot be fitted: breakpoints are known for ',
      { text: `${counts} ${counts === 1 ? 'replica count' : 'replica counts'}`, cell: testType },
      ', and three are needed. Remedy: run replica-count under breakpoint with counts that saturate before its peak.',
    ];
  // The law is fitted over several cells.
  const cell = points[0].cell.testType;
  return [
    'The Universal Scalability Law gives a contention of ',
    { text: `α = ${estimate(fit.alpha).text}`, cell },
    ' and a coherency cost of ',
    { text: `β = ${estimate(fit.beta).text}`, cell },
    ...(fit.rSquared === null ? [] : [' (', { text: `R² = ${Math.floor(fit.rSquared * 10_000) / 10_000}`, cell }, ')']),
    ...peakOf(fit, cell),
  ];
}

/** Where throughput would peak, as far as the intervals of the fit say so; what they cannot exclude is not denied. */
function peakOf({ alpha, beta, peakParallelism }: ScalabilityFit, cell: TestType): Sentence {
  if (alpha.high === null || alpha.low === null || beta.high === null || beta.low === null)
    return ['; three counts fix the law and leave nothing to judge it by.'];
  // Where contention is all there is, every further replica costs.
  if (alpha.low > 1) return [', so throughput would fall from the second replica on.'];
  const peakAt = (contention: number, coherency: number) => {
    if (contention > 1) return 1;
    return coherency === 0 ? Infinity : Math.max(1, Math.sqrt((1 - contention) / coherency));
  };
  const earliest = peakAt(alpha.high, beta.high);
  if (beta.low > 0 && peakParallelism !== null) {
    const latest = peakAt(alpha.low, beta.low);
    const range = `${digits(earliest)} to ${digits(latest)}`;
    return [
      ', so throughput would peak at ',
      { text: `${digits(Math.max(1, peakParallelism))} (${range}) replicas`, cell },
      '.',
    ];
  }
  if (!Number.isFinite(earliest)) return [', which shows no replica count beyond which throughput would fall.'];
  if (earliest === 1) return [', which shows no peak for certain, and excludes none.'];
  return [
    ', which shows no peak for certain, and excludes one only below ',
    { text: `${digits(earliest)} replicas`, cell },
    '.',
  ];
}

/** Breakpoints, the fitted law, and ideal scaling from the smallest count. */
export function capacityPlot(
  id: string,
  points: readonly CapacityPoint[],
  fit: ScalabilityFit | null,
  ramps: readonly Cell[],
): Plot {
  const most = Math.max(...points.map((point) => point.replicas));
  const least = Math.min(...points.map((point) => point.replicas));
  const atLeast = points.filter(({ replicas }) => replicas === least);
  const perReplica = jStat.mean(atLeast.map(({ rate }) => rate)) / least;
  const grid = Array.from({ length: 41 }, (_, index) => 1 + ((most - 1) * index) / 40);
  return {
    id,
    title: 'Breakpoint against replicas',
    kind: 'points',
    caption: `Rate at which the linear regime ends (req/s) in each trial, the fitted Universal Scalability Law, and ideal scaling from the smallest count; n = ${counted(points.length, 'trial')} of ${ramps.reduce((sum, cell) => sum + cell.trials.length, 0)}. Trials without a breakpoint are not drawn.`,
    query: 'seconds',
    xTitle: 'replicas',
    yTitle: 'breakpoint, req/s',
    xType: 'value',
    xTicks: [...new Set(points.map(({ replicas }) => replicas))],
    series: [
      {
        name: 'trials',
        points: points.map(({ replicas, rate, cell }) => ({ x: replicas, y: rate, label: shortName(cell.variant) })),
      },
      ...(fit === null
        ? []
        : [{ name: 'fitted law', line: true, points: grid.map((x) => ({ x, y: fit.throughputAt(x) })) }]),
      ...(most > least
        ? [{ name: 'ideal', line: true, points: [least, most].map((x) => ({ x, y: x * perReplica })) }]
        : []),
    ],
  };
}

/** The law's parameters; over several cells, so they lead to all trials of the test type. */
export function lawTable(
  id: string,
  [{ cell }]: readonly CapacityPoint[],
  { gamma, alpha, beta }: ScalabilityFit,
): Table {
  const row = (parameter: string, meaning: string, value: ScalabilityFit['gamma']) => ({
    parameter,
    meaning,
    value: estimate(value, cell.testType),
  });
  return {
    id,
    title: 'Universal Scalability Law: parameters',
    columns: [
      { key: 'parameter', title: 'parameter' },
      { key: 'meaning', title: 'what it is' },
      { key: 'value', title: 'estimate' },
    ],
    rows: [
      row('γ', 'throughput of one replica, req/s', gamma),
      row('α', 'contention: share of the work that waits in line', alpha),
      row('β', 'coherency: cost of keeping replicas in step', beta),
    ],
  };
}

/** What the law says of each breakpoint. */
export function fitTable(id: string, points: readonly CapacityPoint[], fit: ScalabilityFit): Table {
  return {
    id,
    title: 'Universal Scalability Law: residuals',
    columns: [
      { key: 'variant', title: 'variant' },
      { key: 'replicas', title: 'replicas' },
      { key: 'rate', title: 'breakpoint', unit: 'req/s', query: 'seconds' },
      { key: 'fitted', title: 'fitted', unit: 'req/s' },
      { key: 'residual', title: 'residual', unit: 'req/s' },
    ],
    rows: points.map(({ cell, replicas, rate }, index) => ({
      variant: shortName(cell.variant),
      replicas: plain(replicas, cell.id),
      rate: plain(rate, cell.id),
      fitted: plain(fit.throughputAt(replicas), cell.id),
      residual: plain(fit.residuals[index], cell.id),
    })),
  };
}
