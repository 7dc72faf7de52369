import { Chart } from 'cdk8s';
import { k8s } from '../lib/constructs/typed-kinds';
import { Construct } from 'constructs';
import { Application } from './application';
import { MONITORING_RELEASE } from './monitoring-guards';
import { monitoringValues, type MonitoringSettings } from './monitoring-values';
import { Project } from './project';
import { versions } from '../facts/chart-versions';
import { chartRepositories, projectPermissions } from '../facts/permissions';

/** What monitoring is told. */
export interface MonitoringProps extends MonitoringSettings {
  /** Order within the root Application. */
  readonly syncWave: number;
}

/**
 * Monitoring by Grafana's chart: its namespace, a project of its own (what the chart needs, the platform's project does not
 * get), and its Application.
 */
export class Monitoring extends Construct {
  constructor(scope: Construct, name: string, props: MonitoringProps) {
    super(scope, name);
    const namespace = new Chart(this, `${name}-namespace`, { disableResourceNameHashes: true });
    new k8s.KubeNamespace(namespace, 'namespace', {
      metadata: {
        name,
        // node-exporter reads the host's own /proc and file systems; its guards hold everything else to less.
        labels: { 'pod-security.kubernetes.io/enforce': 'privileged' },
        annotations: {
          'argocd.argoproj.io/sync-wave': '-1',
          'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
        },
      },
    });
    new Project(this, name, {
      description: 'The Helm chart k8s-monitoring, and nothing else.',
      repositories: [chartRepositories.grafana],
      permissions: projectPermissions.monitoring,
    });
    new Application(this, name, {
      project: name,
      namespace: name,
      syncWave: props.syncWave,
      source: {
        repoUrl: chartRepositories.grafana,
        chart: 'k8s-monitoring',
        targetRevision: versions.kubernetesMonitoringChart,
        helm: { releaseName: MONITORING_RELEASE, valuesObject: monitoringValues(props) },
      },
    });
  }
}
