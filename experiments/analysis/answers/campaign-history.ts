import type { CampaignAnalysis } from '../measurement/analyse';
import { cellEstimate } from './estimates';
import { MEASURES, type Measure } from './measures';
import { benjaminiHochberg } from '../statistics/comparison';
import { shiftOf, type Shift } from '../statistics/shift';

/** One measure of one cell over the campaigns that have it, with the campaign from which on it is another. */
export interface HistoryRow {
  readonly cell: string;
  readonly measure: Measure;
  readonly values: readonly (number | null)[];
  /** Null where nothing changed beyond chance. */
  readonly change: { readonly from: number; readonly ratio: number; readonly p: number } | null;
}

const WATCHED: readonly Measure[] = [
  MEASURES.p50,
  MEASURES.p95,
  MEASURES.breakpoint,
  MEASURES.sustained,
  MEASURES.reserved,
];

/**
 * Where the figures of campaigns changed, in the order in which they were made. Every cell and measure is looked at, and all
 * are corrected together, so that a long list of figures that stay the same names none.
 */
export function historyOf(campaigns: readonly CampaignAnalysis[], confidence: number): HistoryRow[] {
  const ids = [...new Set(campaigns.flatMap(({ cells }) => cells.map(({ id }) => id)))].sort();
  const rows = ids.flatMap((id) =>
    WATCHED.map((measure) => {
      const values = campaigns.map(({ cells, settings }) => {
        const cell = cells.find((one) => one.id === id);
        const interval = cell === undefined ? null : cellEstimate(cell, measure, settings);
        return interval === null || interval.atLeast === true ? null : interval.value;
      });
      const known = values.flatMap((value, campaign) => (value !== null && value > 0 ? [{ value, campaign }] : []));
      const shift = shiftOf(known.map(({ value }) => Math.log(value)));
      return { cell: id, measure, values, known, shift };
    }),
  );
  const tested = rows.filter((row): row is typeof row & { shift: Shift } => row.shift !== null);
  const adjusted = benjaminiHochberg(tested.map(({ shift }) => shift.p));
  return rows
    .filter(({ known }) => known.length > 0)
    .map((row) => {
      const place = tested.indexOf(row as (typeof tested)[number]);
      const p = place < 0 ? 1 : adjusted[place];
      const change =
        row.shift === null || p >= 1 - confidence
          ? null
          : { from: row.known[row.shift.at].campaign, ratio: Math.exp(row.shift.difference), p };
      return { cell: row.cell, measure: row.measure, values: row.values, change };
    });
}
