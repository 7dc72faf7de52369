import { App } from 'cdk8s';
import type { Tree } from '../lib/constructs/platform-model';
import { ARGO_CD_NAMESPACE, MONITORING_NAMESPACE, SIGNALS_NAMESPACE } from '../facts/namespaces';
import { projectPermissions } from '../facts/permissions';
import { Application } from './application';
import { ArgoCd } from './argo-cd';
import { Monitoring } from './monitoring';
import { MonitoringGuards, type ClusterAddresses } from './monitoring-guards';
import type { MonitoringSettings } from './monitoring-values';
import { Project } from './project';

export { alertFiles } from './alerts';
export { chartPods } from './chart-pods';
export { monitoringPods } from './monitoring-guards';

export interface DeliverySettings {
  /** The git repository that Argo CD polls: this one. */
  readonly repositoryUrl: string;
  /** Branch whose `dist/` is the cluster's desired state. */
  readonly branch: string;
  /** Namespace of the platform's objects. */
  readonly namespace: string;
  /** Folder under `dist/workloads/` that runs. */
  readonly workloadVariant: string;
  /** Node that reaches the internet. */
  readonly uplinkNode: string;
  /** Public name servers, asked from that node. */
  readonly outsideNameServers: readonly string[];
  /** Where the machines are. */
  readonly addresses: ClusterAddresses;
  /** Whether there is a folder `dist/signals`. @default false */
  readonly signals?: boolean;
  /** What is collected and where it is sent. */
  readonly monitoring: Omit<MonitoringSettings, 'uplinkNode'>;
}

/** Name of the AppProject of everything that is rendered in this repository. */
const PROJECT = 'ahuora';

/** Name of the Application and of the AppProject of signals beyond CPU. */
const SIGNALS = 'signals';

/**
 * `dist/argocd`: Argo CD, its AppProjects, and an Application for each thing that is synced, the root Application (which syncs
 * this folder) among them; and `dist/monitoring`: what guards the namespace of monitoring.
 */
export function deliveryTrees(settings: DeliverySettings): Tree[] {
  const app = new App();
  addApplications(app, settings);
  new Monitoring(app, 'monitoring', {
    syncWave: 2,
    ...settings.monitoring,
    signals: settings.signals ?? false,
    uplinkNode: settings.uplinkNode,
  });
  if (settings.signals) addSignals(app, settings);
  new ArgoCd(app, 'argo-cd', settings);
  addProjects(app, settings);
  const guards = new App();
  new MonitoringGuards(guards, 'guards', { namespace: MONITORING_NAMESPACE, addresses: settings.addresses });
  return [
    { directory: 'argocd', app },
    { directory: MONITORING_NAMESPACE, app: guards },
  ];
}

/** What is rendered here: this folder itself, the platform and the workloads. */
function addApplications(app: App, settings: DeliverySettings): void {
  const own = { project: PROJECT, namespace: settings.namespace };
  const folder = (path: string) => folderOf(settings, path);
  new Application(app, 'root', {
    ...own,
    namespace: ARGO_CD_NAMESPACE,
    syncWave: 0,
    source: folder('argocd'),
    decidedElsewhere: [
      {
        group: 'argoproj.io',
        kind: 'Application',
        name: 'workloads',
        field: '/spec/source/path',
        reason: 'During a campaign the experiment runner selects the workload variant here.',
      },
    ],
  });
  new Application(app, 'platform', { ...own, syncWave: 1, source: folder('platform') });
  // Not by root, whose sync is judged by its project as that was before the commit.
  new Application(app, 'monitoring-guards', {
    project: PROJECT,
    namespace: MONITORING_NAMESPACE,
    syncWave: 1,
    source: folder(MONITORING_NAMESPACE),
  });
  new Application(app, 'workloads', {
    ...own,
    syncWave: 2,
    source: folder(`workloads/${settings.workloadVariant}`),
    // Its first waves are Jobs: the wait for the platform of the same commit, and the migration.
    waitsForEveryWave: true,
  });
}

function addSignals(app: App, settings: DeliverySettings): void {
  new Application(app, SIGNALS, {
    project: SIGNALS,
    namespace: SIGNALS_NAMESPACE,
    // Before the workloads, whose autoscalers ask for it.
    syncWave: 1,
    source: folderOf(settings, 'signals'),
  });
  new Project(app, SIGNALS, {
    description: 'What autoscalers need that look at another signal than CPU.',
    repositories: [settings.repositoryUrl],
    permissions: projectPermissions.signals,
  });
}

function addProjects(app: App, settings: DeliverySettings): void {
  new Project(app, PROJECT, {
    description: 'Everything that this repository renders.',
    repositories: [settings.repositoryUrl],
    permissions: projectPermissions.ahuora,
  });
  // Argo CD creates a project of this name that permits everything, unless it finds one.
  new Project(app, 'default', {
    description: 'Permits nothing: every Application names a project of its own.',
    repositories: [],
    permissions: projectPermissions.default,
  });
}

/** A folder of `dist/` on the branch that is the cluster's desired state. */
function folderOf(settings: DeliverySettings, path: string) {
  return { repoUrl: settings.repositoryUrl, targetRevision: settings.branch, path: `dist/${path}` };
}
