import type { LooseObject } from '../fixtures/loose';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readBuiltFolder } from '../../lib/kubernetes/built-folder';
import type { KubernetesObject } from '../../lib/kubernetes/object';

export { parseObjects } from '../../lib/kubernetes/built-folder';

const DIST = join(__dirname, '..', '..', 'dist');

/**
 * The objects of one tree of `dist/`, such as `platform` or `workloads/production`.
 *
 * @throws Error when the tree is not there or has no object.
 */
export function readTree(directory: string): LooseObject[] {
  return readBuiltFolder(DIST, directory);
}

/** Names of the workload variants in `dist/workloads`. */
export function variantNames(): string[] {
  return readdirSync(join(DIST, 'workloads'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'base')
    .map((entry) => entry.name)
    .sort();
}

/** `<kind>/<name>`, with the namespace where there is one. */
export function nameOf(object: KubernetesObject): string {
  const { name, namespace } = object.metadata;
  return namespace ? `${object.kind} ${namespace}/${name}` : `${object.kind} ${name}`;
}

/** The objects in the order of Argo CD: by sync wave, within a wave by kind as its sync engine orders kinds, then by name. */
export function inSyncOrder(objects: readonly KubernetesObject[]): KubernetesObject[][] {
  const waves = new Map<number, KubernetesObject[]>();
  for (const object of objects) waves.set(waveOf(object), [...(waves.get(waveOf(object)) ?? []), object]);
  return [...waves.entries()]
    .sort(([first], [second]) => first - second)
    .map(([, wave]) =>
      wave.sort((first, second) => kindRank(first) - kindRank(second) || nameOf(first).localeCompare(nameOf(second))),
    );
}

/** Argo CD never deletes an object with the sync option `Prune=false`. */
export function isProtected(object: KubernetesObject): boolean {
  const options = object.metadata.annotations?.['argocd.argoproj.io/sync-options'] ?? '';
  return options.split(',').some((option) => option.trim() === 'Prune=false');
}

function waveOf(object: KubernetesObject): number {
  return Number(object.metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 0);
}

/** Order of kinds within a wave in Argo CD's sync engine (gitops-engine, pkg/sync/sync_tasks.go); others come last. */
const KIND_ORDER = [
  'Namespace',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'ConfigMap',
  'StorageClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
  'Service',
  'DaemonSet',
  'Pod',
  'ReplicaSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'StatefulSet',
  'Job',
  'CronJob',
  'IngressClass',
  'Ingress',
  'APIService',
];

function kindRank(object: KubernetesObject): number {
  const rank = KIND_ORDER.indexOf(object.kind);
  return rank === -1 ? KIND_ORDER.length : rank;
}
