import { groupBy } from '../../../lib/primitives/group-by';
import { loadProfile, type WorkloadName, type WorkloadSettings } from '../../plan';
import type { SystemModel } from '../model/system-model';
import { SampleOutcome } from '../trial/sample-table';
import { simulateTrial } from '../trial/trial-simulation';
import { baseModel, calibrated, type Calibration } from './calibrated-model';
import type { MeasuredTrial } from './measured-trial';
import { meanOutcome, outcomeOf, type TrialOutcome } from './outcome';

export interface Prediction {
  readonly trial: string;
  readonly experiment: string;
  readonly testType: string;
  readonly variant: string;
  readonly profile: string;
  readonly predicted: TrialOutcome;
  readonly measured: TrialOutcome;
}

/** Plays what a measured trial ran, and puts both outcomes side by side. */
export function predictTrial(trial: MeasuredTrial, model: SystemModel, seed: number): Prediction {
  const { record, variant } = trial;
  if (!variant)
    throw new Error(`The plan has no variant ${record.variant}: was ${record.trial} run by another commit?`);
  const profile = loadProfile(record.profile, record.testType, record.scale);
  const settings = model.gateway ? asRequested(variant.settings, model) : onOneMachine(variant.settings);
  const { samples, rows, replicas, endedAt } = simulateTrial({
    id: record.trial,
    testType: record.testType,
    settings,
    profile,
    model,
    seed,
  });
  const times: number[] = [];
  for (let row = 0; row < rows; row++) {
    if (samples.outcome[row] === SampleOutcome.Success) times.push(samples.responseTime(row));
  }
  return {
    trial: record.trial,
    experiment: record.experiment,
    testType: record.testType,
    variant: record.variant,
    profile: record.profile,
    predicted: outcomeOf({
      times,
      requests: rows,
      seconds: Math.min(endedAt, record.scheduledSeconds),
      replicas,
      settings,
    }),
    measured: outcomeOf({
      times: trial.responseMs,
      requests: trial.requests,
      seconds: trial.loadSeconds,
      replicas: trial.replicas,
      settings,
    }),
  };
}

/** The means of a cell's trials: percentiles of a single short trial scatter more than what a model is held to. */
export interface CellPrediction {
  readonly experiment: string;
  readonly testType: string;
  readonly variant: string;
  readonly profile: string;
  readonly trials: readonly Prediction[];
  readonly predicted: TrialOutcome;
  readonly measured: TrialOutcome;
}

/** Predictions of the same variant and profile of an experiment put together, in the order in which they first appear. */
export function cellsOf(predictions: readonly Prediction[]): CellPrediction[] {
  const cells = groupBy(predictions, ({ experiment, variant, profile }) => `${experiment} ${variant} ${profile}`);
  return [...cells.values()].map((trials) => {
    const [{ experiment, testType, variant, profile }] = trials;
    return {
      ...{ experiment, testType, variant, profile, trials },
      predicted: meanOutcome(trials.map(({ predicted }) => predicted)),
      measured: meanOutcome(trials.map(({ measured }) => measured)),
    };
  });
}

/** Plays of a trial whose mean is its prediction: in one play phases of scrapes and syncs are as random as they were when it was measured. */
const PLAYS = 10;

/** Plays every one of these trials with the calibrated model, and puts each cell's means side by side. */
export function predictCells(trials: readonly MeasuredTrial[], calibration: Calibration): CellPrediction[] {
  const model = calibrated(baseModel(calibration), calibration);
  const seeds = (index: number) => Array.from({ length: PLAYS }, (_, play) => 1 + index * PLAYS + play);
  return cellsOf(
    trials.map((trial, index) => {
      const plays = seeds(index).map((seed) => predictTrial(trial, model, seed));
      return { ...plays[0], predicted: meanOutcome(plays.map(({ predicted }) => predicted)) };
    }),
  );
}

/** Relative error of a prediction: 0.1 means 10 % too high. */
export function relativeError(predicted: number, measured: number): number {
  return (predicted - measured) / measured;
}

/** What pods ask for where the plan's CPU requests are fitted to a smaller machine. */
function asRequested(settings: Readonly<Record<WorkloadName, WorkloadSettings>>, { requestedShare = 1 }: SystemModel) {
  const fitted = (one: WorkloadSettings): WorkloadSettings => ({
    ...one,
    cpuMillicores: Math.max(1, Math.round(one.cpuMillicores * requestedShare)),
  });
  return { 'django-api': fitted(settings['django-api']), idaes: fitted(settings.idaes) };
}

/** Local trials have no scheduler and no autoscaler: a process for each replica, whatever it would request. */
function onOneMachine(settings: Readonly<Record<WorkloadName, WorkloadSettings>>) {
  const still = ({ replicas, ...rest }: WorkloadSettings): WorkloadSettings => ({
    ...rest,
    cpuMillicores: 1,
    memoryMiB: 1,
    replicas: typeof replicas === 'number' ? replicas : replicas.minReplicas,
  });
  return { 'django-api': still(settings['django-api']), idaes: still(settings.idaes) };
}
