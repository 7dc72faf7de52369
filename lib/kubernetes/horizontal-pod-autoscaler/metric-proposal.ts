import type { ControllerSettings } from './controller-settings';
import { metricKey, type MetricReadings, type PodObservation, type SyncObservation } from './observation';
import type { PodMetricByName } from './pod-groups';
import { milliValue } from '../quantity';
import {
  replicasForAverageValue,
  replicasForUtilization,
  replicasForValue,
  replicasForValuePerPod,
  type PodMetricQuestion,
  type Proposal,
  type Tolerances,
} from './replica-calculation';
import type { MetricSpecification, MetricTarget, ResourceName } from './specification';

/** Proposal of one metric, with the reason the controller puts on the ScalingActive condition when it fails. */
export type MetricProposal = { readonly replicas: number } | { readonly failure: string; readonly reason: string };

/** What every kind of metric is judged by. */
interface Circumstances {
  readonly observation: SyncObservation;
  readonly tolerances: Tolerances;
  readonly settings: ControllerSettings;
}

type MetricOf<Type> = Extract<MetricSpecification, { readonly type: Type }>;

/** Replicas that one entry of `spec.metrics` asks for. Source: `computeReplicasForMetric` of horizontal.go. */
export function proposeReplicas(
  metric: MetricSpecification,
  observation: SyncObservation,
  tolerances: Tolerances,
  settings: ControllerSettings,
): MetricProposal {
  const circumstances = { observation, tolerances, settings };
  switch (metric.type) {
    case 'Resource': {
      const { name, target } = metric.resource;
      return withReason(resourceProposal(circumstances, name, target), 'FailedGetResourceMetric');
    }
    case 'ContainerResource': {
      const { name, container, target } = metric.containerResource;
      return withReason(resourceProposal(circumstances, name, target, container), 'FailedGetContainerResourceMetric');
    }
    case 'Pods':
      return withReason(podsProposal(circumstances, metric), 'FailedGetPodsMetric');
    case 'Object':
      return withReason(objectProposal(circumstances, metric), 'FailedGetObjectMetric');
    case 'External':
      return withReason(externalProposal(circumstances, metric), 'FailedGetExternalMetric');
  }
}

function resourceProposal(
  circumstances: Circumstances,
  name: ResourceName,
  target: MetricTarget,
  container?: string,
): Proposal {
  const { pods, readings } = circumstances.observation;
  if (!readings.resource?.length) return { failure: 'no metrics returned from resource metrics API' };
  const metrics = question(circumstances, podMetrics(readings.resource, name, container), name === 'cpu');
  // Either amount decides, whatever the target's type says (computeStatusForResourceMetricGeneric).
  return target.averageValue !== undefined
    ? replicasForAverageValue(metrics, milliValue(target.averageValue))
    : replicasForUtilization(metrics, () => podRequests(pods, name, container), target.averageUtilization as number);
}

function podsProposal(circumstances: Circumstances, metric: MetricOf<'Pods'>): Proposal {
  const values = Object.entries(circumstances.observation.readings.pods?.[metricKey(metric)] ?? {});
  if (values.length === 0) return { failure: `no metric ${metricKey(metric)}` };
  const metrics = new Map(values.map(([pod, value]) => [pod, { value, timestamp: 0, window: 0 }]));
  const target = milliValue(metric.pods.target.averageValue as string);
  return replicasForAverageValue(question(circumstances, metrics, false), target);
}

function objectProposal(circumstances: Circumstances, metric: MetricOf<'Object'>): Proposal {
  const { target } = metric.object;
  const value = circumstances.observation.readings.object?.[metricKey(metric)];
  // Here the amount must be that of the target's type; the API server lets another one pass (computeStatusForObjectMetric).
  const perPod = target.type === 'AverageValue' && target.averageValue !== undefined;
  if (!perPod && (target.type !== 'Value' || target.value === undefined)) {
    return { failure: `the target of type ${target.type} has no amount of that type` };
  }
  if (value === undefined) return { failure: `no metric ${metricKey(metric)}` };
  return sharedValueProposal(circumstances, value, target, perPod);
}

function externalProposal(circumstances: Circumstances, metric: MetricOf<'External'>): Proposal {
  const values = circumstances.observation.readings.external?.[metricKey(metric)];
  if (!values?.length) return { failure: `no metric ${metricKey(metric)}` };
  const sum = values.reduce((total, value) => total + value, 0);
  // The average comes first, whatever the type says (computeStatusForExternalMetric).
  const { target } = metric.external;
  return sharedValueProposal(circumstances, sum, target, target.averageValue !== undefined);
}

/** One value that all pods share. */
function sharedValueProposal(
  { observation: { statusReplicas, specReplicas, pods }, tolerances }: Circumstances,
  value: number,
  target: MetricTarget,
  perPod: boolean,
): Proposal {
  return perPod
    ? replicasForValuePerPod(statusReplicas, value, milliValue(target.averageValue as string), tolerances)
    : replicasForValue(specReplicas, pods, value, milliValue(target.value as string), tolerances);
}

function question(
  { observation: { specReplicas, pods, now }, tolerances, settings }: Circumstances,
  metrics: PodMetricByName,
  isCpu: boolean,
): PodMetricQuestion {
  return { specReplicas, pods, metrics, isCpu, tolerances, settings, now };
}

function withReason(proposal: Proposal, reason: string): MetricProposal {
  return 'failure' in proposal ? { ...proposal, reason } : proposal;
}

/**
 * A pod counts as measured only if every one of its containers is (or the one container that the metric names).
 * Source: `getPodMetrics` and `getContainerMetrics` of metrics/client.go.
 */
function podMetrics(
  readings: NonNullable<MetricReadings['resource']>,
  resource: ResourceName,
  container: string | undefined,
): PodMetricByName {
  const metrics: PodMetricByName = new Map();
  for (const { pod, timestamp, window, containers } of readings) {
    const usages =
      container === undefined
        ? Object.values(containers).map((usage) => usage[resource])
        : [containers[container]?.[resource]];
    if (usages.length === 0 || usages.includes(undefined)) continue;
    const value = (usages as number[]).reduce((sum, usage) => sum + usage, 0);
    metrics.set(pod, { value, timestamp, window });
  }
  return metrics;
}

/**
 * Request of each pod: of the pod as a whole before the sum over its containers, unless the metric names one. Plain init
 * containers, which raise such a sum to their own request, are not modelled.
 * Source: `calculateRequests`, `calculatePodLevelRequests` and `calculatePodRequestsFromContainers` of replica_calculator.go.
 */
function podRequests(
  pods: readonly PodObservation[],
  resource: ResourceName,
  container: string | undefined,
): Map<string, number> | { readonly failure: string } {
  const requests = new Map<string, number>();
  for (const pod of pods) {
    const hasOwn = container === undefined && Object.keys(pod.podRequests ?? {}).length > 0;
    const request = hasOwn ? wholePodRequest(pod, resource) : containersRequest(pod, resource, container);
    if (typeof request === 'object') return request;
    requests.set(pod.name, request);
  }
  return requests;
}

function wholePodRequest(pod: PodObservation, resource: ResourceName): number | { readonly failure: string } {
  const own = pod.podRequests?.[resource];
  if (own !== undefined) return own;
  const given = Object.values(pod.requests).flatMap((request) => request[resource] ?? []);
  if (given.length === 0) return { failure: `missing pod-level request for ${resource} in Pod ${pod.name}` };
  return given.reduce((sum, request) => sum + request, 0);
}

function containersRequest(
  pod: PodObservation,
  resource: ResourceName,
  container: string | undefined,
): number | { readonly failure: string } {
  let sum = 0;
  for (const [name, request] of Object.entries(pod.requests)) {
    if (container !== undefined && name !== container) continue;
    const value = request[resource];
    if (value === undefined) {
      return { failure: `missing request for ${resource} in container ${name} of Pod ${pod.name}` };
    }
    sum += value;
  }
  return sum;
}
