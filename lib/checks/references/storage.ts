import { nodesOf } from '../policy/storage';
import { asList, podField, type PodTemplate } from '../pod-template';
import { parseQuantity } from '../quantity';
import { scopeRule, type Rule } from '../rule';
import type { PlacedObject, Scope } from '../scope';

/** Rules of names that lead to volumes, claims, storage classes and nodes. */
export const storageReferenceRules: readonly Rule[] = [
  scopeRule(
    {
      id: 'volumes-are-on-known-nodes',
      why: 'A volume pinned to a node that does not exist leaves its pod pending for ever.',
      mend: 'name a host of the cluster in ansible/inventory/hosts.yml',
    },
    function* (scope, { inventory }) {
      const nodes = inventory.hosts.filter((host) => host.role !== 'ingress').map((host) => host.name);
      for (const at of scope.ofKind('PersistentVolume')) {
        for (const node of nodesOf(at)) {
          if (nodes.includes(node)) continue;
          const message = `the volume is pinned to ${node}, which is not a node of the cluster (${nodes.join(', ')})`;
          yield { at, field: 'spec.nodeAffinity', message };
        }
      }
      for (const pod of scope.pods) {
        const host: string | undefined = pod.spec.nodeSelector?.['kubernetes.io/hostname'];
        if (!host || nodes.includes(host)) continue;
        const field = podField(pod, 'nodeSelector');
        yield {
          at: pod.at,
          field,
          message: `the pod asks for ${host}, which is not a node of the cluster (${nodes.join(', ')})`,
        };
      }
    },
  ),
  scopeRule(
    {
      id: 'claims-exist',
      why: 'A pod that names a missing claim stays pending.',
      mend: 'add the PersistentVolumeClaim, or correct the name',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        const templates = asList(pod.at.object.spec?.volumeClaimTemplates).map((claim) => claim.metadata?.name);
        for (const [index, volume] of asList(pod.spec.volumes).entries()) {
          const name: string | undefined = volume.persistentVolumeClaim?.claimName;
          if (!name || templates.includes(name) || scope.find('PersistentVolumeClaim', pod.namespace, name)) continue;
          yield {
            at: pod.at,
            field: podField(pod, `volumes[${index}]`),
            message: `there is no PersistentVolumeClaim ${name}`,
          };
        }
      }
    },
  ),
  scopeRule(
    {
      id: 'volume-mounts-have-a-volume',
      why: 'The API server refuses a container that mounts a volume its pod does not have.',
      mend: 'add the volume to the pod, or correct the name',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        const known = volumeNames(pod);
        for (const { spec, field } of pod.containers) {
          for (const [index, { name }] of asList(spec.volumeMounts).entries()) {
            if (known.has(name)) continue;
            yield { at: pod.at, field: `${field}.volumeMounts[${index}]`, message: `the pod has no volume ${name}` };
          }
        }
      }
    },
  ),
  scopeRule(
    {
      id: 'claims-can-be-bound',
      why: 'Nothing provisions volumes here: a claim that no volume fits stays pending, and so does its pod.',
      mend: 'add a PersistentVolume of that storage class, large enough and with that access mode',
    },
    function* (scope) {
      for (const { at, field, spec, name } of claimsIn(scope)) {
        const volumes = scope.ofKind('PersistentVolume').filter((volume) => fits(volume, spec, at.namespace, name));
        if (volumes.length > 0) continue;
        const size = spec?.resources?.requests?.storage ?? 'unknown size';
        yield {
          at,
          field,
          message: `no PersistentVolume of class ${spec?.storageClassName ?? '(default)'} can hold the claim of ${size}`,
        };
      }
    },
  ),
  scopeRule(
    {
      id: 'storage-classes-exist',
      why: 'A claim of a class that does not exist is never bound.',
      mend: 'add the StorageClass, or correct storageClassName',
    },
    function* (scope) {
      const claims = [...claimsIn(scope)].map(({ at, field, spec }) => ({
        at,
        field: `${field}.storageClassName`,
        spec,
      }));
      const volumes = scope
        .ofKind('PersistentVolume')
        .map((at) => ({ at, field: 'spec.storageClassName', spec: at.object.spec }));
      for (const { at, field, spec } of [...claims, ...volumes]) {
        const name: string | undefined = spec?.storageClassName;
        if (!name || scope.find('StorageClass', '', name)) continue;
        yield { at, field, message: `there is no StorageClass ${name}` };
      }
    },
  ),
  scopeRule(
    {
      id: 'autoscalers-have-a-target',
      why: 'An autoscaler without its workload scales nothing, and says so only in its status.',
      mend: 'name a workload of the same namespace that has CPU requests',
    },
    function* (scope) {
      for (const at of scope.ofKind('HorizontalPodAutoscaler')) {
        const { kind = '', name = '' } = at.object.spec?.scaleTargetRef ?? {};
        if (scope.find(kind, at.namespace, name)) continue;
        yield { at, field: 'spec.scaleTargetRef', message: `there is no ${kind}/${name} to scale` };
      }
    },
  ),
  scopeRule(
    {
      id: 'namespaces-exist',
      why: 'The API server refuses an object of a namespace that does not exist.',
      mend: 'add the Namespace, or correct metadata.namespace',
    },
    function* (scope) {
      if (scope.ofKind('Namespace').length === 0) return; // These trees go into namespaces that others make.
      for (const at of scope.objects) {
        if (!at.namespace || ALWAYS_THERE.includes(at.namespace) || scope.find('Namespace', '', at.namespace)) continue;
        // Argo CD reads its own kinds in its own namespace, which its installation makes.
        if (at.object.apiVersion.startsWith('argoproj.io/')) continue;
        yield { at, field: 'metadata.namespace', message: `there is no Namespace ${at.namespace}` };
      }
    },
  ),
];

const ALWAYS_THERE = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

function volumeNames(pod: PodTemplate): Set<string> {
  const templates = asList(pod.at.object.spec?.volumeClaimTemplates).map((claim) => claim.metadata?.name);
  return new Set([...asList(pod.spec.volumes).map((volume) => volume.name), ...templates]);
}

interface ClaimSpec {
  storageClassName?: string;
  volumeName?: string;
  accessModes?: string[];
  resources?: { requests?: { storage?: string } };
}

function* claimsIn(
  scope: Scope,
): Iterable<{ at: PlacedObject; field: string; spec: ClaimSpec | undefined; name: string }> {
  for (const at of scope.ofKind('PersistentVolumeClaim')) {
    yield { at, field: 'spec', spec: at.object.spec, name: at.object.metadata.name };
  }
  for (const at of scope.ofKind('StatefulSet')) {
    for (const [index, claim] of asList(at.object.spec?.volumeClaimTemplates).entries()) {
      const name = `${claim.metadata?.name}-${at.object.metadata.name}-0`;
      yield { at, field: `spec.volumeClaimTemplates[${index}].spec`, spec: claim.spec, name };
    }
  }
}

function fits(volume: PlacedObject, claim: ClaimSpec | undefined, namespace: string, name: string): boolean {
  const { storageClassName, capacity, accessModes = [], claimRef } = volume.object.spec ?? {};
  if (claim?.volumeName && claim.volumeName !== volume.object.metadata.name) return false;
  if (claimRef && (claimRef.name !== name || (claimRef.namespace ?? namespace) !== namespace)) return false;
  if ((claim?.storageClassName ?? '') !== (storageClassName ?? '')) return false;
  if (!(claim?.accessModes ?? []).every((mode) => accessModes.includes(mode))) return false;
  return (parseQuantity(claim?.resources?.requests?.storage) ?? 0) <= (parseQuantity(capacity?.storage) ?? 0);
}
