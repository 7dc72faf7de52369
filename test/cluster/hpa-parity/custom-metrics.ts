import {
  metricKey,
  type HorizontalPodAutoscalerSpecification,
  type MetricSpecification,
  type SyncObservation,
} from '../../../lib/kubernetes/horizontal-pod-autoscaler';
import { selectorText } from '../../../lib/kubernetes/horizontal-pod-autoscaler/observation';
import type { Step } from './scenario';

type CustomMetric = Extract<MetricSpecification, { type: 'Pods' | 'Object' | 'External' }>;
type CustomType = CustomMetric['type'];

/** What the custom or external metrics API answers about one metric at one sync. */
export interface CustomAnswer {
  readonly type: CustomType;
  /** As it is asked for. */
  readonly metric: string;
  readonly selector: string;
  /** Name of the described object, where there is one. */
  readonly object?: string;
  /** Value by pod, in thousandths; by a number where no pod is meant. `error` fails the request. */
  readonly values: Readonly<Record<string, number>> | 'error';
}

/**
 * The custom and external metrics of one scenario. Their names and objects get the scenario's own name in front, since a
 * request for them tells nothing else of the scenario.
 */
export class CustomMetrics {
  readonly specification: HorizontalPodAutoscalerSpecification;
  private readonly metrics: readonly { readonly written: string; readonly placed: CustomMetric }[];

  constructor(specification: HorizontalPodAutoscalerSpecification, scenario: string) {
    const placed = specification.metrics?.map((metric) => placedIn(scenario, metric));
    this.specification = { ...specification, ...(placed && { metrics: placed }) };
    this.metrics = (specification.metrics ?? []).flatMap((metric, index) => {
      const other = placed?.[index];
      return isCustom(metric) && other && isCustom(other) ? [{ written: metricKey(metric), placed: other }] : [];
    });
  }

  /** What the APIs answer in a step; metrics that the step leaves out are unknown to them. */
  answers(
    { custom = {}, missing = [] }: Step,
    pods: readonly { readonly index: number; readonly name: string }[],
  ): CustomAnswer[] {
    return this.metrics.flatMap(({ written, placed }): CustomAnswer[] => {
      const given = custom[written];
      if (given === undefined) return [];
      const about = identityOf(placed);
      if (given === 'error') return [{ ...about, values: 'error' }];
      if (placed.type !== 'Pods') {
        const series = typeof given === 'number' ? [given] : given;
        return [{ ...about, values: Object.fromEntries(series.map((value, index) => [String(index), value])) }];
      }
      const measured = pods.filter(({ index }) => !missing.includes(index));
      const value = (index: number) => (typeof given === 'number' ? given : given[index % given.length]);
      return [{ ...about, values: Object.fromEntries(measured.map(({ index, name }) => [name, value(index)])) }];
    });
  }

  /** The same answers as the model reads them. */
  readings(answers: readonly CustomAnswer[]): SyncObservation['readings'] {
    const pods: Record<string, Record<string, number>> = {};
    const object: Record<string, number> = {};
    const external: Record<string, number[]> = {};
    for (const { placed } of this.metrics) {
      const key = metricKey(placed);
      const about = JSON.stringify(identityOf(placed));
      const values = answers.find(({ values: _, ...identity }) => JSON.stringify(identity) === about)?.values;
      if (values === undefined || values === 'error') continue;
      if (placed.type === 'Pods') pods[key] = values;
      else if (placed.type === 'Object') object[key] = Object.values(values)[0];
      else external[key] = Object.values(values);
    }
    return { pods, object, external };
  }
}

function isCustom(metric: MetricSpecification): metric is CustomMetric {
  return metric.type === 'Pods' || metric.type === 'Object' || metric.type === 'External';
}

function placedIn(scenario: string, metric: MetricSpecification): MetricSpecification {
  if (metric.type === 'Object') {
    const { describedObject } = metric.object;
    const name = `${scenario}.${describedObject.name}`;
    return { ...metric, object: { ...metric.object, describedObject: { ...describedObject, name } } };
  }
  if (metric.type !== 'External') return metric;
  const identifier = metric.external.metric;
  return {
    ...metric,
    external: { ...metric.external, metric: { ...identifier, name: `${scenario}.${identifier.name}` } },
  };
}

function identityOf(metric: CustomMetric): Omit<CustomAnswer, 'values'> {
  const { name, selector } =
    metric.type === 'Pods'
      ? metric.pods.metric
      : metric.type === 'Object'
        ? metric.object.metric
        : metric.external.metric;
  return {
    type: metric.type,
    metric: name,
    selector: selectorText(selector),
    ...(metric.type === 'Object' && { object: metric.object.describedObject.name }),
  };
}
