import {
  EXPERIMENTS,
  loadProfile,
  NAMED_PLANS,
  OWN_EXPERIMENTS,
  type NamedPlan,
  scheduledSeconds,
  trialsOfNamedPlan,
  WARM_UP,
} from '../../../experiments/plan';

const plans = Object.entries<NamedPlan>(NAMED_PLANS);

test.each(plans)('%s names rows and loads that its tables have, and takes all that it names', (_, plan) => {
  const trials = trialsOfNamedPlan(plan, 1);
  for (const { experiment, testType, variants, profiles } of plan.parts) {
    const table = [...EXPERIMENTS, ...OWN_EXPERIMENTS].find(
      ({ name, testType: type }) => name === experiment && type === testType,
    );
    expect(table?.variants.map(({ name }) => name)).toEqual(expect.arrayContaining([...variants]));
    expect(table?.profiles).toEqual(expect.arrayContaining([...profiles]));
  }
  const cells = plan.parts.reduce((sum, { variants, profiles }) => sum + variants.length * profiles.length, 0);
  expect(trials).toHaveLength(cells * plan.repetitions);
  expect(new Set(trials.map(({ id }) => id)).size).toBe(trials.length);
});

test.each(plans)(
  'every table that %s repeats holds something to compare, but for what stands alone on purpose',
  (name, plan) => {
    const alone = plan.parts.filter(({ variants }) => variants.length < 2).map(({ variants }) => variants[0]);
    const expected: Readonly<Record<string, string[]>> = {
      ci: ['uor-minimum-1', 'uor-replicas-2'],
      demo: ['fs-replicas-1-1', 'fs-minimum-1'],
    };
    expect(alone).toEqual(expected[name] ?? []);
  },
);

test('the load of the demo takes less than an hour, so that with roll-outs and cool-downs it takes less than four', () => {
  const { demo } = NAMED_PLANS;
  const seconds = trialsOfNamedPlan(demo, 1).reduce(
    (sum, { profile, testType }) =>
      sum + scheduledSeconds(loadProfile(profile, testType, demo.scale)) + WARM_UP.seconds * demo.scale.duration,
    0,
  );
  expect(seconds).toBeLessThan(3600);
});

test('the demo has both test types, all four loads and every factor but the window', () => {
  const trials = trialsOfNamedPlan(NAMED_PLANS.demo, 1);
  const seen = (key: 'testType' | 'profile' | 'experiment') => [...new Set(trials.map((trial) => trial[key]))].sort();
  expect(seen('testType')).toEqual(['fs', 'uor']);
  expect(seen('profile')).toEqual(['average', 'breakpoint', 'spike', 'stress']);
  expect(seen('experiment')).toEqual(['minimum-replicas', 'replica-count', 'resources', 'scale-up-limit']);
  // Order is the plan's own: blocks of one profile and repetition, random within.
  expect(trialsOfNamedPlan(NAMED_PLANS.demo, 2).map(({ id }) => id)).not.toEqual(trials.map(({ id }) => id));
});

test('a plan says that it needs signals exactly where one of its variants does', () => {
  for (const [, plan] of plans) {
    const needs = trialsOfNamedPlan(plan, 1).some(({ variant }) =>
      Object.values(variant.settings).some(
        ({ replicas }) => typeof replicas === 'object' && replicas.signals !== undefined,
      ),
    );
    expect(needs).toBe(plan.needsSignals ?? false);
  }
  expect(plans.some(([, { needsSignals }]) => needsSignals)).toBe(true);
});
