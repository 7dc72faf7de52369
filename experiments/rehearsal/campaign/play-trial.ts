import type { LoadScale, Trial } from '../../plan';
import { simulateTrial, type TrialSetup } from '../trial/trial-simulation';
import { writeTrial } from './trial-files';
import { summariseTrial, toTrialRecord, type TrialSummary } from './trial-summary';

/** One piece of work for a thread; plain data, so that it can be sent to one. */
export interface TrialTask {
  readonly trial: Trial;
  readonly input: TrialSetup;
  /** Start on the rehearsal's own clock, seconds. */
  readonly startedAt: number;
  readonly scale: LoadScale;
  /** Campaign folder; absent where only the figures are wanted. */
  readonly folder?: string;
}

/** Plays one trial, writes its files if asked to, and returns its figures. */
export function playTrial(task: TrialTask): TrialSummary {
  const result = simulateTrial(task.input);
  if (task.folder !== undefined)
    writeTrial(task.folder, toTrialRecord(task.trial, task.input, result, task.startedAt, task.scale), result);
  return summariseTrial(task.trial, result);
}
