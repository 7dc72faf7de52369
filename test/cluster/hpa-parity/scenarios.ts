import type {
  Behavior,
  HorizontalPodAutoscalerSpecification,
  MetricSpecification,
  ScalingPolicy,
} from '../../../experiments/rehearsal/horizontal-pod-autoscaler';
import type { PodStanding, Scenario, Step } from './scenario';

/**
 * Syncs come every 3 s, so windows and periods are never a multiple of 3 s: a sample's age then lies at least one second
 * from every limit, and no verdict hangs on a few milliseconds.
 */
const STEPS = 12;

const pods = (value: number, periodSeconds: number): ScalingPolicy => ({ type: 'Pods', value, periodSeconds });
const percent = (value: number, periodSeconds: number): ScalingPolicy => ({ type: 'Percent', value, periodSeconds });

function cpuTarget(averageUtilization: number): MetricSpecification {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } };
}

function autoscaler(
  behavior?: Behavior,
  more: Partial<HorizontalPodAutoscalerSpecification> = {},
): HorizontalPodAutoscalerSpecification {
  return { minReplicas: 1, maxReplicas: 12, metrics: [cpuTarget(50)], ...(behavior && { behavior }), ...more };
}

const PROMPT: Behavior = { scaleDown: { stabilizationWindowSeconds: 0 } };

/** The load is shared by the pods: total millicores per step, divided among however many there are. */
const shared = (totals: readonly number[]): Step[] => totals.map((total) => ({ value: total, cpu: -1 }));
const constant = (cpu: number, more: Step = {}): Step[] => Array.from({ length: STEPS }, () => ({ cpu, ...more }));
const repeated = (steps: readonly Step[]): Step[] =>
  Array.from({ length: STEPS }, (_, index) => steps[index % steps.length]);

/** A small deterministic noise, one value per step. */
function noise(seed: number, low: number, high: number): number[] {
  let state = seed;
  return Array.from({ length: STEPS }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.round(low + ((high - low) * state) / 2147483648);
  });
}

const STEP_UP = [40, 40, 300, 300, 300, 300, 300, 300, 300, 300, 300, 300];
const STEP_DOWN = [400, 400, 400, 60, 60, 60, 60, 60, 60, 60, 60, 60];
const RAMP_UP = [40, 80, 120, 160, 200, 240, 280, 320, 360, 400, 440, 480];
const RAMP_DOWN = [...RAMP_UP].reverse();
const PULSE = [100, 100, 500, 500, 100, 100, 100, 500, 500, 100, 100, 100];

const signals: Scenario[] = [
  {
    name: 'follows a step up without behavior',
    initialReplicas: 1,
    specification: autoscaler(),
    steps: shared(STEP_UP),
  },
  {
    name: 'follows a step down after the window of the controller without behavior',
    initialReplicas: 8,
    specification: autoscaler(),
    steps: shared(STEP_DOWN),
  },
  {
    name: 'follows a ramp up without behavior',
    initialReplicas: 1,
    specification: autoscaler(),
    steps: shared(RAMP_UP),
  },
  {
    name: 'follows a ramp down without behavior',
    initialReplicas: 10,
    specification: autoscaler(),
    steps: shared(RAMP_DOWN),
  },
  { name: 'rides pulses without behavior', initialReplicas: 2, specification: autoscaler(), steps: shared(PULSE) },
  {
    name: 'follows noise without behavior',
    initialReplicas: 4,
    specification: autoscaler(),
    steps: shared(noise(7, 80, 420)),
  },
  {
    name: 'follows a step up with an empty behavior',
    initialReplicas: 1,
    specification: autoscaler({}),
    steps: shared(STEP_UP),
  },
  {
    name: 'follows a ramp up with a prompt way down',
    initialReplicas: 1,
    specification: autoscaler(PROMPT),
    steps: shared(RAMP_UP),
  },
  {
    name: 'follows a ramp down with a prompt way down',
    initialReplicas: 10,
    specification: autoscaler(PROMPT),
    steps: shared(RAMP_DOWN),
  },
  {
    name: 'rides pulses with a prompt way down',
    initialReplicas: 2,
    specification: autoscaler(PROMPT),
    steps: shared(PULSE),
  },
  {
    name: 'follows wide noise with a prompt way down',
    initialReplicas: 5,
    specification: autoscaler(PROMPT),
    steps: shared(noise(3, 20, 580)),
  },
  {
    name: 'follows narrow noise around the target',
    initialReplicas: 5,
    specification: autoscaler(PROMPT),
    steps: shared(noise(11, 215, 285)),
  },
];

const tolerance: Scenario[] = [
  { name: 'stays at 110 % of the target', initialReplicas: 4, specification: autoscaler(PROMPT), steps: constant(55) },
  { name: 'grows at 112 % of the target', initialReplicas: 4, specification: autoscaler(PROMPT), steps: constant(56) },
  { name: 'stays at 90 % of the target', initialReplicas: 4, specification: autoscaler(PROMPT), steps: constant(45) },
  {
    name: 'shrinks at 88 % of the target',
    initialReplicas: 10,
    specification: autoscaler(PROMPT),
    steps: constant(44),
  },
  {
    name: 'truncates the utilisation of all pods together, not of each',
    initialReplicas: 3,
    specification: autoscaler(PROMPT),
    steps: repeated([{ cpu: [55, 55, 57] }, { cpu: [56, 56, 56] }, { cpu: [44, 45, 45] }]),
  },
  {
    name: 'takes a target above 100 %',
    initialReplicas: 2,
    specification: autoscaler(PROMPT, { metrics: [cpuTarget(150)] }),
    steps: shared([300, 600, 900, 1200, 900, 600, 300, 150, 150, 600, 600, 300]),
  },
  {
    name: 'has a tolerance of its own on the way up',
    initialReplicas: 4,
    specification: autoscaler({ scaleUp: { tolerance: '300m' }, ...PROMPT }),
    steps: shared([200, 220, 240, 255, 265, 265, 300, 340, 345, 200, 200, 150]),
  },
  {
    name: 'has a tolerance of its own on the way down',
    initialReplicas: 8,
    specification: autoscaler({ scaleDown: { stabilizationWindowSeconds: 0, tolerance: '0.25' } }),
    steps: shared([400, 360, 320, 305, 295, 290, 250, 230, 200, 180, 160, 400]),
  },
  {
    name: 'has no tolerance at all',
    initialReplicas: 4,
    specification: autoscaler({
      scaleUp: { tolerance: '0' },
      scaleDown: { stabilizationWindowSeconds: 0, tolerance: '0' },
    }),
    steps: shared([200, 204, 204, 208, 250, 249, 240, 230, 220, 210, 205, 200]),
  },
  {
    name: 'takes the default metric of 80 % CPU',
    initialReplicas: 2,
    specification: { maxReplicas: 9, behavior: PROMPT },
    steps: shared([160, 400, 400, 700, 700, 300, 300, 80, 80, 80, 400, 400]),
  },
];

const bounds: Scenario[] = [
  {
    name: 'stops at the maximum',
    initialReplicas: 2,
    specification: autoscaler(PROMPT, { maxReplicas: 5 }),
    steps: constant(400),
  },
  {
    name: 'stops at the minimum',
    initialReplicas: 9,
    specification: autoscaler(PROMPT, { minReplicas: 3 }),
    steps: constant(1),
  },
  {
    name: 'comes down from above the maximum at once',
    initialReplicas: 10,
    specification: autoscaler({ scaleDown: { policies: [pods(1, 10)] } }, { maxReplicas: 4 }),
    steps: constant(50),
  },
  {
    name: 'comes up from below the minimum at once',
    initialReplicas: 1,
    specification: autoscaler({ scaleUp: { policies: [pods(1, 10)] } }, { minReplicas: 5 }),
    steps: constant(50),
  },
  {
    name: 'counts the jump to the minimum among its scale-up events',
    initialReplicas: 1,
    specification: autoscaler({ scaleUp: { policies: [pods(2, 10)] } }, { minReplicas: 3 }),
    steps: constant(200),
  },
  {
    name: 'holds a fixed count when minimum equals maximum',
    initialReplicas: 4,
    specification: autoscaler(PROMPT, { minReplicas: 4, maxReplicas: 4 }),
    steps: shared(PULSE),
  },
  {
    name: 'falls to one with no usage at all',
    initialReplicas: 6,
    specification: autoscaler(PROMPT),
    steps: constant(0),
  },
];

const up = (scaleUp: Behavior['scaleUp']): Behavior => ({ scaleUp, ...PROMPT });
const policiesUp: Scenario[] = [
  {
    name: 'adds one pod per 4 s',
    initialReplicas: 1,
    specification: autoscaler(up({ policies: [pods(1, 4)] })),
    steps: constant(300),
  },
  {
    name: 'adds one pod per 10 s',
    initialReplicas: 1,
    specification: autoscaler(up({ policies: [pods(1, 10)] })),
    steps: constant(300),
  },
  {
    name: 'adds three pods per 8 s under a ramp',
    initialReplicas: 1,
    specification: autoscaler(up({ policies: [pods(3, 8)] })),
    steps: shared(RAMP_UP),
  },
  {
    name: 'adds half of the pods per 4 s, rounded up',
    initialReplicas: 1,
    specification: autoscaler(up({ policies: [percent(50, 4)] })),
    steps: constant(300),
  },
  {
    name: 'adds a tenth of the pods per 7 s, rounded up',
    initialReplicas: 3,
    specification: autoscaler(up({ policies: [percent(10, 7)] })),
    steps: constant(200),
  },
  {
    name: 'doubles per 11 s',
    initialReplicas: 1,
    specification: autoscaler(up({ policies: [percent(100, 11)] })),
    steps: constant(250),
  },
  {
    name: 'takes the larger of two policies by default',
    initialReplicas: 2,
    specification: autoscaler(up({ policies: [pods(2, 10), percent(50, 5)] })),
    steps: constant(250),
  },
  {
    name: 'takes the smaller of two policies with Min',
    initialReplicas: 2,
    specification: autoscaler(up({ selectPolicy: 'Min', policies: [pods(2, 10), percent(50, 5)] })),
    steps: constant(250),
  },
  {
    name: 'never grows with Disabled',
    initialReplicas: 3,
    specification: autoscaler(up({ selectPolicy: 'Disabled' })),
    steps: shared(PULSE),
  },
  {
    name: 'reckons policies from the start of a period with removals in it',
    initialReplicas: 6,
    specification: autoscaler(up({ policies: [pods(1, 10)] })),
    steps: shared([300, 100, 500, 500, 100, 500, 500, 100, 500, 500, 500, 500]),
  },
  {
    name: 'adds by a policy under noise',
    initialReplicas: 3,
    specification: autoscaler(up({ policies: [pods(2, 5)] })),
    steps: shared(noise(23, 60, 560)),
  },
];

const down = (scaleDown: Behavior['scaleDown']): Behavior => ({
  scaleDown: { stabilizationWindowSeconds: 0, ...scaleDown },
});
const policiesDown: Scenario[] = [
  {
    name: 'removes one pod per 4 s',
    initialReplicas: 9,
    specification: autoscaler(down({ policies: [pods(1, 4)] })),
    steps: constant(5),
  },
  {
    name: 'removes one pod per 10 s',
    initialReplicas: 9,
    specification: autoscaler(down({ policies: [pods(1, 10)] })),
    steps: constant(5),
  },
  {
    name: 'removes three pods per 8 s down a ramp',
    initialReplicas: 10,
    specification: autoscaler(down({ policies: [pods(3, 8)] })),
    steps: shared(RAMP_DOWN),
  },
  {
    name: 'removes half of the pods per 4 s, truncated',
    initialReplicas: 11,
    specification: autoscaler(down({ policies: [percent(50, 4)] })),
    steps: constant(5),
  },
  {
    name: 'removes a tenth of the pods per 5 s',
    initialReplicas: 12,
    specification: autoscaler(down({ policies: [percent(10, 5)] })),
    steps: constant(5),
  },
  {
    name: 'takes the larger of two scale-down policies by default',
    initialReplicas: 12,
    specification: autoscaler(down({ policies: [pods(4, 10), percent(10, 4)] })),
    steps: constant(5),
  },
  {
    name: 'takes the smaller of two scale-down policies with Min',
    initialReplicas: 12,
    specification: autoscaler(down({ selectPolicy: 'Min', policies: [pods(4, 10), percent(10, 4)] })),
    steps: constant(5),
  },
  {
    name: 'never shrinks with Disabled',
    initialReplicas: 3,
    specification: autoscaler(down({ selectPolicy: 'Disabled' })),
    steps: shared(PULSE),
  },
  {
    name: 'removes by a policy under noise',
    initialReplicas: 8,
    specification: autoscaler(down({ policies: [pods(2, 5)] })),
    steps: shared(noise(5, 40, 520)),
  },
  {
    name: 'limits both directions',
    initialReplicas: 4,
    specification: autoscaler({
      scaleUp: { policies: [pods(1, 4)] },
      scaleDown: { stabilizationWindowSeconds: 5, policies: [percent(25, 4)] },
    }),
    steps: shared(PULSE),
  },
];

const windows: Scenario[] = [
  {
    name: 'holds a peak for a scale-down window of 5 s',
    initialReplicas: 2,
    specification: autoscaler({ scaleDown: { stabilizationWindowSeconds: 5 } }),
    steps: shared(PULSE),
  },
  {
    name: 'holds a peak for a scale-down window of 10 s',
    initialReplicas: 2,
    specification: autoscaler({ scaleDown: { stabilizationWindowSeconds: 10 } }),
    steps: shared(PULSE),
  },
  {
    name: 'holds a peak for a scale-down window of 20 s',
    initialReplicas: 2,
    specification: autoscaler({ scaleDown: { stabilizationWindowSeconds: 20 } }),
    steps: shared(PULSE),
  },
  {
    name: 'takes the scale-down window of the controller where behavior names none',
    initialReplicas: 2,
    specification: autoscaler({ scaleUp: { policies: [pods(4, 4)] } }),
    steps: shared(PULSE),
  },
  {
    name: 'waits out a scale-up window of 4 s',
    initialReplicas: 2,
    specification: autoscaler({ scaleUp: { stabilizationWindowSeconds: 4 }, ...PROMPT }),
    steps: shared(PULSE),
  },
  {
    name: 'waits out a scale-up window of 8 s',
    initialReplicas: 2,
    specification: autoscaler({ scaleUp: { stabilizationWindowSeconds: 8 }, ...PROMPT }),
    steps: shared([100, 500, 500, 500, 500, 500, 100, 500, 500, 500, 500, 500]),
  },
  {
    name: 'has windows in both directions under noise',
    initialReplicas: 4,
    specification: autoscaler({
      scaleUp: { stabilizationWindowSeconds: 5 },
      scaleDown: { stabilizationWindowSeconds: 8 },
    }),
    steps: shared(noise(17, 40, 560)),
  },
  {
    name: 'has windows in both directions on pulses',
    initialReplicas: 4,
    specification: autoscaler({
      scaleUp: { stabilizationWindowSeconds: 7 },
      scaleDown: { stabilizationWindowSeconds: 4 },
    }),
    steps: shared(PULSE),
  },
  {
    name: 'combines a window with a policy on the way down',
    initialReplicas: 10,
    specification: autoscaler({ scaleDown: { stabilizationWindowSeconds: 7, policies: [pods(2, 4)] } }),
    steps: shared(STEP_DOWN),
  },
];

const missingMetrics: Scenario[] = [
  {
    name: 'counts a missing pod as idle on the way up',
    initialReplicas: 4,
    specification: autoscaler(PROMPT),
    steps: constant(80, { missing: [0] }),
  },
  {
    name: 'counts a missing pod as fully used on the way down',
    initialReplicas: 4,
    specification: autoscaler(PROMPT),
    steps: constant(10, { missing: [1] }),
  },
  {
    name: 'stays when missing pods would turn the direction round',
    initialReplicas: 4,
    specification: autoscaler(PROMPT),
    steps: constant(56, { missing: [0, 1, 2] }),
  },
  {
    name: 'counts a missing pod at the target where that is above 100 %',
    initialReplicas: 5,
    specification: autoscaler(PROMPT, { metrics: [cpuTarget(120)] }),
    steps: constant(30, { missing: [0, 2] }),
  },
  {
    name: 'rides pulses with a pod that comes and goes from the metrics',
    initialReplicas: 3,
    specification: autoscaler(PROMPT),
    steps: shared(PULSE).map((step, index) => (index % 3 === 1 ? { ...step, missing: [0] } : step)),
  },
  {
    name: 'does nothing while all metrics are missing',
    initialReplicas: 3,
    specification: autoscaler(PROMPT),
    steps: repeated([{ cpu: 90, missing: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] }, { cpu: 70 }]),
  },
  {
    name: 'does nothing while the metrics API fails',
    initialReplicas: 3,
    specification: autoscaler(PROMPT),
    steps: repeated([{ cpu: 70 }, { api: 'error' }, { api: 'error' }]),
  },
  {
    name: 'does nothing while the metrics API lists nothing',
    initialReplicas: 3,
    specification: autoscaler(PROMPT),
    steps: repeated([{ cpu: 20 }, { api: 'empty' }]),
  },
  {
    name: 'keeps its window over syncs without metrics',
    initialReplicas: 6,
    specification: autoscaler({ scaleDown: { stabilizationWindowSeconds: 8 } }),
    steps: repeated([{ cpu: 40 }, { cpu: 10 }, { api: 'empty' }]),
  },
];

const unsettled = (standing: PodStanding, cpu: number, indices = [0, 1]): Step[] =>
  constant(cpu, { pods: Object.fromEntries(indices.map((index) => [index, standing])) });
const standings: Scenario[] = [
  ...(
    [
      'was-ready',
      'never-ready',
      'just-ready',
      'settled',
      'starting',
      'no-condition',
      'unknown',
      'pending',
      'failed',
      'deleting',
    ] as const
  ).flatMap((standing): Scenario[] => [
    {
      name: `weighs ${standing} pods on the way up`,
      initialReplicas: 5,
      specification: autoscaler(PROMPT),
      steps: unsettled(standing, 90),
    },
    {
      name: `weighs ${standing} pods on the way down`,
      initialReplicas: 7,
      specification: autoscaler(PROMPT),
      steps: unsettled(standing, 20),
    },
  ]),
  {
    name: 'does nothing while no pod may be believed',
    initialReplicas: 2,
    specification: autoscaler(PROMPT),
    steps: repeated([{ cpu: 90, pods: { 0: 'starting', 1: 'pending' } }]),
  },
  {
    name: 'grows less while new pods start',
    initialReplicas: 2,
    specification: autoscaler(PROMPT),
    steps: [
      ...Array.from({ length: 6 }, (): Step => ({ cpu: 90, pods: { 2: 'starting', 3: 'starting', 4: 'pending' } })),
      ...constant(60).slice(6),
    ],
  },
  {
    name: 'has fewer pods than it asks for',
    initialReplicas: 6,
    specification: autoscaler(PROMPT),
    steps: constant(90, { podCount: 3 }),
  },
  {
    name: 'has more pods than it asks for',
    initialReplicas: 3,
    specification: autoscaler(PROMPT),
    steps: constant(90, { podCount: 5 }),
  },
  {
    name: 'mixes missing and unready pods',
    initialReplicas: 6,
    specification: autoscaler(PROMPT),
    steps: constant(110, { missing: [0], pods: { 1: 'starting', 2: 'pending' } }),
  },
];

const memoryTarget = (averageUtilization: number): MetricSpecification => ({
  type: 'Resource',
  resource: { name: 'memory', target: { type: 'Utilization', averageUtilization } },
});
const MIB = 1024 * 1024;
const otherMetrics: Scenario[] = [
  {
    name: 'scales on memory, for which starting pods count',
    initialReplicas: 3,
    specification: autoscaler(PROMPT, { metrics: [memoryTarget(60)] }),
    steps: repeated([{ memory: 90 * MIB, pods: { 0: 'starting' } }, { memory: 60 * MIB }, { memory: 30 * MIB }]),
  },
  {
    name: 'takes the larger proposal of CPU and memory',
    initialReplicas: 3,
    specification: autoscaler(PROMPT, { metrics: [cpuTarget(50), memoryTarget(50)] }),
    steps: repeated([
      { cpu: 80, memory: 20 * MIB },
      { cpu: 20, memory: 70 * MIB },
      { cpu: 20, memory: 20 * MIB },
    ]),
  },
  {
    name: 'scales on an average value of CPU',
    initialReplicas: 3,
    specification: autoscaler(PROMPT, {
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '60m' } } }],
    }),
    steps: shared(PULSE),
  },
  {
    name: 'counts a missing pod at the average value on the way down',
    initialReplicas: 5,
    specification: autoscaler(PROMPT, {
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '60m' } } }],
    }),
    steps: constant(20, { missing: [0, 1] }),
  },
  {
    name: 'sums the containers of a pod',
    initialReplicas: 3,
    sidecar: true,
    specification: autoscaler(PROMPT),
    steps: repeated([
      { cpu: 60, sidecarCpu: 60 },
      { cpu: 30, sidecarCpu: 40 },
      { cpu: 60, sidecarCpu: 1 },
    ]),
  },
  {
    name: 'scales on one container of a pod',
    initialReplicas: 3,
    sidecar: true,
    specification: autoscaler(PROMPT, {
      metrics: [
        {
          type: 'ContainerResource',
          containerResource: {
            name: 'cpu',
            container: 'main',
            target: { type: 'Utilization', averageUtilization: 50 },
          },
        },
      ],
    }),
    steps: repeated([
      { cpu: 90, sidecarCpu: 1 },
      { cpu: 20, sidecarCpu: 90 },
    ]),
  },
];

/** Every scenario that the parity test plays. `value` with `cpu: -1` is a total that the pods share. */
export const SCENARIOS: readonly Scenario[] = [
  ...signals,
  ...tolerance,
  ...bounds,
  ...policiesUp,
  ...policiesDown,
  ...windows,
  ...missingMetrics,
  ...standings,
  ...otherMetrics,
];
