import type { LabelSelector, MetricIdentifier, MetricSpecification, ResourceName } from './specification';

/** What the controller knows of one pod that the target's selector matches. Times are milliseconds since the epoch. */
export interface PodObservation {
  readonly name: string;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  /** True once `metadata.deletionTimestamp` is set. */
  readonly deleting: boolean;
  /** `status.startTime`, in whole seconds on a real cluster. */
  readonly startTime?: number;
  /** The condition of type Ready; absent before the kubelet has set it. */
  readonly ready?: { readonly status: 'True' | 'False' | 'Unknown'; readonly lastTransitionTime: number };
  /** Requests per container, restartable init containers included, in thousandths (millicores, milli-bytes). */
  readonly requests: Readonly<Record<string, Partial<Record<ResourceName, number>>>>;
  /** `spec.resources.requests` of the pod itself (KEP-2837, on in 1.34), in thousandths. */
  readonly podRequests?: Partial<Record<ResourceName, number>>;
}

/** One item of the resource metrics API (`metrics.k8s.io`, kind PodMetrics). */
export interface PodMetrics {
  readonly pod: string;
  readonly timestamp: number;
  /** Length of the window the usage was averaged over, milliseconds. */
  readonly window: number;
  /** Usage per container, in thousandths; a container without a figure for a resource has been seen but not measured. */
  readonly containers: Readonly<Record<string, Partial<Record<ResourceName, number>>>>;
}

/**
 * What the metrics APIs answer at one sync; an absent entry is a failed request. Readings of custom and external metrics are
 * kept by what `metricKey` says of the metric: two metrics of one name differ by their selector or by their object.
 */
export interface MetricReadings {
  /** `metrics.k8s.io` */
  readonly resource?: readonly PodMetrics[];
  /** `custom.metrics.k8s.io`, one value per pod, in thousandths. */
  readonly pods?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** `custom.metrics.k8s.io`, the described object's value, in thousandths. */
  readonly object?: Readonly<Record<string, number>>;
  /** `external.metrics.k8s.io`, the values of all series, in thousandths. */
  readonly external?: Readonly<Record<string, readonly number[]>>;
}

/** Everything the controller reads in one sync. */
export interface SyncObservation {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** `spec.replicas` of the target's scale. */
  readonly specReplicas: number;
  /** `status.replicas` of the target's scale. */
  readonly statusReplicas: number;
  readonly pods: readonly PodObservation[];
  readonly readings: MetricReadings;
}

type CustomMetric = Extract<MetricSpecification, { type: 'Pods' | 'Object' | 'External' }>;

/**
 * What tells two readings of custom or external metrics apart: name, selector, and an object's kind and name, as the
 * controller's requests have them (`GetRawMetric`, `GetObjectMetric` and `GetExternalMetric` of metrics/client.go).
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
