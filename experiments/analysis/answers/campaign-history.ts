import type { CampaignAnalysis, Cell } from '../measurement/analyse';
import { cellEstimate } from './estimates';
import { MEASURES, type Measure } from './measures';
import { correctedTogether } from '../statistics/comparison';
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

/** What must be alike for a cell of two campaigns to be compared: where and how it was measured, and under which load. */
function conditionsOf({ manifest, plan }: CampaignAnalysis, { profile, testType, trials }: Cell): string {
  const { settings, origin, environment } = manifest;
  const load = plan.loads.find((one) => one.name === profile && one.testType === testType);
  const how = [settings?.site, settings?.generator, settings?.arrivals ?? environment['arrivals'] ?? 'even'];
  return JSON.stringify([origin, ...how, load?.stages, trials[0].input.record.scale]);
}

function latestConditions(campaigns: readonly CampaignAnalysis[]): ReadonlyMap<string, string> {
  return new Map(
    campaigns.flatMap((campaign) =>
      campaign.cells.map((cell): [string, string] => [cell.id, conditionsOf(campaign, cell)]),
    ),
  );
}

/** How many cells of each campaign are left out of a history, since the latest campaign that has them measured them otherwise. */
export function incomparableCells(campaigns: readonly CampaignAnalysis[]): number[] {
  const latest = latestConditions(campaigns);
  return campaigns.map(
    (campaign) => campaign.cells.filter((cell) => conditionsOf(campaign, cell) !== latest.get(cell.id)).length,
  );
}

/**
 * Where the figures of campaigns changed, in the order in which they were made. Every cell and measure is looked at, and all
 * are corrected together as a report's are, so that a long list of figures that stay the same names none.
 */
export function historyOf(campaigns: readonly CampaignAnalysis[], confidence: number): HistoryRow[] {
  const ids = [...new Set(campaigns.flatMap(({ cells }) => cells.map(({ id }) => id)))].sort();
  const latest = latestConditions(campaigns);
  const rows = ids.flatMap((id) =>
    WATCHED.map((measure) => {
      const values = campaigns.map((campaign) => {
        const cell = campaign.cells.find((one) => one.id === id);
        if (cell === undefined || conditionsOf(campaign, cell) !== latest.get(id)) return null;
        const interval = cellEstimate(cell, measure, campaign.settings);
        return interval === null || interval.atLeast === true ? null : interval.value;
      });
      const known = values.flatMap((value, campaign) => (value !== null && value > 0 ? [{ value, campaign }] : []));
      const shift = shiftOf(known.map(({ value }) => Math.log(value)));
      return { cell: id, measure, values, known, shift };
    }),
  );
  const tested = rows.filter((row): row is typeof row & { shift: Shift } => row.shift !== null);
  const corrected = correctedTogether(
    tested.map(({ measure, shift }) => ({ p: shift.p, reserved: measure === MEASURES.reserved })),
    1 - confidence,
  );
  return rows
    .filter(({ known }) => known.length > 0)
    .map((row) => {
      const place = tested.indexOf(row as (typeof tested)[number]);
      const p = place < 0 ? 1 : corrected[place].p;
      const change =
        row.shift === null || p >= 1 - confidence
          ? null
          : { from: row.known[row.shift.at].campaign, ratio: Math.exp(row.shift.difference), p };
      return { cell: row.cell, measure: row.measure, values: row.values, change };
    });
}
