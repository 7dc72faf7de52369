import type { ControllerSettings } from './controller-settings';
import type { PodObservation } from './observation';
import { groupPods, type PodMetricByName } from './pod-groups';

/** How far usage / target may stray from 1 before anything changes, per direction. */
export interface Tolerances {
  readonly scaleUp: number;
  readonly scaleDown: number;
}

/** A proposal for one metric, or the reason why none can be made. */
export type Proposal = { readonly replicas: number } | { readonly failure: string };

/** How a set of pod figures compares with the target. */
interface UsageRule {
  /** usage / target, or undefined where no figure belongs to a known pod. */
  readonly ratio: (metrics: PodMetricByName) => number | undefined;
  /** What a pod without a metric is assumed to use when the others ask for fewer replicas. */
  readonly assumedOnScaleDown: (pod: string) => number;
}

export interface PodMetricQuestion {
  readonly specReplicas: number;
  readonly pods: readonly PodObservation[];
  readonly metrics: PodMetricByName;
  readonly isCpu: boolean;
  readonly tolerances: Tolerances;
  readonly settings: ControllerSettings;
  readonly now: number;
}

/**
 * Replicas for a target utilisation, a whole percentage of the pods' requests: sums are integers (millicores), and the
 * quotient is truncated, so 79.9 % counts as 79 %. A missing pod counts as using all of its request on the way down (or the
 * target, above 100 %).
 * Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details and
 * `GetResourceReplicas` of replica_calculator.go.
 *
 * @param requestsOfPods asked once the metrics are known to be there: a failure of theirs is reported before one of requests
 */
export function replicasForUtilization(
  question: PodMetricQuestion,
  requestsOfPods: () => ReadonlyMap<string, number> | { readonly failure: string },
  targetUtilization: number,
): Proposal {
  const fallback = Math.max(100, targetUtilization);
  return replicasForPodMetric(question, () => {
    const requests = requestsOfPods();
    if ('failure' in requests) return requests;
    return {
      ratio: (metrics) => utilizationRatio(metrics, requests, targetUtilization),
      assumedOnScaleDown: (pod) => truncatedDivision((requests.get(pod) ?? 0) * fallback, 100),
    };
  });
}

/** Source: `GetResourceUtilizationRatio` of metrics/utilization.go. */
function utilizationRatio(
  metrics: PodMetricByName,
  requests: ReadonlyMap<string, number>,
  targetUtilization: number,
): number | undefined {
  let usage = 0;
  let requested = 0;
  for (const [pod, metric] of metrics) {
    const request = requests.get(pod);
    if (request === undefined) continue;
    usage += metric.value;
    requested += request;
  }
  return requested === 0 ? undefined : truncatedDivision(usage * 100, requested) / targetUtilization;
}

/**
 * Replicas for a target value per pod, in thousandths. A missing pod counts as using exactly the target on the way down.
 * Source: `calcPlainMetricReplicas` of replica_calculator.go.
 */
export function replicasForAverageValue(question: PodMetricQuestion, targetValue: number): Proposal {
  return replicasForPodMetric(question, () => ({
    ratio: (metrics) => {
      let usage = 0;
      for (const metric of metrics.values()) usage += metric.value;
      return truncatedDivision(usage, metrics.size) / targetValue;
    },
    assumedOnScaleDown: () => targetValue,
  }));
}

/**
 * ceil(usage / target x pods), every open question decided for the smaller change: missing pods count as idle on the way up
 * and busy on the way down, unready ones as idle on the way up; within the tolerance, or turned round, nothing changes.
 * Source: `GetResourceReplicas` and `calcPlainMetricReplicas` of replica_calculator.go, which share all of this.
 */
function replicasForPodMetric(
  question: PodMetricQuestion,
  ruleOf: () => UsageRule | { readonly failure: string },
): Proposal {
  const { specReplicas, tolerances } = question;
  if (question.pods.length === 0) return { failure: 'no pods returned by selector while calculating replica count' };

  const groups = groupPods(question.pods, question.metrics, question.isCpu, question.settings, question.now);
  const metrics: PodMetricByName = new Map(question.metrics);
  for (const pod of [...groups.ignored, ...groups.unready]) metrics.delete(pod);
  if (metrics.size === 0) {
    return { failure: 'did not receive metrics for targeted pods (pods might be unready)' };
  }

  const rule = ruleOf();
  if ('failure' in rule) return rule;
  const ratio = rule.ratio(metrics);
  if (ratio === undefined) return { failure: 'no metrics returned matched known pods' };

  const scalesUpWithUnready = groups.unready.length > 0 && ratio > 1;
  if (!scalesUpWithUnready && groups.missing.length === 0) {
    if (isWithin(tolerances, ratio)) return { replicas: specReplicas };
    return { replicas: Math.ceil(ratio * groups.readyPodCount) };
  }

  const assume = (pod: string, value: number) => metrics.set(pod, { value, timestamp: 0, window: 0 });
  if (ratio < 1) for (const pod of groups.missing) assume(pod, rule.assumedOnScaleDown(pod));
  if (ratio > 1) for (const pod of groups.missing) assume(pod, 0);
  if (scalesUpWithUnready) for (const pod of groups.unready) assume(pod, 0);

  const cautiousRatio = rule.ratio(metrics) as number;
  if (isWithin(tolerances, cautiousRatio) || turnsRound(ratio, cautiousRatio)) return { replicas: specReplicas };
  const replicas = Math.ceil(cautiousRatio * metrics.size);
  const contradictsRatio =
    (cautiousRatio < 1 && replicas > specReplicas) || (cautiousRatio > 1 && replicas < specReplicas);
  return { replicas: contradictsRatio ? specReplicas : replicas };
}

/**
 * Replicas for one value against a total (`Value`), in thousandths: the ratio scales the ready pods, or is the count itself
 * from zero (KEP-2021).
 * Source: `getUsageRatioReplicaCount` and `getReadyPodsCount` of replica_calculator.go.
 */
export function replicasForValue(
  specReplicas: number,
  pods: readonly PodObservation[],
  value: number,
  target: number,
  tolerances: Tolerances,
): Proposal {
  const ratio = value / target;
  if (specReplicas === 0) return { replicas: Math.ceil(ratio) };
  if (isWithin(tolerances, ratio)) return { replicas: specReplicas };
  if (pods.length === 0) return { failure: 'no pods returned by selector while calculating replica count' };
  const readyPods = pods.filter((pod) => pod.phase === 'Running' && pod.ready?.status === 'True').length;
  return { replicas: Math.ceil(ratio * readyPods) };
}

/**
 * Replicas for one value shared by all pods (`AverageValue`), in thousandths, held within an int32 for objects too.
 * Source: `GetObjectPerPodMetricReplicas` and `GetExternalPerPodMetricReplicas` of replica_calculator.go.
 */
export function replicasForValuePerPod(
  statusReplicas: number,
  value: number,
  targetPerPod: number,
  tolerances: Tolerances,
): Proposal {
  const ratio = value / (targetPerPod * statusReplicas);
  if (isWithin(tolerances, ratio)) return { replicas: statusReplicas };
  return { replicas: Math.min(Math.ceil(value / targetPerPod), 2 ** 31 - 1) };
}

/** Source: `Tolerances.isWithin` of replica_calculator.go; both ends are within. */
function isWithin(tolerances: Tolerances, ratio: number): boolean {
  return 1 - tolerances.scaleDown <= ratio && ratio <= 1 + tolerances.scaleUp;
}

function turnsRound(before: number, after: number): boolean {
  return (before < 1 && after > 1) || (before > 1 && after < 1);
}

/** Integer division as Go's int64 does it, exact beyond 2^53 (memory counts milli-bytes). */
function truncatedDivision(dividend: number, divisor: number): number {
  if (Number.isSafeInteger(dividend)) return Math.trunc(dividend / divisor);
  return Number(BigInt(Math.round(dividend)) / BigInt(divisor));
}
