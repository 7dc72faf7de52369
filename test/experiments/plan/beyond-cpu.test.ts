import {
  chosenExperiments,
  EXPERIMENTS,
  expandTrials,
  halfBusyRate,
  OWN_EXPERIMENTS,
  type Autoscaling,
  type Experiment,
} from '../../../experiments/plan';
import { planOf } from '../../../experiments/campaign';

const named = (name: string, testType: string): Experiment =>
  OWN_EXPERIMENTS.find((one) => one.name === name && one.testType === testType)!;

describe('experiments of our own', () => {
  it('are marked, and have names that no table of the specification has', () => {
    expect(OWN_EXPERIMENTS.every(({ own, needs, reason }) => own && needs && reason)).toBe(true);
    expect(EXPERIMENTS.some(({ own, needs }) => own !== undefined || needs !== undefined)).toBe(false);
    const theirs = EXPERIMENTS.flatMap(({ name, variants }) => [name, ...variants.map((variant) => variant.name)]);
    const ours = OWN_EXPERIMENTS.flatMap(({ name, variants }) => [name, ...variants.map((variant) => variant.name)]);
    expect(theirs.filter((name) => ours.includes(name))).toEqual([]);
  });

  it('are planned where an experiment or a variant is named, and nowhere else', () => {
    expect(chosenExperiments()).toEqual(EXPERIMENTS);
    const trials = expandTrials(chosenExperiments({ experiments: ['signal'] }), 1, { experiments: ['signal'] });
    expect([...new Set(trials.map(({ testType, profile }) => `${testType} ${profile}`))].sort()).toEqual([
      'fs breakpoint',
      'fs spike',
      'uor breakpoint',
      'uor spike',
    ]);
    expect(trials).toHaveLength(2 * 6 * 2 * 3);
    const filter = { variants: ['fs-schedule-lead-60s'] };
    expect(expandTrials(chosenExperiments(filter), 1, filter)).toHaveLength(2 * 3);
  });

  it('are in the plan that a campaign of theirs stores, and in no other', () => {
    const trials = expandTrials(chosenExperiments({ experiments: ['tolerance'] }), 1, { experiments: ['tolerance'] });
    const stored = planOf(trials).experiments.filter(({ own }) => own !== undefined);
    expect(stored.map(({ name, testType }) => `${name} ${testType}`)).toEqual(['tolerance uor', 'tolerance fs']);
    expect(stored[0]!.variants[3]!.settings['django-api'].replicas).toMatchObject({ tolerancePercent: 20 });
    expect(planOf(expandTrials()).experiments.filter(({ own }) => own !== undefined)).toEqual([]);
  });

  it('try the signals by themselves and together, for every workload that is loaded', () => {
    const signalsOf = (experiment: Experiment) =>
      experiment.variants.map(({ settings }) => (settings['django-api'].replicas as Autoscaling).signals);
    expect(signalsOf(named('signal', 'uor'))).toEqual([
      undefined,
      [{ kind: 'in-flight', perPod: 0.5 }],
      [{ kind: 'in-flight', perPod: 4 }],
      [{ kind: 'in-flight', perPod: 8 }],
      [{ kind: 'request-rate', perPod: 17 }],
      ['cpu', { kind: 'in-flight', perPod: 4 }],
    ]);
    const rates = named('signal', 'fs').variants.map(({ settings }) =>
      (['django-api', 'idaes'] as const).map((workload) => (settings[workload].replicas as Autoscaling).signals),
    );
    expect(rates[4]).toEqual([[{ kind: 'request-rate', perPod: 6.7 }], [{ kind: 'request-rate', perPod: 0.74 }]]);
  });

  it('take for a rate what keeps a pod half busy', () => {
    // 30 ms a retrieval: one pod answers 33 in a second. 750 ms a solve, nine tenths of them the solver's.
    expect(halfBusyRate('uor', 'django-api')).toBe(17);
    expect(halfBusyRate('fs', 'idaes')).toBe(0.74);
  });
});
