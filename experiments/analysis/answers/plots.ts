import type { CampaignAnalysis, Cell } from '../measurement/analyse';
import { cellEstimate } from './estimates';
import type { Measure } from './measures';
import type { Plot } from './model';
import { digits } from './numbers';
import { shortName } from './experiment-cells';
import { SPECTRUM } from '../measurement/trial/queries';

/** Trials and samples behind a set of cells, for captions. */
export function countOf(cells: readonly Cell[]): string {
  const trials = cells.reduce((sum, cell) => sum + cell.trials.length, 0);
  const samples = cells.reduce((sum, cell) => sum + (cell.pooled?.samples ?? 0), 0);
  return `n = ${trials} ${trials === 1 ? 'trial' : 'trials'}, ${digits(samples)} successful requests`;
}

/** A measure by variant, one series for each profile, with intervals. */
export function variantPlot(
  id: string,
  title: string,
  cells: readonly Cell[],
  measure: Measure,
  analysis: CampaignAnalysis,
  yLog = false,
): Plot {
  const profiles = [...new Set(cells.map((cell) => cell.profile))];
  const confidence = Math.round(analysis.settings.confidence * 100);
  return {
    id,
    title,
    kind: 'points',
    caption: `${capital(measure.title)}${measure.unit === '' ? '' : ` (${measure.unit})`} with ${confidence} % intervals over trials; ${countOf(cells)}.`,
    query: measure.query,
    xTitle: 'variant',
    yTitle: `${measure.title}${measure.unit === '' ? '' : `, ${measure.unit}`}`,
    xType: 'category',
    yLog,
    series: profiles.map((profile) => ({
      name: profile,
      points: cells
        .filter((cell) => cell.profile === profile)
        .map((cell) => {
          const interval = cellEstimate(cell, measure, analysis.settings);
          return {
            x: shortName(cell.variant),
            y: interval?.value ?? null,
            low: interval?.low,
            high: interval?.high,
            n: interval?.n,
          };
        }),
    })),
  };
}

/**
 * Response time over time with the offered load and the replicas beneath: one trial of each variant, which the reader may
 * choose.
 */
export function overlayPlot(
  id: string,
  title: string,
  cells: readonly Cell[],
  drawn: (cell: Cell) => boolean,
  capacities: ReadonlyMap<string, { readonly rate: number }>,
): Plot {
  const known = capacities.size > 0;
  return {
    id,
    title,
    kind: 'traces',
    mode: 'overlay',
    caption: `EWMA of response time (ms, logarithmic) above, offered load (req/s) in the middle, desired (thin) and ready (thick) replicas below${known ? ', with the pods that the load needs (demand, black)' : ''}, on one clock (s from the start of the load); one trial of each variant, ${cells[0]?.profile ?? ''} profile; n = 1 trial a line.`,
    query: 'seconds',
    sustainedByOne: Object.fromEntries([...capacities].map(([workload, { rate }]) => [workload, rate])),
    cells: cells.map((cell) => ({
      id: cell.id,
      label: shortName(cell.variant),
      drawn: drawn(cell),
      trials: cell.trials.length,
    })),
  };
}

/** Lines that a distribution holds at most; more cannot be told apart. */
const MOST_LINES = 8;

/** Response time by the share of requests that took longer, to the slowest of all. */
export function distributionPlot(id: string, cells: readonly Cell[]): Plot[] {
  const known = cells.filter((cell) => cell.pooled !== null).slice(0, MOST_LINES);
  if (known.length === 0) return [];
  return [
    {
      id,
      title: 'Distribution of response time',
      kind: 'points',
      caption: `Response time (ms, logarithmic) that all but one in so many requests stay below, to the slowest (logarithmic), ${known[0].profile} profile, successful requests of all trials together${cells.length > known.length ? `, the first ${known.length} of ${cells.length} variants` : ''}; ${countOf(known)}.`,
      query: 'pooled',
      xTitle: 'one in so many requests took longer',
      yTitle: 'response time, ms',
      xType: 'value',
      xLog: true,
      yLog: true,
      series: known.map((cell) => ({
        name: shortName(cell.variant),
        line: true,
        points: SPECTRUM.flatMap((share, index) => {
          const n = cell.pooled!.samples;
          // The slowest of n stands at one in n; what lies nearer than one request to it says nothing.
          const oneIn = share === 1 ? n : 1 / (1 - share);
          return oneIn > n ? [] : [{ x: oneIn, y: cell.pooled!.spectrum[index] }];
        }),
      })),
    },
  ];
}

/** A title at the beginning of a sentence; a name such as p95 stays as it is. */
export function capital(text: string): string {
  return /^p\d/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
}
