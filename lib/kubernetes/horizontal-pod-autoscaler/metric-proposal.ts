import type { ControllerSettings } from './controller-settings';
import type { MetricReadings, PodObservation, SyncObservation } from './observation';
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

/** Replicas that one entry of `spec.metrics` asks for. */
export function proposeReplicas(
  metric: MetricSpecification,
  observation: SyncObservation,
  tolerances: Tolerances,
  settings: ControllerSettings,
): MetricProposal {
  const { readings, pods, specReplicas, statusReplicas, now } = observation;
  const question = (metrics: PodMetricByName, isCpu: boolean): PodMetricQuestion => ({
    specReplicas,
    pods,
    metrics,
    isCpu,
    tolerances,
    settings,
    now,
  });
  const resource = (name: ResourceName, target: MetricTarget, container?: string): Proposal => {
    if (!readings.resource?.length) return { failure: 'no metrics returned from resource metrics API' };
    const metrics = podMetrics(readings.resource, name, container);
    if (target.averageValue !== undefined) {
      return replicasForAverageValue(question(metrics, name === 'cpu'), milliValue(target.averageValue));
    }
    const requests = podRequests(pods, name, container);
    if ('failure' in requests) {
      // The controller looks at metrics first, so a failure there is the one that is reported.
      const proposal = replicasForUtilization(question(metrics, name === 'cpu'), new Map(), 1);
      return 'failure' in proposal && !proposal.failure.startsWith('no metrics returned matched') ? proposal : requests;
    }
    return replicasForUtilization(question(metrics, name === 'cpu'), requests, target.averageUtilization as number);
  };

  switch (metric.type) {
    case 'Resource':
      return withReason(resource(metric.resource.name, metric.resource.target), 'FailedGetResourceMetric');
    case 'ContainerResource': {
      const { name, container, target } = metric.containerResource;
      return withReason(resource(name, target, container), 'FailedGetContainerResourceMetric');
    }
    case 'Pods': {
      const values = readings.pods?.[metric.pods.metric.name];
      if (!values) return { failure: `no metric ${metric.pods.metric.name}`, reason: 'FailedGetPodsMetric' };
      const metrics = new Map(Object.entries(values).map(([pod, value]) => [pod, { value, timestamp: 0, window: 0 }]));
      const target = milliValue(metric.pods.target.averageValue as string);
      return withReason(replicasForAverageValue(question(metrics, false), target), 'FailedGetPodsMetric');
    }
    case 'Object': {
      const value = readings.object?.[metric.object.metric.name];
      if (value === undefined) {
        return { failure: `no metric ${metric.object.metric.name}`, reason: 'FailedGetObjectMetric' };
      }
      return withReason(single(value, metric.object.target), 'FailedGetObjectMetric');
    }
    case 'External': {
      const values = readings.external?.[metric.external.metric.name];
      if (!values?.length) {
        return { failure: `no metric ${metric.external.metric.name}`, reason: 'FailedGetExternalMetric' };
      }
      const sum = values.reduce((total, value) => total + value, 0);
      return withReason(single(sum, metric.external.target), 'FailedGetExternalMetric');
    }
  }

  function single(value: number, target: MetricTarget): Proposal {
    return target.averageValue !== undefined
      ? replicasForValuePerPod(statusReplicas, value, milliValue(target.averageValue), tolerances)
      : replicasForValue(specReplicas, pods, value, milliValue(target.value as string), tolerances);
  }
}

function withReason(proposal: Proposal, reason: string): MetricProposal {
  return 'failure' in proposal ? { ...proposal, reason } : proposal;
}

/** A pod counts as measured only if every one of its containers is (or the one container that the metric names). */
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

/** Request of each pod: the sum over its containers, or the named container's; a container without one is an error. */
function podRequests(
  pods: readonly PodObservation[],
  resource: ResourceName,
  container: string | undefined,
): Map<string, number> | { readonly failure: string } {
  const requests = new Map<string, number>();
  for (const pod of pods) {
    let sum = 0;
    for (const [name, request] of Object.entries(pod.requests)) {
      if (container !== undefined && name !== container) continue;
      const value = request[resource];
      if (value === undefined) {
        return { failure: `missing request for ${resource} in container ${name} of Pod ${pod.name}` };
      }
      sum += value;
    }
    requests.set(pod.name, sum);
  }
  return requests;
}
