import type { k8s } from 'cdk8s-plus-28';
import type { KubernetesObject } from '../object';
import type { Written, WrittenFields } from './written';

export type PodSpec = Written<k8s.PodSpec>;
export type ContainerSpec = Written<k8s.Container>;

/** Kinds of the core API that code looks into, with the properties that their bindings have. */
export interface CoreKinds {
  readonly ClusterRole: k8s.KubeClusterRoleProps;
  readonly ClusterRoleBinding: k8s.KubeClusterRoleBindingProps;
  readonly ConfigMap: k8s.KubeConfigMapProps;
  readonly CronJob: k8s.KubeCronJobProps;
  readonly DaemonSet: k8s.KubeDaemonSetProps;
  readonly Deployment: k8s.KubeDeploymentProps;
  readonly HorizontalPodAutoscaler: k8s.KubeHorizontalPodAutoscalerV2Props;
  readonly Ingress: k8s.KubeIngressProps;
  readonly Job: k8s.KubeJobProps;
  readonly Namespace: k8s.KubeNamespaceProps;
  readonly NetworkPolicy: k8s.KubeNetworkPolicyProps;
  readonly PersistentVolume: k8s.KubePersistentVolumeProps;
  readonly PersistentVolumeClaim: k8s.KubePersistentVolumeClaimProps;
  readonly Pod: k8s.KubePodProps;
  readonly PodDisruptionBudget: k8s.KubePodDisruptionBudgetProps;
  readonly ReplicaSet: k8s.KubeReplicaSetProps;
  readonly ResourceQuota: k8s.KubeResourceQuotaProps;
  readonly Role: k8s.KubeRoleProps;
  readonly RoleBinding: k8s.KubeRoleBindingProps;
  readonly Secret: k8s.KubeSecretProps;
  readonly Service: k8s.KubeServiceProps;
  readonly ServiceAccount: k8s.KubeServiceAccountProps;
  readonly StatefulSet: k8s.KubeStatefulSetProps;
  readonly StorageClass: k8s.KubeStorageClassProps;
}

/** An object of one of some kinds; `Kinds` says which there are. */
export type ObjectOf<Kind extends keyof Kinds, Kinds = CoreKinds> = {
  [Each in Kind]: KubernetesObject & { readonly kind: Each } & Omit<WrittenFields<Kinds[Each]>, 'metadata'>;
}[Kind];

/** Whether an object is of one of the kinds, so that its fields have their types. */
export function isOfKind<Kind extends keyof CoreKinds>(
  object: KubernetesObject | undefined,
  ...kinds: readonly Kind[]
): object is ObjectOf<Kind> {
  return object !== undefined && (kinds as readonly string[]).includes(object.kind);
}
