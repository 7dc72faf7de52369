import type { TestType, ProfileName } from '../../plan';
import type { PercentileName } from './settings';
import type { Interval } from '../statistics/mean-interval';

/** What names one cell of the plan: one variant under one profile, with its repeated trials. */
export interface CellKey {
  readonly experiment: string;
  readonly testType: TestType;
  readonly variant: string;
  readonly profile: ProfileName;
}

export function cellId({ experiment, testType, variant, profile }: CellKey): string {
  return `${experiment}.${testType}.${variant}.${profile}`;
}

/** Response times of one cell, pooled from the raw samples of its trials, with intervals over trials; milliseconds. */
export interface PooledResult {
  readonly samples: number;
  /** Null where the samples are too few to hold one above the percentile. */
  readonly percentiles: Readonly<Record<PercentileName, Interval | null>>;
  readonly mean: Interval | null;
  /** Percentiles counted from the scheduled start. */
  readonly fromSchedule: Readonly<Record<PercentileName, number>>;
  /** Response time at each share of {@link SPECTRUM}, to the maximum. */
  readonly spectrum: readonly number[];
}
