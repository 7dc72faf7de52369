import type { CampaignAnalysis, Cell } from '../measurement/analyse';
import { cellEstimate } from './estimates';
import type { Measure } from './measures';
import type { Plot } from './model';
import { shortName } from './experiment-cells';

/** Trials and samples behind a set of cells, for captions. */
export function countOf(cells: readonly Cell[]): string {
  const trials = cells.reduce((sum, cell) => sum + cell.trials.length, 0);
  const samples = cells.reduce((sum, cell) => sum + (cell.pooled?.samples ?? 0), 0);
  return `n = ${trials} trials, ${samples} successful requests`;
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

/** Response time over time with the replicas beneath: one trial of each variant, which the reader may choose. */
export function overlayPlot(id: string, title: string, cells: readonly Cell[], drawn: (cell: Cell) => boolean): Plot {
  return {
    id,
    title,
    kind: 'traces',
    mode: 'overlay',
    caption: `EWMA of response time (ms, logarithmic) above, ready replicas below, on one clock (s from the start of the load); one trial of each variant, ${cells[0]?.profile ?? ''} profile; n = 1 trial a line.`,
    query: 'seconds',
    cells: cells.map((cell) => ({
      id: cell.id,
      label: shortName(cell.variant),
      drawn: drawn(cell),
      trials: cell.trials.length,
    })),
  };
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
