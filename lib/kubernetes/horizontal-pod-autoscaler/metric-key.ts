import type { LabelSelector, MetricIdentifier, MetricSpecification } from './specification';

type CustomMetric = Extract<MetricSpecification, { type: 'Pods' | 'Object' | 'External' }>;

/**
 * What tells two readings of `custom.metrics.k8s.io` or `external.metrics.k8s.io` apart: the metric's name, its selector, and
 * for an object its kind and name, as the controller puts them into its requests (`GetRawMetric`, `GetObjectMetric` and
 * `GetExternalMetric` of metrics/client.go). Readings are kept by it.
 */
export function metricKey(metric: CustomMetric): string {
  switch (metric.type) {
    case 'Pods':
      return identified(metric.pods.metric);
    case 'Object': {
      const { kind, name } = metric.object.describedObject;
      return `${kind}/${name} ${identified(metric.object.metric)}`;
    }
    case 'External':
      return identified(metric.external.metric);
  }
}

function identified({ name, selector }: MetricIdentifier): string {
  const text = selectorText(selector);
  return text === '' ? name : `${name}{${text}}`;
}

/**
 * A label selector in the form that requests carry it in, requirements sorted by key.
 * Source: `LabelSelectorAsSelector` of apimachinery's meta/v1 and `Requirement.String` of its labels.
 */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): string {
  const requirements = [
    ...Object.entries(matchLabels).map(([key, value]) => [key, `${key}=${value}`] as const),
    ...matchExpressions.map((expression) => [expression.key, expressionText(expression)] as const),
  ];
  return requirements
    .sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
    .map(([, text]) => text)
    .join(',');
}

function expressionText({ key, operator, values = [] }: NonNullable<LabelSelector['matchExpressions']>[number]) {
  switch (operator) {
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    case 'In':
    case 'NotIn':
      return `${key} ${operator === 'In' ? 'in' : 'notin'} (${[...values].sort().join(',')})`;
  }
}
