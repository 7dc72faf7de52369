import {
  DEFAULT_CONTROLLER_SETTINGS,
  HorizontalPodAutoscaler,
  metricKey,
  type HorizontalPodAutoscalerSpecification,
  type MetricSpecification,
  type PodObservation,
  type SyncObservation,
} from '../../../../lib/kubernetes/horizontal-pod-autoscaler';
import type { LabelSelector } from '../../../../lib/kubernetes/horizontal-pod-autoscaler/specification';

const NOW = Date.UTC(2026, 0, 1);
const REQUEST = 500;

function readyPod(index: number, change: Partial<PodObservation> = {}): PodObservation {
  return {
    name: `pod-${index}`,
    phase: 'Running',
    deleting: false,
    startTime: NOW - 3_600_000,
    ready: { status: 'True', lastTransitionTime: NOW - 3_500_000 },
    requests: { main: { cpu: REQUEST } },
    ...change,
  };
}

/** What the controller sees when each of `count` pods uses `cpu` millicores. */
function observe(count: number, cpu: number, now = NOW, pods = Array.from({ length: count }, (_, i) => readyPod(i))) {
  const observation: SyncObservation = {
    now,
    specReplicas: count,
    statusReplicas: count,
    pods,
    readings: {
      resource: pods.map(({ name }) => ({
        pod: name,
        timestamp: now,
        window: 15_000,
        containers: { main: { cpu } },
      })),
    },
  };
  return observation;
}

function autoscaler(more: Partial<HorizontalPodAutoscalerSpecification> = {}): HorizontalPodAutoscaler {
  return new HorizontalPodAutoscaler({
    minReplicas: 1,
    maxReplicas: 10,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
    ...more,
  });
}

describe('the algorithm of the HorizontalPodAutoscaler', () => {
  test.each([
    ['doubles at twice the target', 2, 500, 4],
    ['stays within the tolerance of 10 %', 3, 275, 3],
    ['grows just beyond it', 3, 280, 4],
    ['rounds up', 3, 340, 5],
    ['does not exceed the maximum', 6, 500, 10],
  ])('%s', (_, count, cpu, expected) => {
    expect(autoscaler({ behavior: {} }).sync(observe(count, cpu)).replicas).toBe(expected);
  });

  test('without behavior at most doubles, or goes to four', () => {
    expect(autoscaler().sync(observe(1, 5000)).replicas).toBe(4);
    const three = autoscaler().sync(observe(3, 5000));
    expect(three).toMatchObject({ replicas: 6, scalingLimited: 'ScaleUpLimit' });
  });

  test('with an empty behavior adds the larger of four pods and 100 % per 15 s', () => {
    const one = autoscaler({ behavior: {} });
    expect(one.sync(observe(1, 5000)).replicas).toBe(5);
    expect(one.sync(observe(5, 5000, NOW + 14_000)).replicas).toBe(5);
    expect(one.sync(observe(5, 5000, NOW + 15_000)).replicas).toBe(10);
  });

  test('holds the highest recommendation of the default 300 s before it scales down', () => {
    const one = autoscaler({ behavior: {} });
    one.sync(observe(8, 250));
    expect(one.sync(observe(8, 20, NOW + 299_000))).toMatchObject({ replicas: 8, ableToScale: 'ScaleDownStabilized' });
    expect(one.sync(observe(8, 20, NOW + 300_000))).toMatchObject({ replicas: 1, rescaled: true });
  });

  test('a pod within the initialisation period whose metric is older than its readiness counts as idle on the way up', () => {
    const young = readyPod(1, {
      startTime: NOW - 20_000,
      ready: { status: 'True', lastTransitionTime: NOW - 10_000 },
    });
    const pods = [readyPod(0), young];
    expect(autoscaler().sync(observe(2, 500, NOW, pods)).replicas).toBe(2);
    const settled = { ...young, ready: { status: 'True' as const, lastTransitionTime: NOW - 15_000 } };
    expect(autoscaler().sync(observe(2, 500, NOW, [readyPod(0), settled])).replicas).toBe(4);
  });

  test('a tolerance of its own counts only with the feature gate', () => {
    const specification: HorizontalPodAutoscalerSpecification = {
      maxReplicas: 10,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
      behavior: { scaleUp: { tolerance: '500m' } },
    };
    const gate = (configurableTolerance: boolean) =>
      new HorizontalPodAutoscaler(specification, { ...DEFAULT_CONTROLLER_SETTINGS, configurableTolerance });
    expect(gate(false).sync(observe(4, 325)).replicas).toBe(6);
    expect(gate(true).sync(observe(4, 325)).replicas).toBe(4);
  });

  test('says why it does nothing without metrics, requests or pods', () => {
    const failures = [
      { ...observe(2, 100), readings: {} },
      observe(2, 100, NOW, [readyPod(0, { requests: { main: {} } })]),
      { ...observe(2, 100), pods: [] },
    ].map((observation) => autoscaler().sync(observation));
    expect(failures.map(({ failure }) => failure)).toEqual([
      'no metrics returned from resource metrics API',
      'missing request for cpu in container main of Pod pod-0',
      'no pods returned by selector while calculating replica count',
    ]);
    for (const { replicas, scalingActive } of failures) {
      expect([replicas, scalingActive]).toEqual([2, 'FailedGetResourceMetric']);
    }
  });

  test('of several metrics the largest proposal wins, and a failed one forbids scaling down only', () => {
    const external = (name: string) =>
      ({
        type: 'External',
        external: { metric: { name }, target: { type: 'AverageValue', averageValue: '10' } },
      }) as const;
    const pair = () =>
      autoscaler({
        behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
        metrics: [external('queue'), external('lag')],
      });
    const reading = (values: Record<string, number[]>): SyncObservation => ({
      ...observe(4, 0),
      readings: { external: values },
    });
    expect(pair().sync(reading({ queue: [50_000], lag: [70_000] })).replicas).toBe(7);
    expect(pair().sync(reading({ queue: [70_000] })).replicas).toBe(7);
    expect(pair().sync(reading({ queue: [10_000] })).replicas).toBe(4);
    expect(pair().sync(reading({ queue: [10_000], lag: [20_000] })).replicas).toBe(2);
  });

  test('scales on a value per pod, and on an object against a total', () => {
    const perPod = autoscaler({
      metrics: [
        { type: 'Pods', pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '10' } } },
      ],
    });
    const values = { 'pod-0': 15_000, 'pod-1': 25_000 };
    expect(perPod.sync({ ...observe(2, 0), readings: { pods: { rps: values } } }).replicas).toBe(4);
    const object = autoscaler({
      metrics: [
        {
          type: 'Object',
          object: {
            describedObject: { kind: 'Service', name: 'main' },
            metric: { name: 'rps' },
            target: { type: 'Value', value: '100' },
          },
        },
      ],
    });
    expect(object.sync({ ...observe(3, 0), readings: { object: { 'Service/main rps': 130_000 } } }).replicas).toBe(4);
  });

  test('a pod’s own request counts before its containers’, but not for a metric of one container', () => {
    const pods = [0, 1].map((index) => readyPod(index, { podRequests: { cpu: 2 * REQUEST } }));
    expect(autoscaler({ behavior: {} }).sync(observe(2, 500, NOW, pods)).replicas).toBe(2);
    const container: MetricSpecification = {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'main', target: { type: 'Utilization', averageUtilization: 50 } },
    };
    expect(autoscaler({ behavior: {}, metrics: [container] }).sync(observe(2, 500, NOW, pods)).replicas).toBe(4);
    // Of a resource that the pod does not request as a whole, its containers' requests are summed, and one may have none.
    const memoryOnly = [0, 1].map((index) =>
      readyPod(index, { podRequests: { memory: 1 }, requests: { main: { cpu: REQUEST }, sidecar: {} } }),
    );
    expect(autoscaler({ behavior: {} }).sync(observe(2, 500, NOW, memoryOnly)).replicas).toBe(4);
    const none = [readyPod(0, { podRequests: { memory: 1 }, requests: { main: {} } })];
    expect(autoscaler().sync(observe(1, 500, NOW, none)).failure).toBe(
      'missing pod-level request for cpu in Pod pod-0',
    );
  });

  test('a failure of metrics is reported before one of requests', () => {
    const starting = readyPod(0, { phase: 'Pending', requests: { main: {} } });
    expect(autoscaler().sync(observe(1, 100, NOW, [starting])).failure).toBe(
      'did not receive metrics for targeted pods (pods might be unready)',
    );
  });

  test('two metrics of one name are two metrics where their selectors or objects differ', () => {
    const external = (queue: string): MetricSpecification => ({
      type: 'External',
      external: {
        metric: { name: 'queue', selector: { matchLabels: { queue } } },
        target: { type: 'AverageValue', averageValue: '10' },
      },
    });
    const object = (name: string): MetricSpecification => ({
      type: 'Object',
      object: {
        describedObject: { kind: 'Service', name },
        metric: { name: 'rps' },
        target: { type: 'AverageValue', averageValue: '10' },
      },
    });
    const replicas = (metrics: MetricSpecification[], readings: SyncObservation['readings']) =>
      autoscaler({ behavior: {}, metrics }).sync({ ...observe(2, 0), readings }).replicas;
    const queues = { external: { 'queue{queue=solve}': [30_000], 'queue{queue=mail}': [50_000] } };
    expect(replicas([external('solve')], queues)).toBe(3);
    expect(replicas([external('solve'), external('mail')], queues)).toBe(5);
    const services = { object: { 'Service/api rps': 40_000, 'Service/solver rps': 60_000 } };
    expect(replicas([object('api')], services)).toBe(4);
    expect(replicas([object('solver'), object('api')], services)).toBe(6);
  });

  test('a selector is written as requests carry it, whatever its order', () => {
    const metric = (selector: LabelSelector): MetricSpecification & { type: 'External' } => ({
      type: 'External',
      external: { metric: { name: 'queue', selector }, target: { type: 'Value', value: '1' } },
    });
    const selector: LabelSelector = {
      matchLabels: { zone: 'a', app: 'api' },
      matchExpressions: [
        { key: 'method', operator: 'NotIn', values: ['PUT', 'GET'] },
        { key: 'code', operator: 'Exists' },
        { key: 'old', operator: 'DoesNotExist' },
      ],
    };
    expect(metricKey(metric(selector))).toBe('queue{app=api,code,method notin (GET,PUT),!old,zone=a}');
    expect(metricKey(metric({}))).toBe('queue');
  });

  const amount = { type: 'AverageValue', averageValue: '4' } as const;
  test.each<[string, unknown, string]>([
    [
      'a resource without an amount',
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization' } } },
      'spec.metrics[0].resource.target: has no amount; write averageUtilization or averageValue.',
    ],
    [
      'a total for what is counted per pod',
      { type: 'Pods', pods: { metric: { name: 'rps' }, target: { type: 'Value', value: '4' } } },
      'spec.metrics[0].pods.target: has no amount; write averageValue.',
    ],
    [
      'two amounts at once',
      { type: 'External', external: { metric: { name: 'q' }, target: { ...amount, value: '4' } } },
      'spec.metrics[0].external.target: has both value and averageValue; leave one of them.',
    ],
    [
      'an amount of zero',
      { type: 'External', external: { metric: { name: 'q' }, target: { ...amount, averageValue: '0' } } },
      'spec.metrics[0].external.target.averageValue: "0" is not a quantity above 0; write one such as 4 or 500m.',
    ],
    [
      'no target at all',
      { type: 'Pods', pods: { metric: { name: 'rps' } } },
      'spec.metrics[0].pods: has no target; write what to compare the metric with.',
    ],
    [
      'a type that there is not',
      { type: 'Queue', queue: {} },
      'spec.metrics[0].type: "Queue" is no type of metric; write one of Resource, ContainerResource, Pods, Object, External.',
    ],
  ])('refuses %s', (_, metric, message) => {
    expect(() => autoscaler({ metrics: [metric as MetricSpecification] })).toThrow(new Error(message));
  });

  test('refuses a tolerance below zero or that is no quantity', () => {
    for (const tolerance of ['-50m', 'much']) {
      expect(() => autoscaler({ behavior: { scaleDown: { tolerance } } })).toThrow(
        `spec.behavior.scaleDown.tolerance: "${tolerance}" is not a quantity of 0 or more`,
      );
    }
  });
});
