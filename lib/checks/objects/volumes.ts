import { asList, type PodTemplate } from './pod-template';
import { parseQuantity } from '../../kubernetes/quantity';
import type { PlacedObject } from './placed-object';
import type { k8s } from '../../constructs/typed-kinds';
import type { Written } from '../../kubernetes/kinds/written';
import { isPlaced, type PlacedOf } from './kinds';
import type { Scope } from './scope';

/** A claim for storage, written by itself or as a template of a StatefulSet. */
export interface Claim {
  readonly at: PlacedObject;
  /** Path of its spec inside the object. */
  readonly field: string;
  /** Name of the claim object; of a template, that of the first pod. */
  readonly name: string;
  readonly spec: ClaimSpec;
}

type ClaimSpec = Written<k8s.PersistentVolumeClaimSpec>;

/** Names of the files that a volume of a pod holds; `undefined` where no ConfigMap and no list of keys says them. */
export function filesIn(scope: Scope, pod: PodTemplate, volume: Written<k8s.Volume>): readonly string[] | undefined {
  const chosen = asList((volume.configMap ?? volume.secret)?.items);
  if (chosen.length > 0) return chosen.flatMap(({ path }) => path ?? []);
  const at = volume.configMap && scope.find('ConfigMap', pod.namespace, volume.configMap.name);
  return at && Object.keys(at.object.data ?? {});
}

/** Every claim of a scope. */
export function claimsIn(scope: Scope): Claim[] {
  const alone = scope.ofKind('PersistentVolumeClaim').map((at) => claimOf(at));
  return [...alone, ...scope.ofKind('StatefulSet').flatMap((at) => templatesOf(at))];
}

/** The claims that a pod mounts. */
export function claimsOf(scope: Scope, pod: PodTemplate): Claim[] {
  const named = asList(pod.spec.volumes).flatMap(({ persistentVolumeClaim }) => {
    const claim =
      persistentVolumeClaim && scope.find('PersistentVolumeClaim', pod.namespace, persistentVolumeClaim.claimName);
    return claim ? [claimOf(claim)] : [];
  });
  return [...named, ...templatesOf(pod.at)];
}

/**
 * The volumes that a claim may be bound to, by what the binder compares: name, claimRef, class, mode, labels, access modes and
 * size (Kubernetes documentation, "Persistent Volumes", "Binding").
 */
export function volumesFor(scope: Scope, claim: Claim): PlacedOf<'PersistentVolume'>[] {
  return scope.ofKind('PersistentVolume').filter((volume) => canHold(volume, claim));
}

function canHold(volume: PlacedOf<'PersistentVolume'>, { at, name, spec }: Claim): boolean {
  const {
    storageClassName = '',
    volumeMode = 'Filesystem',
    capacity,
    accessModes = [],
    claimRef,
  } = volume.object.spec ?? {};
  const labels = volume.object.metadata.labels ?? {};
  if (spec.volumeName && spec.volumeName !== volume.object.metadata.name) return false;
  if (claimRef && (claimRef.name !== name || (claimRef.namespace ?? at.namespace) !== at.namespace)) return false;
  if ((spec.storageClassName ?? '') !== storageClassName) return false;
  if ((spec.volumeMode ?? 'Filesystem') !== volumeMode) return false;
  if (!Object.entries(spec.selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value)) return false;
  if (!(spec.accessModes ?? []).every((mode) => accessModes.includes(mode))) return false;
  return (parseQuantity(spec.resources?.requests?.storage) ?? 0) <= (parseQuantity(capacity?.storage) ?? 0);
}

function claimOf(at: PlacedOf<'PersistentVolumeClaim'>): Claim {
  return { at, field: 'spec', name: at.object.metadata.name, spec: at.object.spec ?? {} };
}

/** Templates of the claims that a StatefulSet makes; none for other kinds. */
export function claimTemplatesOf(at: PlacedObject) {
  return isPlaced(at, 'StatefulSet') ? asList(at.object.spec?.volumeClaimTemplates) : [];
}

function templatesOf(at: PlacedObject): Claim[] {
  return claimTemplatesOf(at).map((template, index) => ({
    at,
    field: `spec.volumeClaimTemplates[${index}].spec`,
    name: `${template.metadata?.name}-${at.object.metadata.name}-0`,
    spec: template.spec ?? {},
  }));
}
