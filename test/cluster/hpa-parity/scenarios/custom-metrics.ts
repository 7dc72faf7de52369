import type { Behavior, MetricSpecification } from '../../../../lib/kubernetes/horizontal-pod-autoscaler';
import type { LabelSelector, MetricTarget } from '../../../../lib/kubernetes/horizontal-pod-autoscaler/specification';
import type { Scenario, Step } from '../scenario';
import { autoscaler, pods as podsPolicy, PROMPT } from './building-blocks';

export const average = (averageValue: string): MetricTarget => ({ type: 'AverageValue', averageValue });
export const total = (value: string): MetricTarget => ({ type: 'Value', value });

export const podsMetric = (
  averageValue: string,
  name = 'in-flight',
  matchLabels?: Record<string, string>,
): MetricSpecification => ({
  type: 'Pods',
  pods: { metric: { name, ...(matchLabels && { selector: { matchLabels } }) }, target: average(averageValue) },
});

export const objectMetric = (
  target: MetricTarget,
  object = 'api',
  name = 'requests',
  selector?: LabelSelector,
): MetricSpecification => ({
  type: 'Object',
  object: {
    describedObject: { apiVersion: 'v1', kind: 'Service', name: object },
    metric: { name, ...(selector && { selector }) },
    target,
  },
});

export const externalMetric = (
  target: MetricTarget,
  name = 'queue',
  selector?: LabelSelector,
): MetricSpecification => ({
  type: 'External',
  external: { metric: { name, ...(selector && { selector }) }, target },
});

/** How each kind of metric is asked for, and under which key a step states its value. The target is 10 in all of them. */
export const KINDS: readonly (readonly [string, MetricSpecification, string])[] = [
  ['pods’ own figures', podsMetric('10'), 'in-flight'],
  ['an object’s value against a total', objectMetric(total('10')), 'Service/api requests'],
  ['an object’s value shared by the pods', objectMetric(average('10')), 'Service/api requests'],
  ['external series against a total', externalMetric(total('10')), 'queue'],
  ['external series shared by the pods', externalMetric(average('10')), 'queue'],
];

/** One step for each value of the metric, in whole units. */
const valued = (key: string, values: readonly (number | 'error' | 'absent')[], more: Step = {}): Step[] =>
  values.map((value) => ({
    ...more,
    ...(value !== 'absent' && { custom: { [key]: value === 'error' ? value : Math.round(value * 1000) } }),
  }));

const NOISE = [4, 11.2, 30, 9.1, 0, 52, 10.9, 25];

interface Situation {
  readonly what: string;
  readonly initialReplicas: number;
  readonly behavior?: Behavior;
  readonly values: readonly (number | 'error' | 'absent')[];
  readonly more?: Step;
}

/** Each of them is met by each kind of metric. */
const SITUATIONS: readonly Situation[] = [
  { what: 'that rise and fall', initialReplicas: 2, behavior: PROMPT, values: [10, 25, 40, 80, 30, 12, 6, 3] },
  { what: 'that jump about, without a behaviour', initialReplicas: 3, values: NOISE },
  {
    what: 'around the tolerance',
    initialReplicas: 3,
    behavior: PROMPT,
    values: [10.9, 11, 11.001, 9, 8.999, 9.1, 33, 27.1],
  },
  {
    what: 'within wide tolerances of its own',
    initialReplicas: 4,
    behavior: {
      scaleUp: { tolerance: '500m' },
      scaleDown: { tolerance: '300m', stabilizationWindowSeconds: 0 },
    },
    values: [14, 15, 15.1, 8, 7, 6.9, 58, 30],
  },
  {
    what: 'without any tolerance',
    initialReplicas: 3,
    behavior: { scaleUp: { tolerance: '0' }, scaleDown: { tolerance: '0', stabilizationWindowSeconds: 0 } },
    values: [10.001, 10, 9.999, 30, 30.5, 29.9, 20, 40],
  },
  {
    what: 'that fail, vanish and come back, for which pods are kept',
    initialReplicas: 4,
    behavior: PROMPT,
    values: [20, 'error', 5, 'absent', 'absent', 'error', 60, 2],
  },
  {
    what: 'while one pod is starting, one failed and one is deleted',
    initialReplicas: 5,
    behavior: PROMPT,
    values: [20, 9, 30, 30, 4, 60, 4, 4],
    more: { pods: { 0: 'starting', 1: 'failed', 2: 'deleting' } },
  },
  {
    what: 'with pods pending and unready, one added at a time',
    initialReplicas: 4,
    behavior: { scaleUp: { policies: [podsPolicy(1, 11)] }, ...PROMPT },
    values: [50, 50, 50, 50, 8, 5, 40, 40],
    more: { pods: { 0: 'pending', 1: 'was-ready' } },
  },
  {
    what: 'of zero and of many',
    initialReplicas: 2,
    behavior: PROMPT,
    values: [0, 0, 100_000, 100_000, 0, 0.001, 1000, 0],
  },
  {
    what: 'while the scale lags behind',
    initialReplicas: 4,
    behavior: PROMPT,
    values: [44, 20, 22, 11, 90, 36, 5, 44],
    more: { statusReplicas: 2 },
  },
];

/** Pods, Object and External metrics by themselves. */
export const customMetrics: Scenario[] = KINDS.flatMap(([kind, metric, key]) =>
  SITUATIONS.map(({ what, initialReplicas, behavior, values, more }): Scenario => ({
    name: `follows ${kind} ${what}`,
    initialReplicas,
    specification: autoscaler(behavior, { metrics: [metric] }),
    steps: valued(key, values, more),
  })),
);
