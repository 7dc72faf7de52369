import { loadProfile, type WorkloadName, type WorkloadSettings } from '../../plan';
import { percentile } from '../campaign/trial-summary';
import type { SystemModel } from '../model/system-model';
import { Outcome } from '../trial/sample-table';
import { simulateTrial } from '../trial/trial-simulation';
import type { MeasuredTrial } from './measured-trial';

/** Percentiles of the response time, milliseconds, and the share of failed requests. */
export interface Figures {
  readonly p50: number;
  readonly p95: number;
  readonly failed: number;
}

export interface Prediction {
  readonly trial: string;
  readonly variant: string;
  readonly profile: string;
  readonly predicted: Figures;
  readonly measured: Figures;
}

/** Plays what a measured trial ran, and puts both outcomes side by side. */
export function predictTrial(trial: MeasuredTrial, model: SystemModel, seed: number): Prediction {
  const { record, variant } = trial;
  if (!variant)
    throw new Error(`The plan has no variant ${record.variant}: was ${record.trial} run by another commit?`);
  const profile = loadProfile(record.profile, record.testType, record.scale);
  const { samples, rows } = simulateTrial({
    id: record.trial,
    testType: record.testType,
    settings: model.gateway ? asRequested(variant.settings, model) : onOneMachine(variant.settings),
    profile,
    model,
    seed,
  });
  const times: number[] = [];
  for (let row = 0; row < rows; row++) {
    if (samples.outcome[row] === Outcome.Success) times.push(samples.responseTime(row));
  }
  return {
    trial: record.trial,
    variant: record.variant,
    profile: record.profile,
    predicted: figures(times, rows),
    measured: figures(trial.responseMs, trial.requests),
  };
}

/** The means of a cell's trials: percentiles of a single short trial scatter more than what a model is held to. */
export interface CellPrediction {
  readonly variant: string;
  readonly profile: string;
  readonly trials: number;
  readonly predicted: Figures;
  readonly measured: Figures;
}

/** Predictions of the same variant and profile put together, in the order in which they first appear. */
export function cellsOf(predictions: readonly Prediction[]): CellPrediction[] {
  const cells = new Map<string, Prediction[]>();
  for (const prediction of predictions) {
    const key = `${prediction.variant} ${prediction.profile}`;
    cells.set(key, [...(cells.get(key) ?? []), prediction]);
  }
  return [...cells.values()].map((cell) => ({
    variant: cell[0].variant,
    profile: cell[0].profile,
    trials: cell.length,
    predicted: meanFigures(cell.map(({ predicted }) => predicted)),
    measured: meanFigures(cell.map(({ measured }) => measured)),
  }));
}

function meanFigures(figures: readonly Figures[]): Figures {
  const mean = (field: keyof Figures) => figures.reduce((sum, one) => sum + one[field], 0) / figures.length;
  return { p50: mean('p50'), p95: mean('p95'), failed: mean('failed') };
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

function figures(times: readonly number[], requests: number): Figures {
  const sorted = Float64Array.from(times).sort();
  return {
    p50: sorted.length > 0 ? percentile(sorted, 0.5) : NaN,
    p95: sorted.length > 0 ? percentile(sorted, 0.95) : NaN,
    failed: requests === 0 ? 0 : 1 - times.length / requests,
  };
}
