import { nodesOf } from '../policy/storage';
import { asList, podField, type PodTemplate } from '../objects/pod-template';
import { wiringRule, type Rule } from '../rule';
import { claimsIn, claimTemplatesOf, volumesFor } from '../objects/volumes';

/** Rules of names that lead to volumes, claims, storage classes and nodes. */
export const storageReferenceRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'volumes-are-on-known-nodes',
      why: 'A volume pinned to a node that does not exist leaves its pod pending for ever.',
      remedy: 'name a host of the cluster in ansible/inventory/hosts.yml',
    },
    function* (scope, { inventory }) {
      const nodes = inventory.hosts.filter((host) => host.role !== 'gateway').map((host) => host.name);
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
  wiringRule(
    {
      id: 'claims-exist',
      why: 'A pod that names a missing claim stays pending.',
      remedy: 'add the PersistentVolumeClaim, or correct the name',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        const templates = claimTemplatesOf(pod.at).map((claim) => String(claim.metadata?.name));
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
  wiringRule(
    {
      id: 'volume-mounts-have-a-volume',
      why: 'The API server refuses a container that mounts a volume its pod does not have.',
      remedy: 'add the volume to the pod, or correct the name',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        const known = volumeNames(pod);
        for (const { spec, field } of pod.containers) {
          for (const [index, { name }] of asList(spec.volumeMounts).entries()) {
            if (known.has(String(name))) continue;
            yield { at: pod.at, field: `${field}.volumeMounts[${index}]`, message: `the pod has no volume ${name}` };
          }
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'claims-can-be-bound',
      why: 'Nothing provisions volumes here: a claim that no volume fits stays pending, and so does its pod.',
      remedy: 'add a PersistentVolume of that storage class, large enough and with that access mode',
    },
    function* (scope) {
      for (const claim of claimsIn(scope)) {
        if (volumesFor(scope, claim).length > 0) continue;
        const { at, field, spec } = claim;
        const size = spec.resources?.requests?.storage ?? 'unknown size';
        const message = `no PersistentVolume of class ${spec.storageClassName ?? '(default)'} can hold the claim of ${size}`;
        yield { at, field, message };
      }
    },
  ),
  wiringRule(
    {
      id: 'claims-mean-one-volume',
      why: 'A claim that two volumes can hold may be bound to either, and the data is then on another node than meant.',
      remedy: 'give the claim a selector or a volumeName that only its own volume matches',
    },
    function* (scope) {
      for (const claim of claimsIn(scope)) {
        const volumes = volumesFor(scope, claim).map(({ object }) => object.metadata.name);
        if (volumes.length < 2) continue;
        yield { at: claim.at, field: claim.field, message: `the claim may be bound to any of ${volumes.join(', ')}` };
      }
    },
  ),
  wiringRule(
    {
      id: 'storage-classes-exist',
      why: 'A claim of a class that does not exist is never bound.',
      remedy: 'add the StorageClass, or correct storageClassName',
    },
    function* (scope) {
      const claims = claimsIn(scope).map(({ at, field, spec }) => ({
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
  wiringRule(
    {
      id: 'autoscalers-have-a-target',
      why: 'An autoscaler without its workload scales nothing, and says so only in its status.',
      remedy: 'name a workload of the same namespace that has CPU requests',
    },
    function* (scope) {
      for (const at of scope.ofKind('HorizontalPodAutoscaler')) {
        const { kind = '', name = '' } = at.object.spec?.scaleTargetRef ?? {};
        if (scope.find(kind, at.namespace, name)) continue;
        yield { at, field: 'spec.scaleTargetRef', message: `there is no ${kind}/${name} to scale` };
      }
    },
  ),
  wiringRule(
    {
      id: 'namespaces-exist',
      why: 'The API server refuses an object of a namespace that does not exist.',
      remedy: 'add the Namespace, or correct metadata.namespace',
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
  const templates = claimTemplatesOf(pod.at).map((claim) => String(claim.metadata?.name));
  return new Set([...asList(pod.spec.volumes).map((volume) => String(volume.name)), ...templates]);
}
