import { DEFAULT_CONTROLLER_SETTINGS, type ControllerSettings } from '../../lib/kubernetes/horizontal-pod-autoscaler';
import { startControlPlane, type ControlPlane } from './control-plane';
import { ApiClient } from './hpa-parity/api-client';
import { MetricsApi } from './hpa-parity/metrics-api';
import { limitsOf, ScenarioRun } from './hpa-parity/scenario-run';
import { SCENARIOS } from './hpa-parity/scenarios';

jest.setTimeout(480_000);

/** The real defaults, except for what would make the test last for hours. */
const SETTINGS: ControllerSettings = {
  ...DEFAULT_CONTROLLER_SETTINGS,
  syncPeriod: 3200,
  downscaleStabilization: 11_000,
  // Alpha in 1.34: changes nothing for objects without a tolerance of their own.
  configurableTolerance: true,
};

/** Every scenario at once would keep two cores so busy that syncs come late; late syncs prove nothing. */
const AT_ONCE = 48;
/** A gap longer than this, or ages on a limit, and the scenario is played again: where milliseconds decide nothing is proven. */
const LONGEST_GAP = 3800;
/** How far every limit lies from the ages of samples when syncs come in time, milliseconds: syncs are late, and early only when the last was late. */
const MARGINS = { below: 800, above: 1000 };
const ATTEMPTS = 4;

const outcomes = new Map<string, ScenarioRun>();
let controlPlane: ControlPlane;

beforeAll(async () => {
  controlPlane = await startControlPlane({
    nodes: 'none',
    kwok: false,
    crds: false,
    apiServerFlags: ['--feature-gates=HPAConfigurableTolerance=true'],
    controllerManagerFlags: [
      '--feature-gates=HPAConfigurableTolerance=true',
      '--controllers=horizontal-pod-autoscaler-controller',
      `--horizontal-pod-autoscaler-sync-period=${SETTINGS.syncPeriod}ms`,
      `--horizontal-pod-autoscaler-downscale-stabilization=${SETTINGS.downscaleStabilization}ms`,
      '--concurrent-horizontal-pod-autoscaler-syncs=16',
      '--kube-api-qps=2000',
      '--kube-api-burst=4000',
    ],
  });
  const api = new ApiClient(controlPlane);
  const running = new Map<string, ScenarioRun>();
  const metrics = await MetricsApi.start(
    controlPlane,
    api,
    (name) => running.get(name)?.answer(Date.now()) ?? { resource: [], custom: [] },
  );
  try {
    await api.create('/api/v1/namespaces', { metadata: { name: 'parity' } });
    await api.create('/api/v1/namespaces/parity/serviceaccounts', { metadata: { name: 'default' } });
    await metricsAreServed(api);
    const queue = SCENARIOS.map((scenario, index) => ({ scenario, index, attempt: 1 }));
    const player = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const { scenario, index, attempt } = next;
        const run = new ScenarioRun(scenario, `s${index}-${attempt}`, api, SETTINGS);
        running.set(run.name, run);
        await play(run);
        outcomes.set(scenario.name, run);
        if (run.problem && (run.longestGap > LONGEST_GAP || run.isOnALimit) && attempt < ATTEMPTS)
          queue.push({ ...next, attempt: attempt + 1 });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, player));
  } finally {
    await metrics.stop();
    await api.close();
  }
});

afterAll(() => controlPlane?.stop());

/** Plays a scenario to its end; whatever goes wrong becomes its problem. */
async function play(run: ScenarioRun): Promise<void> {
  try {
    await run.begin();
    const deadline = Date.now() + 120_000;
    while (!run.isOver) {
      if (Date.now() > deadline) throw new Error(`only ${run.syncs.length} syncs came within two minutes`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await run.end();
  } catch (error) {
    run.problem ??= error as Error;
  }
}

async function metricsAreServed(api: ApiClient): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      await api.get('/apis/metrics.k8s.io/v1beta1/namespaces/parity/pods');
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

test('at least sixty scenarios are played', () => {
  expect(SCENARIOS.length).toBeGreaterThanOrEqual(60);
  expect(new Set(SCENARIOS.map((scenario) => scenario.name)).size).toBe(SCENARIOS.length);
});

test('no limit lies where milliseconds decide while syncs come in time', () => {
  const near = SCENARIOS.flatMap(({ name, specification }) =>
    limitsOf(specification, SETTINGS)
      .map((limit) => ({ name, limit, after: limit % SETTINGS.syncPeriod }))
      .filter(({ after }) => after < MARGINS.below || SETTINGS.syncPeriod - after < MARGINS.above),
  );
  expect(near).toEqual([]);
});

test('at least sixty of them have Pods, Object or External metrics', () => {
  const custom = SCENARIOS.filter(({ specification }) =>
    specification.metrics?.some(({ type }) => ['Pods', 'Object', 'External'].includes(type)),
  );
  expect(custom.length).toBeGreaterThanOrEqual(60);
});

describe('the autoscaler’s algorithm asks for the same replicas, with the same reasons, as kube-controller-manager at every sync when it', () => {
  test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', (name, scenario) => {
    const run = outcomes.get(name);
    expect(run?.problem).toBeUndefined();
    expect(run?.syncs).toHaveLength(scenario.steps.length);
    expect(run?.syncs.map((sync) => sync.modelled)).toEqual(run?.syncs.map((sync) => sync.real));
  });
});

test('most scenarios change the number of pods, so agreement is not agreement on doing nothing', () => {
  const moving = [...outcomes.values()].filter(({ syncs }) => new Set(syncs.map(({ real }) => real.replicas)).size > 1);
  expect(moving.length).toBeGreaterThan(SCENARIOS.length / 2);
});
