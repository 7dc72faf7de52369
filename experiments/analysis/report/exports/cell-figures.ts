import type { CampaignAnalysis, Cell } from '../../measurement/analyse';
import { cellEstimate } from '../../answers/estimates';
import { MEASURES, type Measure } from '../../answers/measures';
import type { Interval } from '../../statistics/mean-interval';

/** One measure of one cell, for machines. */
export interface CellFigure {
  readonly cell: Cell;
  readonly measure: Measure;
  readonly interval: Interval;
}

/** Every figure that a campaign has, cell by cell. */
export function cellFigures(analysis: CampaignAnalysis): CellFigure[] {
  return analysis.cells.flatMap((cell) =>
    Object.values(MEASURES as Readonly<Record<string, Measure>>).flatMap((measure) => {
      const interval = cellEstimate(cell, measure, analysis.settings);
      return interval === null || !Number.isFinite(interval.value) ? [] : [{ cell, measure, interval }];
    }),
  );
}

/** What names a cell, in the words of the plan. */
export function labelsOf({ experiment, testType, variant, profile }: Cell): Record<string, string> {
  return { experiment, test_type: testType, variant, profile };
}

/** The three numbers of an interval by name; bounds that are not known are left out. */
export function boundsOf({ value, low, high }: Interval): [string, number][] {
  const all: [string, number | null][] = [
    ['estimate', value],
    ['low', low],
    ['high', high],
  ];
  return all.filter((one): one is [string, number] => one[1] !== null && Number.isFinite(one[1]));
}

/** A measure's name in snake case with its unit, as Prometheus and OpenTelemetry want it. */
export function metricName({ key, unit }: Measure): string {
  const name = key.replaceAll(/([A-Z])/g, (letter) => `_${letter.toLowerCase()}`);
  const suffix = UNIT_SUFFIXES[unit] ?? '';
  return `ahuora_campaign_${name}${suffix}`;
}

const UNIT_SUFFIXES: Readonly<Record<string, string>> = {
  ms: '_milliseconds',
  s: '_seconds',
  '%': '_percent',
  'req/s': '_requests_per_second',
  'core-s': '_core_seconds',
  MiB: '_mebibytes',
};
