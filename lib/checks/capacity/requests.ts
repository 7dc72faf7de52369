import { hostNamesIn } from '../objects/host-names';
import { isPlaced } from '../objects/kinds';
import { replicasOf } from '../policy/workloads';
import { nodesOf } from '../policy/storage';
import type { PodTemplate } from '../objects/pod-template';
import { toMebibytes, toMillicores } from '../../kubernetes/quantity';
import type { Scope } from '../objects/scope';
import { claimsOf, volumesFor } from '../objects/volumes';

/** What one pod asks for. */
export interface PodRequest {
  readonly cpuMillicores: number;
  readonly memoryMiB: number;
}

/**
 * What the scheduler counts for a pod: the sum of its containers, or the largest init container where that is more
 * (Kubernetes documentation, "Init containers", "Resource sharing within containers"); sidecars add to both.
 */
export function requestOf(pod: PodTemplate): PodRequest {
  const requests = pod.containers.map(({ spec, isInit }) => ({
    cpuMillicores: toMillicores(spec.resources?.requests?.cpu ?? spec.resources?.limits?.cpu),
    memoryMiB: toMebibytes(spec.resources?.requests?.memory ?? spec.resources?.limits?.memory),
    startsFirst: isInit && spec.restartPolicy !== 'Always',
  }));
  const together = (field: keyof PodRequest) =>
    sum(requests.filter((request) => !request.startsFirst).map((request) => request[field]));
  const first = (field: keyof PodRequest) =>
    Math.max(0, ...requests.filter((request) => request.startsFirst).map((request) => request[field]));
  return {
    cpuMillicores: Math.max(together('cpuMillicores'), first('cpuMillicores')),
    memoryMiB: Math.max(together('memoryMiB'), first('memoryMiB')),
  };
}

/** Pods of a template at the least and at the most. A task counts as one run; a DaemonSet has one on each node. */
export function podsOf(scope: Scope, pod: PodTemplate, nodes: number): { min: number; max: number } {
  const { at } = pod;
  if (isPlaced(at, 'DaemonSet')) return { min: nodes, max: nodes };
  if (isPlaced(at, 'CronJob')) return { min: 0, max: at.object.spec?.jobTemplate?.spec?.parallelism ?? 1 };
  if (isPlaced(at, 'Job')) return { min: 0, max: at.object.spec?.parallelism ?? 1 };
  if (isPlaced(at, 'Pod')) return { min: 1, max: 1 };
  return replicasOf(scope, at);
}

/** Labels that a node must have for the pod: its nodeSelector, and the node of the local volumes it mounts. */
export function nodeLabelsFor(
  scope: Scope,
  pod: PodTemplate,
): { labels: Record<string, string>; hosts?: readonly string[] } {
  const labels: Record<string, string> = { ...pod.spec.nodeSelector };
  const hosts = [...affinityHosts(pod), ...volumeHosts(scope, pod)];
  return hosts.length > 0
    ? { labels, hosts: hosts.reduce((a, b) => a.filter((host) => b.includes(host))) }
    : { labels };
}

function affinityHosts(pod: PodTemplate): string[][] {
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const hosts = hostNamesIn(required?.nodeSelectorTerms);
  return hosts.length > 0 ? [hosts] : [];
}

function volumeHosts(scope: Scope, pod: PodTemplate): string[][] {
  const hosts = claimsOf(scope, pod).map((claim) => volumesFor(scope, claim).flatMap((volume) => nodesOf(volume)));
  return hosts.filter((list) => list.length > 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
