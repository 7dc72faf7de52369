import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { Application } from './application';
import { monitoringValues, type MonitoringSettings } from './monitoring-values';
import type { Permissions } from './permitted-kinds';
import { Project } from './project';
import { versions } from '../facts/chart-versions';

const CHART_REPOSITORY = 'https://grafana.github.io/helm-charts';

/**
 * What the chart k8s-monitoring creates with these values. Written by hand, since a Helm chart is not rendered here: a
 * kind that is missing shows as a sync error that names it.
 */
const PERMISSIONS: Permissions = {
  namespaces: ['monitoring'],
  namespacedKinds: [
    { group: '', kind: 'ConfigMap' },
    { group: '', kind: 'Service' },
    { group: '', kind: 'ServiceAccount' },
    { group: 'apps', kind: 'DaemonSet' },
    { group: 'apps', kind: 'Deployment' },
    { group: 'apps', kind: 'StatefulSet' },
    { group: 'batch', kind: 'Job' },
    { group: 'collectors.grafana.com', kind: 'Alloy' },
    { group: 'rbac.authorization.k8s.io', kind: 'Role' },
    { group: 'rbac.authorization.k8s.io', kind: 'RoleBinding' },
  ],
  clusterKinds: [
    { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' },
    { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' },
    { group: 'rbac.authorization.k8s.io', kind: 'ClusterRoleBinding' },
  ],
};

/**
 * Monitoring by Grafana's chart: its namespace, a project of its own (what the chart needs, the platform's project does
 * not get), and its Application.
 */
export class Monitoring extends Construct {
  constructor(scope: Construct, name: string, props: MonitoringSettings & { readonly syncWave: number }) {
    super(scope, name);
    const namespace = new Chart(this, `${name}-namespace`, { disableResourceNameHashes: true });
    new k8s.KubeNamespace(namespace, 'namespace', {
      metadata: {
        name,
        // node-exporter reads the host's own /proc and file systems.
        labels: { 'pod-security.kubernetes.io/enforce': 'privileged' },
        annotations: {
          'argocd.argoproj.io/sync-wave': '-1',
          'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
        },
      },
    });
    new Project(this, name, {
      description: 'The Helm chart k8s-monitoring, and nothing else.',
      repositories: [CHART_REPOSITORY],
      permissions: PERMISSIONS,
    });
    new Application(this, name, {
      project: name,
      namespace: name,
      syncWave: props.syncWave,
      source: {
        repoUrl: CHART_REPOSITORY,
        chart: 'k8s-monitoring',
        targetRevision: versions.kubernetesMonitoringChart,
        helm: { releaseName: 'k8s-monitoring', valuesObject: monitoringValues(props) },
      },
    });
  }
}
