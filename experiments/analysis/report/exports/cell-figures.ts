import type { CampaignAnalysis, Cell } from '../../measurement/analyse';
import { cellEstimate } from '../../answers/estimates';
import { MEASURES, type Measure, type Unit } from '../../answers/measures';
import type { Interval } from '../../statistics/mean-interval';

/** One number of one cell. */
interface FamilyPoint {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One measure of every cell that has it, in base units. */
export interface MetricFamily {
  /** In snake case, without its unit. */
  readonly name: string;
  readonly description: string;
  readonly unit: BaseUnit;
  readonly points: readonly FamilyPoint[];
}

/** A unit as other tools want it. */
interface BaseUnit {
  /** What Prometheus appends to a name. (https://prometheus.io/docs/practices/naming/#base-units) */
  readonly suffix: string;
  /** By the Unified Code for Units of Measure, as OpenTelemetry asks for. (https://ucum.org/ucum) */
  readonly ucum: string;
  /** How many of it one of ours is. */
  readonly factor: number;
}

const BASE_UNITS: Readonly<Record<Unit, BaseUnit>> = {
  ms: { suffix: '_seconds', ucum: 's', factor: 1e-3 },
  s: { suffix: '_seconds', ucum: 's', factor: 1 },
  '%': { suffix: '_ratio', ucum: '1', factor: 0.01 },
  '% of CFS periods': { suffix: '_ratio', ucum: '1', factor: 0.01 },
  'req/s': { suffix: '_requests_per_second', ucum: '{request}/s', factor: 1 },
  'core-s': { suffix: '_core_seconds', ucum: '{core}.s', factor: 1 },
  MiB: { suffix: '_bytes', ucum: 'By', factor: 2 ** 20 },
  'MiB/s': { suffix: '_bytes_per_second', ucum: 'By/s', factor: 2 ** 20 },
  '': { suffix: '', ucum: '1', factor: 1 },
};

/**
 * Every figure that a campaign has, measure by measure, and how many trials each cell rests on. The label `bound` says which
 * number of an interval it is; `at_least` stands in place of `estimate` where it is known only as a lower bound.
 */
export function metricFamilies({ cells, settings }: CampaignAnalysis): MetricFamily[] {
  const measured = Object.values(MEASURES as Readonly<Record<string, Measure>>).map((measure) => {
    const unit = BASE_UNITS[measure.unit];
    const points = cells.flatMap((cell) =>
      boundsOf(cellEstimate(cell, measure, settings)).map(([bound, value]) => ({
        labels: { ...labelsOf(cell), bound },
        value: inBaseUnit(value, unit),
      })),
    );
    return { name: snakeCase(measure.key), description: `${measure.title} of a cell over its trials`, unit, points };
  });
  const trials = {
    name: 'trials',
    description: 'trials that the figures of a cell rest on',
    unit: BASE_UNITS[''],
    points: cells.map((cell) => ({ labels: labelsOf(cell), value: cell.trials.length })),
  };
  return [trials, ...measured].filter(({ points }) => points.length > 0);
}

/** What names a cell, in the words of the plan. */
function labelsOf({ experiment, testType, variant, profile }: Cell): Record<string, string> {
  return { experiment, test_type: testType, variant, profile };
}

/** The numbers of an interval that are known, by the name of their bound. */
function boundsOf(interval: Interval | null): [string, number][] {
  if (interval === null || !Number.isFinite(interval.value)) return [];
  const all: [string, number | null][] = [
    [interval.atLeast === true ? 'at_least' : 'estimate', interval.value],
    ['low', interval.low],
    ['high', interval.high],
  ];
  return all.filter((one): one is [string, number] => one[1] !== null && Number.isFinite(one[1]));
}

/** Twelve digits are more than any figure has, and free of what binary fractions add to a product. */
function inBaseUnit(value: number, { factor }: BaseUnit): number {
  return factor === 1 ? value : Number((value * factor).toPrecision(12));
}

function snakeCase(key: string): string {
  return key.replaceAll(/([A-Z])/g, (letter) => `_${letter.toLowerCase()}`);
}
