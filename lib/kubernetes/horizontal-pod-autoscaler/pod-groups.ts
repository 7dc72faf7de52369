import type { ControllerSettings } from './controller-settings';
import type { PodObservation } from './observation';

/** A pod's figure for one metric; `timestamp` and `window` are milliseconds. */
export interface PodMetric {
  readonly value: number;
  readonly timestamp: number;
  readonly window: number;
}

export type PodMetricByName = Map<string, PodMetric>;

export interface PodGroups {
  /** Pods whose figure counts. */
  readonly readyPodCount: number;
  readonly unready: readonly string[];
  readonly missing: readonly string[];
  readonly ignored: readonly string[];
}

/**
 * Sorts the pods by how far their metric may be believed (`groupPods` of replica_calculator.go): deleted and failed ones are
 * left out, pending and initialising ones (CPU alone, {@link isInitialising}) unready, without a metric missing.
 */
export function groupPods(
  pods: readonly PodObservation[],
  metrics: PodMetricByName,
  isCpu: boolean,
  settings: ControllerSettings,
  now: number,
): PodGroups {
  const unready: string[] = [];
  const missing: string[] = [];
  const ignored: string[] = [];
  let readyPodCount = 0;
  for (const pod of pods) {
    const metric = metrics.get(pod.name);
    if (pod.deleting || pod.phase === 'Failed') ignored.push(pod.name);
    else if (pod.phase === 'Pending') unready.push(pod.name);
    else if (!metric) missing.push(pod.name);
    else if (isCpu && isInitialising(pod, metric, settings, now)) unready.push(pod.name);
    else readyPodCount += 1;
  }
  return { readyPodCount, unready, missing, ignored };
}

/**
 * Start-up burns CPU that says nothing about load: within the CPU initialisation period a metric counts only if its window
 * lies after the pod became ready; later, only pods that never were ready are left out (their condition last changed within
 * the initial readiness delay; Unknown counts as ready).
 * Source: `groupPods` of replica_calculator.go, and the flags `--horizontal-pod-autoscaler-cpu-initialization-period` and
 * `-initial-readiness-delay`.
 */
function isInitialising(pod: PodObservation, metric: PodMetric, settings: ControllerSettings, now: number): boolean {
  const { ready, startTime } = pod;
  if (!ready || startTime === undefined) return true;
  const isUnready = ready.status === 'False';
  if (startTime + settings.cpuInitializationPeriod > now) {
    return isUnready || metric.timestamp < ready.lastTransitionTime + metric.window;
  }
  return isUnready && startTime + settings.initialReadinessDelay > ready.lastTransitionTime;
}
