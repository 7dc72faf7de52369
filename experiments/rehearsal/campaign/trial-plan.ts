import {
  chosenExperiments,
  refuseUnknownNames,
  expandTrials,
  FULL_SCALE,
  loadOfTrial,
  type LoadScale,
  type Trial,
  type TrialFilter,
  type WorkloadName,
  type WorkloadSettings,
} from '../../plan';
import { defaultModel } from '../model/default-model';
import type { SystemModel } from '../model/system-model';
import type { TrialSetup } from '../trial/trial-simulation';

/** How a rehearsal departs from the plan: functions that take a model or settings and return changed ones. */
export interface Departure {
  readonly model: (model: SystemModel) => SystemModel;
  readonly settings: (settings: WorkloadSettings, workload: WorkloadName) => WorkloadSettings;
  /** Multiplies the plan's rates; generator limits grow with it, so that the generator is not what breaks. */
  readonly load: number;
}

export const AS_PLANNED: Departure = { model: (model) => model, settings: (settings) => settings, load: 1 };

/** The trials of the plan that a filter lets through, in their order; experiments of our own have to be named. */
export function plannedTrials(seed: number, filter: TrialFilter): Trial[] {
  refuseUnknownNames(filter);
  return expandTrials(chosenExperiments(filter), seed, filter);
}

/** What the simulation needs to play one trial of the plan. */
export function trialInput(
  trial: Trial,
  seed: number,
  departure: Departure = AS_PLANNED,
  scale: LoadScale = FULL_SCALE,
): TrialSetup {
  const model = departure.model(defaultModel(trial.variant.site));
  const planned = loadOfTrial(trial, seed, model.arrivals, { ...scale, rate: scale.rate * departure.load });
  const { abortAboveVirtualUsers, ...load } = planned;
  return {
    id: trial.id,
    testType: trial.testType,
    settings: {
      'django-api': settingsAt(trial, 'django-api', departure),
      idaes: settingsAt(trial, 'idaes', departure),
    },
    profile: {
      ...load,
      ...(abortAboveVirtualUsers !== undefined && {
        abortAboveVirtualUsers: Math.round(abortAboveVirtualUsers * Math.max(1, departure.load)),
      }),
    },
    model: {
      ...model,
      generator: {
        ...model.generator,
        maxVirtualUsers: Math.round(model.generator.maxVirtualUsers * Math.max(1, departure.load)),
      },
    },
    seed,
  };
}

function settingsAt({ variant }: Trial, workload: WorkloadName, departure: Departure): WorkloadSettings {
  const settings = departure.settings(variant.settings[workload], workload);
  // Docker Compose has no autoscaler: one container of each.
  return variant.site === 'compose' ? { ...settings, replicas: 1 } : settings;
}
