import type { MetricSpecification } from '../../../../lib/kubernetes/horizontal-pod-autoscaler';
import type { Scenario } from '../scenario';
import { autoscaler, constant, cpuTarget, PROMPT } from './building-blocks';
import { average, externalMetric, KINDS, objectMetric, podsMetric, total } from './custom-metrics';

const thousandths = (value: number) => Math.round(value * 1000);

/** CPU at 50 % beside a metric of each kind: the larger proposal counts, and a failure of either forbids scaling down only. */
const withCpu: Scenario[] = KINDS.map(([kind, metric, key]) => ({
  name: `takes the larger proposal of CPU and of ${kind}, either of which may fail`,
  initialReplicas: 3,
  specification: autoscaler(PROMPT, { metrics: [cpuTarget(50), metric] }),
  steps: [
    { cpu: 90, custom: { [key]: thousandths(5) } },
    { cpu: 20, custom: { [key]: thousandths(70) } },
    { cpu: 20, custom: { [key]: thousandths(3) } },
    { cpu: 10 },
    { cpu: 90 },
    { api: 'error', custom: { [key]: thousandths(2) } },
    { api: 'error', custom: { [key]: thousandths(110) } },
    { cpu: 10, custom: { [key]: 'error' } },
  ],
}));

const bySelector: Scenario[] = [
  {
    name: 'tells two external metrics of one name apart by their selectors',
    initialReplicas: 2,
    specification: autoscaler(PROMPT, {
      metrics: ['solve', 'mail'].map((queue) => externalMetric(average('10'), 'queue', { matchLabels: { queue } })),
    }),
    steps: [
      { custom: { 'queue{queue=solve}': [20_000, 15_000], 'queue{queue=mail}': 5000 } },
      { custom: { 'queue{queue=solve}': 5000, 'queue{queue=mail}': 70_000 } },
      { custom: { 'queue{queue=solve}': 5000 } },
      { custom: { 'queue{queue=mail}': 90_000 } },
      { custom: { 'queue{queue=solve}': 5000, 'queue{queue=mail}': 8000 } },
    ],
  },
  {
    name: 'tells external metrics apart by expressions of their selectors',
    initialReplicas: 2,
    specification: autoscaler(PROMPT, {
      metrics: [
        externalMetric(average('10'), 'queue', {
          matchLabels: { zone: 'a' },
          matchExpressions: [{ key: 'method', operator: 'In', values: ['PUT', 'POST'] }],
        }),
        externalMetric(average('10'), 'queue', { matchExpressions: [{ key: 'old', operator: 'DoesNotExist' }] }),
      ],
    }),
    steps: [
      { custom: { 'queue{method in (POST,PUT),zone=a}': 40_000, 'queue{!old}': 10_000 } },
      { custom: { 'queue{method in (POST,PUT),zone=a}': 4000, 'queue{!old}': 66_000 } },
      { custom: { 'queue{method in (POST,PUT),zone=a}': 4000, 'queue{!old}': 6000 } },
    ],
  },
  {
    name: 'tells two objects of one metric apart',
    initialReplicas: 2,
    specification: autoscaler(PROMPT, {
      metrics: [objectMetric(average('10'), 'api'), objectMetric(average('10'), 'solver')],
    }),
    steps: [
      { custom: { 'Service/api requests': 50_000, 'Service/solver requests': 10_000 } },
      { custom: { 'Service/api requests': 10_000, 'Service/solver requests': 90_000 } },
      { custom: { 'Service/api requests': 10_000 } },
      { custom: { 'Service/api requests': 10_000, 'Service/solver requests': 30_000 } },
    ],
  },
  {
    name: 'tells two metrics of the pods apart by their selectors',
    initialReplicas: 2,
    specification: autoscaler(PROMPT, {
      metrics: [podsMetric('10', 'in-flight', { method: 'GET' }), podsMetric('10', 'in-flight', { method: 'POST' })],
    }),
    steps: [
      { custom: { 'in-flight{method=GET}': 20_000, 'in-flight{method=POST}': 1000 } },
      { custom: { 'in-flight{method=GET}': 5000, 'in-flight{method=POST}': 15_000 } },
      { custom: { 'in-flight{method=GET}': 5000, 'in-flight{method=POST}': 5000 } },
    ],
  },
];

const particular: Scenario[] = [
  {
    name: 'weighs the pods of a custom metric that differ, with some of them missing',
    initialReplicas: 4,
    specification: autoscaler(PROMPT, { metrics: [podsMetric('10')] }),
    steps: [
      { custom: { 'in-flight': [20_000, 0, 30_000, 5000] }, missing: [1] },
      { custom: { 'in-flight': [4000, 6000] }, missing: [0, 2] },
      { custom: { 'in-flight': [4000, 6000] } },
      { custom: { 'in-flight': [25_001, 1, 9999] }, missing: [3] },
      { custom: { 'in-flight': 0 }, missing: [0] },
      { custom: { 'in-flight': 40_000 }, missing: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
    ],
  },
  {
    name: 'adds up many external series',
    initialReplicas: 2,
    specification: autoscaler(PROMPT, { metrics: [externalMetric(total('100'))] }),
    steps: [
      { custom: { queue: [10_001, 20_002, 90_000, 1] } },
      { custom: { queue: [5000] } },
      { custom: { queue: [] } },
      { custom: { queue: [250_000, 250_000] } },
      { custom: { queue: [30_000, 70_000] } },
    ],
  },
  {
    // The API server lets this target pass, and the controller then asks for no metric: CPU makes the sync visible.
    name: 'refuses an object whose target has another type than its amount',
    initialReplicas: 3,
    specification: autoscaler(PROMPT, {
      metrics: [cpuTarget(50), objectMetric({ type: 'Value', averageValue: '10' })],
    }),
    steps: [20, 90, 40, 10].map((cpu) => ({ cpu, custom: { 'Service/api requests': 1000 } })),
  },
  {
    name: 'takes the external average whatever the type says',
    initialReplicas: 2,
    specification: autoscaler(PROMPT, { metrics: [externalMetric({ type: 'Value', averageValue: '10' })] }),
    steps: [30, 55, 8, 90].map((value) => ({ custom: { queue: thousandths(value) } })),
  },
  {
    name: 'scales on fractions of a unit',
    initialReplicas: 2,
    specification: autoscaler(PROMPT, { metrics: [externalMetric(average('667m'))] }),
    steps: [0.667, 1.4, 2.001, 8.004, 0.1].map((value) => ({ custom: { queue: thousandths(value) } })),
  },
  {
    name: 'reads a floor of replicas from a metric, above which CPU decides',
    initialReplicas: 1,
    specification: autoscaler(PROMPT, { metrics: [cpuTarget(50), externalMetric(average('1'), 'floor')] }),
    steps: [1, 1, 4, 4, 4, 6, 1, 1].map((floor, index) => ({
      cpu: [20, 50, 10, 10, 90, 10, 10, 10][index],
      custom: { floor: thousandths(floor) },
    })),
  },
];

const POD_REQUEST = 400;
const onWholePods = (metrics: readonly MetricSpecification[], name: string): Scenario => ({
  name,
  initialReplicas: 3,
  sidecar: true,
  podCpuRequest: POD_REQUEST,
  specification: autoscaler(PROMPT, { metrics }),
  steps: [300, 100, 190, 250, 60].flatMap((cpu) => constant(cpu, { sidecarCpu: 10 }).slice(0, 2)),
});

const wholePods: Scenario[] = [
  onWholePods([cpuTarget(50)], 'compares with what the pod requests as a whole'),
  onWholePods(
    [
      {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'main', target: { type: 'Utilization', averageUtilization: 50 } },
      },
    ],
    'compares one container with its own request where the pod requests as a whole too',
  ),
  onWholePods(
    [{ type: 'Resource', resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 50 } } }],
    'sums what containers request of a resource that the pod does not request as a whole',
  ),
];

/** More than one metric, metrics told apart, and what is particular to one kind. */
export const severalMetrics: Scenario[] = [...withCpu, ...bySelector, ...particular, ...wholePods];
