import { objectRule, type Rule } from '../rule';
import { asList } from '../objects/pod-template';
import type { PlacedObject } from '../objects/placed-object';

const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

/** Rules that keep data from being lost. */
export const storageRules: readonly Rule[] = [
  objectRule(
    {
      id: 'data-is-never-pruned',
      why: 'Argo CD deletes what a commit removes: for volumes, claims and namespaces that is a loss of data.',
      remedy: 'annotate it with argocd.argoproj.io/sync-options: Prune=false,Delete=false',
    },
    function* (at) {
      if (['PersistentVolume', 'PersistentVolumeClaim', 'Namespace'].includes(at.object.kind)) {
        if (!isProtected(at.object.metadata.annotations)) {
          yield { at, field: 'metadata.annotations', message: `Argo CD may delete this ${at.object.kind}` };
        }
      }
    },
  ),
  objectRule(
    {
      id: 'volumes-are-retained',
      why: 'A volume that is deleted or recycled with its claim takes the data with it.',
      remedy: 'set the policy to Retain',
    },
    function* (at) {
      const { kind, spec, reclaimPolicy } = at.object;
      if (kind === 'PersistentVolume' && spec?.persistentVolumeReclaimPolicy !== 'Retain') {
        const field = 'spec.persistentVolumeReclaimPolicy';
        yield { at, field, message: `the reclaim policy is ${spec?.persistentVolumeReclaimPolicy ?? 'not set'}` };
      }
      for (const [when, what] of Object.entries(spec?.persistentVolumeClaimRetentionPolicy ?? {})) {
        if (kind !== 'StatefulSet' || what === 'Retain') continue;
        const field = `spec.persistentVolumeClaimRetentionPolicy.${when}`;
        yield {
          at,
          field,
          message: `the claims are gone ${when === 'whenDeleted' ? 'with the StatefulSet' : 'when it is scaled down'}`,
        };
      }
      if (kind === 'StorageClass' && reclaimPolicy !== 'Retain') {
        yield {
          at,
          field: 'reclaimPolicy',
          message: `the reclaim policy is ${reclaimPolicy ?? 'Delete, the default'}`,
        };
      }
    },
  ),
  objectRule(
    {
      id: 'local-volumes-wait-for-their-pod',
      why: 'A local volume bound before its pod is placed may be on a node where the pod cannot run.',
      remedy: 'set volumeBindingMode to WaitForFirstConsumer',
    },
    function* (at) {
      const { kind, provisioner, volumeBindingMode } = at.object;
      if (kind !== 'StorageClass' || provisioner !== NO_PROVISIONER || volumeBindingMode === 'WaitForFirstConsumer')
        return;
      yield {
        at,
        field: 'volumeBindingMode',
        message: `the volumes are local, and the binding mode is ${volumeBindingMode ?? 'Immediate, the default'}`,
      };
    },
  ),
  objectRule(
    {
      id: 'local-volumes-name-their-node',
      why: 'The data is on one node only; a pod started elsewhere would find an empty folder.',
      remedy: 'add a nodeAffinity that requires one kubernetes.io/hostname',
    },
    function* (at) {
      if (at.object.kind !== 'PersistentVolume' || !at.object.spec?.local || nodesOf(at).length === 1) return;
      const nodes = nodesOf(at);
      const message =
        nodes.length === 0
          ? 'the volume is local and names no node'
          : `the volume is local and names ${nodes.length} nodes`;
      yield { at, field: 'spec.nodeAffinity', message };
    },
  ),
];

/** Host names that a PersistentVolume's node affinity requires. */
export function nodesOf(volume: PlacedObject): string[] {
  return asList(volume.object.spec?.nodeAffinity?.required?.nodeSelectorTerms)
    .flatMap((term) => asList(term.matchExpressions))
    .filter((expression) => expression.key === 'kubernetes.io/hostname' && expression.operator === 'In')
    .flatMap((expression): string[] => expression.values ?? []);
}

function isProtected(annotations: Readonly<Record<string, string>> | undefined): boolean {
  const options = (annotations?.['argocd.argoproj.io/sync-options'] ?? '').split(',').map((option) => option.trim());
  return options.includes('Prune=false') && options.includes('Delete=false');
}
