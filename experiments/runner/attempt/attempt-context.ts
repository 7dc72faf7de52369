import type { CampaignFolder, CampaignSettings, GateResult } from '../../campaign';
import type { Trial } from '../../plan';
import type { HostSample, Load, LoadProgress, LoadResult } from '../../workload';
import type { ClockStep } from './clock';
import type { ReplicaObservation } from './ports';

/** States of one attempt, in order. */
export const ATTEMPT_STATES = [
  'select',
  'settle',
  'delay',
  'flowsheet',
  'warm-up',
  'load',
  'remove-flowsheet',
  'remove-delay',
  'cool-down',
  'metrics',
  'judge',
  'store',
] as const;

export type AttemptState = (typeof ATTEMPT_STATES)[number];

/** Every flowsheet of this tool is named so; leftovers of dead runs are found by it. */
export const FLOWSHEET_PREFIX = 'ahuora experiment ';

/** What an attempt needs besides its ports. */
export interface AttemptContext {
  readonly trial: Trial;
  readonly attempt: number;
  readonly folder: CampaignFolder;
  readonly settings: CampaignSettings;
  readonly signal: AbortSignal;
  /** Called once the state is in the journal and before its work begins. */
  entered(state: AttemptState): void;
  progress(progress: LoadProgress): void;
  /** What a person should know while it runs. */
  note?(text: string): void;
  /** What goes on within a state that takes long. */
  detail?(text: string): void;
  /** Called with each verdict as it falls. */
  judged?(verdict: GateResult): void;
  /** Called with every change of the pods. */
  replicas?(observation: ReplicaObservation): void;
}

/** What a load that ran to its end has left. */
export interface Loaded {
  readonly load: Load;
  readonly result: LoadResult;
  readonly host: readonly HostSample[];
  readonly clock: ClockStep;
  /** Milliseconds since the epoch. */
  readonly end: number;
}
