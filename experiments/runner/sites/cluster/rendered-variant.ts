import { isOfKind } from '../../../../lib/kubernetes/kinds/core-kinds';
import { join } from 'node:path';
import { readBuiltFolder } from '../../../../lib/kubernetes/built-folder';
import type { KubernetesObject } from '../../../../lib/kubernetes/object';

/** The manifests of a variant as synthesis wrote them. */
export interface RenderedVariant {
  /** The kustomization that Argo CD and `kubectl apply --kustomize` build. */
  readonly folder: string;
  /** What it builds. */
  readonly objects: readonly KubernetesObject[];
}

/** @throws {Error} when the variant was not rendered. */
export function renderedVariant(dist: string, variant: string): RenderedVariant {
  const folder = `workloads/${variant}`;
  return { folder: join(dist, folder), objects: readBuiltFolder(dist, folder) };
}

/** Pods of a workload when nothing is loaded: its fixed number, or the autoscaler's minimum. */
export function restingReplicas({ objects }: RenderedVariant, workload: string): number {
  const named = objects.filter(({ metadata }) => metadata.name === workload);
  const autoscaler = named.find((object) => isOfKind(object, 'HorizontalPodAutoscaler'));
  const deployment = named.find((object) => isOfKind(object, 'Deployment'));
  return autoscaler?.spec?.minReplicas ?? deployment?.spec?.replicas ?? 1;
}
