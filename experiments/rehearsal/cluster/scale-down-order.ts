import type { Pod } from './pod';

/**
 * The order in which a ReplicaSet gives up pods. Ages count by powers of two.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset and KEP-2185.
 */
export function scaleDownOrder(pods: readonly Pod[], now: number): Pod[] {
  const neighbours = (pod: Pod) =>
    pods.filter((other) => other.node !== undefined && other.node === pod.node && other.isReady).length;
  return [...pods].sort(
    (one, other) =>
      Number(one.node !== undefined) - Number(other.node !== undefined) ||
      Number(one.isReady) - Number(other.isReady) ||
      neighbours(other) - neighbours(one) ||
      logarithmicAge(one.readyChanged, now) - logarithmicAge(other.readyChanged, now) ||
      logarithmicAge(one.createdAt, now) - logarithmicAge(other.createdAt, now) ||
      one.lot - other.lot,
  );
}

/** Whole power of two of the age in nanoseconds; the youngest have the lowest. */
function logarithmicAge(since: number | undefined, now: number): number {
  const nanoseconds = (now - (since ?? now)) * 1e9;
  return nanoseconds <= 0 ? -1 : Math.floor(Math.log2(nanoseconds));
}
