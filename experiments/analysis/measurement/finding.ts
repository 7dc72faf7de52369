/** What is wrong with the input, in one sentence for the person at the keyboard. */
export class AnalysisError extends Error {}

/** Something found wrong with one trial (or the campaign), named in the report. */
export interface TrialFinding {
  /** Stable name of the kind of problem. */
  readonly kind:
    | 'missing-trial'
    | 'assumed-plan'
    | 'unfinished-trial'
    | 'unreadable-record'
    | 'schema-version'
    | 'missing-file'
    | 'unreadable-file'
    | 'row-count'
    | 'mixed-trial'
    | 'changed-file'
    | 'foreign-trial'
    | 'clock-backwards'
    | 'no-requests'
    | 'all-failed'
    | 'no-timing'
    | 'other-load'
    | 'impossible-figure'
    | 'invalid-trial'
    | 'unknown-variant'
    | 'scaled-load'
    | 'saturated-trial'
    | 'no-metrics'
    | 'no-replicas';
  /** Trial folder; empty for the campaign. */
  readonly trial: string;
  readonly sentence: string;
  /** True where the trial takes no part in any figure. */
  readonly excluded: boolean;
}
