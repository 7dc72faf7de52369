import { expandTrials } from '../../../../experiments/plan';
import { findingsOf } from '../../../../experiments/rehearsal/campaign/findings';
import type { TrialSummary } from '../../../../experiments/rehearsal/campaign/trial-summary';
import { clusterModel } from '../../../../experiments/rehearsal/model/default-model';

const trials = expandTrials(undefined, 1, { variants: ['fs-minimum-4'], profiles: ['spike'] });

/** What became of each trial, if the numbers of pods that were wanted lay within these. */
function neverScales(desired: TrialSummary['desired']) {
  const summaries = trials.map((trial): TrialSummary => ({
    ...{ trial: trial.id, experiment: trial.experiment, testType: trial.testType, profile: trial.profile },
    ...{ variant: trial.variant.name, repetition: trial.repetition, requests: 100, failed: 0, dropped: 0 },
    ...{ within: new Float32Array(0), coreSeconds: 1, aborted: false, endedAt: 240, desired },
    mostPending: { 'django-api': 0, idaes: 0 },
  }));
  return findingsOf(trials, summaries, clusterModel()).filter(({ kind }) => kind === 'never-scales');
}

test('what never scales is a workload, not the variant of which another one does', () => {
  const [finding, ...others] = neverScales({ 'django-api': [4, 4], idaes: [4, 8] });
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    workloads: ['django-api'],
    detail: `In none of ${trials.length} trials did the autoscaler of django-api change the number of pods: django-api at 4 (idaes did scale).`,
  });
  expect(neverScales({ 'django-api': [4, 4], idaes: [4, 4] })).toMatchObject([{ workloads: ['django-api', 'idaes'] }]);
  expect(neverScales({ 'django-api': [4, 5], idaes: [4, 8] })).toEqual([]);
});
