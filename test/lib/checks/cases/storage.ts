import type { Loose } from '../../../fixtures/loose';
import { deployment, inWeb, pod, web, type Case } from './case';
import { find, type SoundPlatform } from '../sound-platform';

export const storageCases: readonly Case[] = [
  {
    rule: 'disk-is-bounded',
    when: 'a folder on disk may grow without end',
    breakIt: (p) => delete pod(p).volumes[0].emptyDir.sizeLimit,
    object: deployment,
    field: 'spec.template.spec.volumes[0].emptyDir',
    message: /the volume temporary has no sizeLimit/,
  },
  {
    rule: 'disk-is-bounded',
    when: 'nothing bounds the logs of a container',
    breakIt: (p) => delete web(p).resources.limits['ephemeral-storage'],
    object: deployment,
    field: inWeb('resources.limits'),
    message: /container web: no ephemeral-storage/,
  },
  {
    rule: 'disk-is-bounded',
    when: 'a volume holds more than its container may',
    breakIt: (p) => (pod(p).volumes[0].emptyDir.sizeLimit = '1Gi'),
    object: deployment,
    field: inWeb('resources.limits["ephemeral-storage"]'),
    message: /its volumes hold up to 1024 MiB, and it is evicted beyond 128 MiB/,
  },
  ...(
    [
      ['memory', '/run/data', /what is in \/run is gone after a restart/],
      ['a folder of K3s', '/var/lib/rancher/k3s/storage', /\/var\/lib\/rancher belongs to/],
      ['a folder of everybody', '/var/lib', /holds what other software keeps there/],
    ] as const
  ).map(([what, path, message]) => ({
    rule: 'volumes-lie-where-data-stays',
    when: `data lie in ${what}`,
    breakIt: (p: SoundPlatform) => (find(p, 'PersistentVolume/database').spec.local.path = path),
    object: 'PersistentVolume/database',
    field: 'spec.local.path',
    message,
  })),
  {
    rule: 'volumes-are-on-known-nodes',
    when: 'a volume is pinned to a node that the inventory lacks',
    breakIt: (p) => (pinOf(p).values = ['node-9']),
    object: 'PersistentVolume/database',
    field: 'spec.nodeAffinity',
    message: /pinned to node-9, which is not a node of the cluster \(head, node-1, node-2\)/,
  },
  {
    rule: 'volumes-are-on-known-nodes',
    when: 'a pod asks for a host outside the cluster',
    breakIt: (p) => (pod(p).nodeSelector['kubernetes.io/hostname'] = 'gate'),
    object: deployment,
    field: 'spec.template.spec.nodeSelector',
    message: /asks for gate, which is not a node/,
  },
  {
    rule: 'claims-exist',
    when: 'a claim does not exist',
    breakIt: (p) => pod(p).volumes.push({ name: 'data', persistentVolumeClaim: { claimName: 'data' } }),
    object: deployment,
    field: 'spec.template.spec.volumes[1]',
    message: /no PersistentVolumeClaim data/,
  },
  {
    rule: 'volume-mounts-have-a-volume',
    when: 'a mount names no volume of the pod',
    breakIt: (p) => (web(p).volumeMounts[0].name = 'tmp'),
    object: deployment,
    field: inWeb('volumeMounts[0]'),
    message: /no volume tmp/,
  },
  {
    rule: 'claims-can-be-bound',
    when: 'the claim is larger than the volume',
    breakIt: (p) => (find(p, 'PersistentVolume/database').spec.capacity.storage = '4Gi'),
    object: 'StatefulSet/database',
    field: 'spec.volumeClaimTemplates[0].spec',
    message: /class database can hold the claim of 5Gi/,
  },
  ...(
    [
      ['apiVersion', (template) => delete template.apiVersion],
      ['kind', (template) => delete template.kind],
      ['spec.volumeMode', (template) => delete template.spec.volumeMode],
      ['status.phase', (template) => delete template.status],
    ] satisfies readonly [string, (template: Loose) => unknown][]
  ).map(([field, leaveOut]): Case => ({
    rule: 'claim-templates-are-complete',
    when: `a template of a claim has no ${field}`,
    breakIt: (p) => leaveOut(find(p, 'StatefulSet/database').spec.volumeClaimTemplates[0]),
    object: 'StatefulSet/database',
    field: `spec.volumeClaimTemplates[0].${field}`,
    message: /and the API server fills it in/,
  })),
  {
    rule: 'claims-mean-one-volume',
    when: 'two volumes can hold the claim',
    breakIt: (p) =>
      p.files[3]!.objects.push({
        ...find(p, 'PersistentVolume/database'),
        metadata: { ...find(p, 'PersistentVolume/database').metadata, name: 'other' },
      }),
    object: 'StatefulSet/database',
    field: 'spec.volumeClaimTemplates[0].spec',
    message: /may be bound to any of database, other/,
  },
  {
    rule: 'storage-classes-exist',
    when: 'the storage class does not exist',
    breakIt: (p) => (find(p, 'StorageClass/database').metadata.name = 'local'),
    object: 'StatefulSet/database',
    field: 'spec.volumeClaimTemplates[0].spec.storageClassName',
    message: /no StorageClass database/,
  },
  {
    rule: 'autoscalers-have-a-target',
    when: 'the autoscaler names another workload',
    breakIt: (p) => (find(p, 'HorizontalPodAutoscaler/web').spec.scaleTargetRef.name = 'wob'),
    object: 'HorizontalPodAutoscaler/web',
    field: 'spec.scaleTargetRef',
    message: /no Deployment\/wob to scale/,
  },
  {
    rule: 'namespaces-exist',
    when: 'the namespace does not exist',
    breakIt: (p) => (find(p, 'ConfigMap/pooler').metadata.namespace = 'shops'),
    object: 'ConfigMap/pooler',
    field: 'metadata.namespace',
    message: /no Namespace shops/,
  },
  {
    rule: 'data-is-never-pruned',
    when: 'Argo CD may delete a volume',
    breakIt: (p) =>
      (find(p, 'PersistentVolume/database').metadata.annotations['argocd.argoproj.io/sync-options'] = 'Prune=false'),
    object: 'PersistentVolume/database',
    field: 'metadata.annotations',
    message: /may delete this PersistentVolume/,
  },
  {
    rule: 'volumes-are-retained',
    when: 'the volume is deleted with its claim',
    breakIt: (p) => (find(p, 'PersistentVolume/database').spec.persistentVolumeReclaimPolicy = 'Delete'),
    object: 'PersistentVolume/database',
    field: 'spec.persistentVolumeReclaimPolicy',
    message: /is Delete/,
  },
  {
    rule: 'local-volumes-wait-for-their-pod',
    when: 'binding is immediate',
    breakIt: (p) => delete find(p, 'StorageClass/database').volumeBindingMode,
    object: 'StorageClass/database',
    field: 'volumeBindingMode',
    message: /Immediate/,
  },
  {
    rule: 'local-volumes-name-their-node',
    when: 'a local volume names no node',
    breakIt: (p) => delete find(p, 'PersistentVolume/database').spec.nodeAffinity,
    object: 'PersistentVolume/database',
    field: 'spec.nodeAffinity',
    message: /names no node/,
  },
];

function pinOf(platform: SoundPlatform): Loose {
  return find(platform, 'PersistentVolume/database').spec.nodeAffinity.required.nodeSelectorTerms[0]
    .matchExpressions[0];
}
