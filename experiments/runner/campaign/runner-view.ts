import type { GateResult, TrialRecord } from '../../campaign';
import type { Trial } from '../../plan';
import type { LoadProgress } from '../../workload';
import type { AttemptState } from '../attempt/attempt-context';
import type { ReplicaObservation } from '../attempt/ports';
import type { NextAttempt } from './queue';

/** Shows a run to a person. Each call follows the journal entry that it tells of. */
export interface RunnerView {
  begun(trials: readonly Trial[], remaining: readonly Trial[]): void;
  entered(next: NextAttempt, state: AttemptState): void;
  progress(next: NextAttempt, progress: LoadProgress): void;
  stored(record: TrialRecord, remaining: readonly Trial[]): void;
  note(text: string): void;
  close(): void;
  /** What goes on within a state that takes long, such as packages that are installed. */
  detail?(text: string): void;
  /** A verdict of the attempt that runs. */
  judged?(verdict: GateResult): void;
  replicas?(observation: ReplicaObservation): void;
}

/** Several views of one run. */
export class Views implements RunnerView {
  constructor(private readonly views: readonly RunnerView[]) {}

  begun(...what: Parameters<RunnerView['begun']>): void {
    for (const view of this.views) view.begun(...what);
  }

  entered(...what: Parameters<RunnerView['entered']>): void {
    for (const view of this.views) view.entered(...what);
  }

  progress(...what: Parameters<RunnerView['progress']>): void {
    for (const view of this.views) view.progress(...what);
  }

  stored(...what: Parameters<RunnerView['stored']>): void {
    for (const view of this.views) view.stored(...what);
  }

  note(text: string): void {
    for (const view of this.views) view.note(text);
  }

  close(): void {
    for (const view of this.views) view.close();
  }

  detail(text: string): void {
    for (const view of this.views) view.detail?.(text);
  }

  judged(verdict: GateResult): void {
    for (const view of this.views) view.judged?.(verdict);
  }

  replicas(observation: ReplicaObservation): void {
    for (const view of this.views) view.replicas?.(observation);
  }
}
