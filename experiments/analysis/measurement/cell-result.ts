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

/** Percentiles of one cell, pooled from the raw samples of its trials, with intervals over trials. */
export interface PooledResult {
  readonly samples: number;
  readonly percentiles: Readonly<Record<PercentileName, Interval | null>>;
  /** Percentiles above which lie so few bursts of slow requests that their intervals hold the truth less often than stated. */
  readonly fewBursts: readonly PercentileName[];
}
