import type { ReviewedFacts, ReviewedKind, ReviewedPermissions } from '../lib/kubernetes/reviewed-facts';
import { ARGO_CD_NAMESPACE, MONITORING_NAMESPACE, SIGNALS_NAMESPACE } from './namespaces';
import type { Settings } from './settings';

/** This file, as messages name it. */
const FILE = 'facts/permissions.ts';

const core = (...kinds: string[]) => of('', ...kinds);
const of = (group: string, ...kinds: string[]): ReviewedKind[] => kinds.map((kind) => ({ group, kind }));

/**
 * What Argo CD may apply from this repository; to add a line is the reviewer's decision. Kinds that hand out rights (roles,
 * bindings, webhooks, definitions) are left out on purpose.
 */
const platform: ReviewedPermissions = {
  namespaces: ['ahuora', ARGO_CD_NAMESPACE, MONITORING_NAMESPACE, 'kube-system'],
  namespacedKinds: [
    ...core('ConfigMap', 'PersistentVolumeClaim', 'ResourceQuota', 'Service'),
    ...of('apps', 'Deployment', 'StatefulSet'),
    ...of('argoproj.io', 'AppProject', 'Application'),
    ...of('autoscaling', 'HorizontalPodAutoscaler'),
    ...of('batch', 'CronJob', 'Job'),
    ...of('helm.cattle.io', 'HelmChart', 'HelmChartConfig'),
    ...of('networking.k8s.io', 'Ingress', 'NetworkPolicy'),
    ...of('policy', 'PodDisruptionBudget'),
    ...of('traefik.io', 'Middleware'),
  ],
  clusterKinds: [
    ...core('Namespace', 'PersistentVolume'),
    // These refuse, and hand out no right.
    ...of('admissionregistration.k8s.io', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'),
    ...of('scheduling.k8s.io', 'PriorityClass'),
    ...of('storage.k8s.io', 'StorageClass'),
  ],
};

/**
 * What the chart k8s-monitoring creates with the platform's values. Written by hand, since a Helm chart is not rendered
 * here: a kind that is missing shows as a sync error that names it.
 */
const monitoringPermissions: ReviewedPermissions = {
  namespaces: [MONITORING_NAMESPACE],
  namespacedKinds: [
    ...core('ConfigMap', 'Service', 'ServiceAccount'),
    ...of('apps', 'DaemonSet', 'Deployment', 'StatefulSet'),
    ...of('batch', 'Job'),
    ...of('collectors.grafana.com', 'Alloy'),
    ...of('rbac.authorization.k8s.io', 'Role', 'RoleBinding'),
  ],
  clusterKinds: [
    ...of('apiextensions.k8s.io', 'CustomResourceDefinition'),
    ...of('rbac.authorization.k8s.io', 'ClusterRole', 'ClusterRoleBinding'),
  ],
};

/**
 * What answers autoscalers that look at another signal than CPU (charts/signals), where it is switched on: the rights of its
 * adapter, in a project of their own, which nothing else of the repository is given.
 */
const signalPermissions: ReviewedPermissions = {
  namespaces: [SIGNALS_NAMESPACE, 'kube-system'],
  namespacedKinds: [
    ...core('ConfigMap', 'Service', 'ServiceAccount'),
    ...of('apps', 'Deployment'),
    ...of('networking.k8s.io', 'NetworkPolicy'),
    ...of('rbac.authorization.k8s.io', 'Role', 'RoleBinding'),
  ],
  clusterKinds: [
    ...core('Namespace'),
    ...of('apiregistration.k8s.io', 'APIService'),
    ...of('rbac.authorization.k8s.io', 'ClusterRole', 'ClusterRoleBinding'),
  ],
};

export const projectPermissions: Readonly<
  Record<'ahuora' | 'monitoring' | 'signals' | 'default', ReviewedPermissions>
> = {
  ahuora: platform,
  monitoring: monitoringPermissions,
  signals: signalPermissions,
  // Argo CD creates a project of this name that permits everything, unless it finds one.
  default: { namespaces: [], namespacedKinds: [], clusterKinds: [] },
};

/** Helm repositories whose charts may be installed. */
export const chartRepositories = { grafana: 'https://grafana.github.io/helm-charts' } as const;

/**
 * Everything that people have agreed to.
 *
 * @param ansible what Ansible gives to K3s
 */
export function reviewedFacts(
  { repositoryUrl, branch, signals }: Settings,
  ansible: Pick<ReviewedFacts, 'networks' | 'clusterVersion' | 'stagedCharts'>,
): ReviewedFacts {
  return {
    file: FILE,
    repository: { url: repositoryUrl, branch },
    projects: projectPermissions,
    chartRepositories: Object.values(chartRepositories),
    administrators: [
      // Argo CD itself, and the settings of K3s' own Traefik.
      'HelmChart/kube-system/argo-cd',
      'HelmChartConfig/kube-system/traefik',
      // Refuses pods of the monitoring namespace that look at their host, and says nothing of others.
      'ValidatingAdmissionPolicyBinding/monitoring-hosts',
      // Autoscalers’ external metrics, where signals beyond CPU are switched on.
      ...(signals.enabled ? ['APIService/v1beta1.external.metrics.k8s.io'] : []),
    ],
    // node-exporter reads the host's own /proc and file systems.
    podSecurity: { [MONITORING_NAMESPACE]: 'privileged' },
    ...ansible,
  };
}
