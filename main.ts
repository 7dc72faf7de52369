import { join } from 'node:path';
import { alertFiles, chartPods, deliveryTrees, monitoringPods } from './argocd';
import { grafanaCloud, grafanaCloudLogs, platformRepository } from './facts/delivery-secrets';
import { Cloudflared } from './charts/cloudflared';
import { composeFile } from './charts/compose';
import { DjangoApi } from './charts/django-api';
import { FrontEnd } from './charts/front-end';
import { Gateway } from './charts/gateway';
import { Idaes } from './charts/idaes';
import { Namespace } from './charts/namespace';
import { Network } from './charts/network';
import { OAuth2Proxy } from './charts/oauth2-proxy';
import { PgBouncer } from './charts/pgbouncer';
import { PlatformApplied } from './charts/order/platform-applied';
import { platform as platformOutput, type AhuoraComponent, type Platform } from './charts/platform';
import { Postgres } from './charts/postgres';
import { PostgresBackup } from './charts/postgres-backup';
import { refuseOtherNetwork, refusePublicDomain, settings as platformSettings, type Settings } from './facts/settings';
import { WaitForPlatform } from './charts/order/wait-for-platform';
import { overcommitment, workloadTrees } from './charts/workloads';
import { signalsTree } from './charts/signals';
import { BASELINE, clusterVariants, EXPERIMENTS, OWN_EXPERIMENTS } from './experiments/plan';
import { volumesFile } from './lib/constructs/database/local-volume';
import type { Inventory } from './lib/kubernetes/inventory';
import type { WorkloadVariant } from './lib/kubernetes/workload-variant';
import { componentsOf, modelParts } from './lib/constructs/model-parts';
import type { PlatformModel, Tree } from './lib/constructs/platform-model';
import { clusterNodes, readInventory } from './facts/inventory';
import { MONITORING_NAMESPACE } from './facts/namespaces';
import { namesPendingDigest, notes } from './facts/notes';
import { outsideImages } from './facts/outside-images';
import { readGroupVariables, type GroupVariables } from './facts/ansible/variables';
import { versions } from './facts/chart-versions';
import { reviewedFacts } from './facts/permissions';
import { secrets as contracts } from './facts/secrets';
import { runCommand } from './lib/synthesis';

const INVENTORY = 'ansible/inventory/hosts.yml';
const GROUP_VARIABLES = 'ansible/inventory/group_vars/all';

/** Every component of `dist/platform`, one file each. */
export const COMPONENTS: readonly (new (platform: Platform) => AhuoraComponent)[] = [
  Namespace,
  Postgres,
  PostgresBackup,
  PgBouncer,
  DjangoApi,
  Idaes,
  FrontEnd,
  OAuth2Proxy,
  Gateway,
  Cloudflared,
];

/**
 * The whole platform: which charts go to which output.
 *
 * @throws Error with one sentence when a setting or the inventory is wrong.
 */
export function model(
  settings: Settings = platformSettings,
  inventory: Inventory = readInventory(join(__dirname, INVENTORY), INVENTORY),
  components = COMPONENTS,
  variables = groupVariables(inventory),
): PlatformModel {
  const platform = platformOutput(inventory, settings);
  components.forEach((ComponentClass) => new ComponentClass(platform));

  // The variants of the experiments, production first: one folder of dist/workloads each.
  const { signals } = settings;
  const has = { signals: signals.enabled, tolerance: variables.autoscalerTolerance };
  const ours = OWN_EXPERIMENTS.filter(({ needs }) => needs !== undefined && has[needs]);
  const variants = [{ name: PRODUCTION, settings: BASELINE }, ...clusterVariants([...EXPERIMENTS, ...ours])];
  if (!has.tolerance) refuseTolerances(variants);
  const signalTrees = signals.enabled ? [signalsTree(platform, variants)] : [];
  const workloads = workloadTrees(platform, BASELINE, variants, signalTrees);
  new Network(
    platform,
    workloads.base.app,
    signalTrees.map(({ app }) => app),
  );
  // Last, since it is told what all of the platform is.
  new WaitForPlatform({ ...platform, app: workloads.base.app }, new PlatformApplied(platform).reference);

  const rendered: Tree[] = [
    { directory: 'platform', app: platform.app },
    workloads.base,
    ...workloads.variants,
    ...signalTrees,
  ];
  const parts = modelParts(
    componentsOf(platform.app, workloads.base.app, ...signalTrees.map(({ app }) => app)),
    Object.values(contracts),
  );
  const delivery = deliverySettings(settings, inventory);
  variables.refuseOtherChart(versions.argoCdChart);
  const { networks, clusterVersion, registries, stagedCharts } = variables;
  refuseOtherNetwork(settings, networks.pods, `${GROUP_VARIABLES}/main.yml`);
  refusePublicDomain(settings, variables.domain, `${GROUP_VARIABLES}/main.yml`);
  return {
    ...parts,
    trees: [...rendered, ...deliveryTrees(delivery)],
    files: [
      volumesFile(componentsOf(platform.app)),
      composeFile(platform, BASELINE),
      ...alertFiles(settings.monitoring.clusterName, signals.enabled),
    ],
    inventory,
    exceptions: [...parts.exceptions, ...variants.filter(({ name }) => name !== PRODUCTION).flatMap(overcommitment)],
    secrets: [...parts.secrets, grafanaCloud, grafanaCloudLogs, platformRepository],
    reservations: chartPods({ ...delivery.monitoring, uplinkNode: delivery.uplinkNode }),
    podsOfCharts: monitoringPods(MONITORING_NAMESPACE),
    images: imageFacts(registries),
    notes: notes(settings, clusterVersion),
    reviewed: reviewedFacts(settings, { networks, clusterVersion, stagedCharts }),
  };
}

const PRODUCTION = 'production';

/** What Ansible tells all hosts. */
export function groupVariables({ hosts }: Inventory): GroupVariables {
  return readGroupVariables(join(__dirname, GROUP_VARIABLES), GROUP_VARIABLES, hosts);
}

/** An API server without the gate drops the field in silence, so that an autoscaler would act by another tolerance than its manifest says. */
function refuseTolerances(variants: readonly WorkloadVariant[]): void {
  for (const { name, settings } of variants)
    for (const [workload, { replicas }] of Object.entries(settings))
      if (typeof replicas === 'object' && replicas.tolerancePercent !== undefined)
        throw new Error(
          `variant ${name}: ${workload}: replicas.tolerancePercent needs autoscaler_tolerance: true in ${GROUP_VARIABLES}/main.yml, without which the API server drops it; set that, or leave the tolerance out.`,
        );
}

function imageFacts(registries: readonly string[]): PlatformModel['images'] {
  return {
    registries,
    outside: Object.entries(outsideImages).flatMap(([name, { version, images }]) =>
      images.map((image) => ({ image, namedBy: `${name} ${version}`, listedIn: 'facts/outside-image-list.json' })),
    ),
    digestPending: namesPendingDigest(),
  };
}

function deliverySettings(settings: Settings, inventory: Inventory) {
  const { repositoryUrl, branch, namespace, internetNode, outsideNameServers, monitoring } = settings;
  const [credentials, logCredentials] = [grafanaCloud, grafanaCloudLogs].map(({ name, namespace }) => ({
    name,
    namespace,
  }));
  const nodes = clusterNodes(inventory);
  const devices = nodes.flatMap(({ storageDevice }) => storageDevice ?? []);
  return {
    repositoryUrl,
    branch,
    namespace,
    workloadVariant: PRODUCTION,
    uplinkNode: internetNode,
    signals: settings.signals.enabled,
    outsideNameServers,
    addresses: {
      server: nodes.find(({ role }) => role === 'server')!.address,
      nodes: inventory.network ? [inventory.network] : nodes.map(({ address }) => `${address}/32`),
      podNetwork: settings.podNetwork,
      outsideNameServers,
    },
    monitoring: {
      ...monitoring,
      probedUrl: `https://${settings.hosts.auth}/ping`,
      credentials,
      logCredentials,
      storageDevices: [...new Set(devices)],
    },
  };
}

if (require.main === module) void runCommand(model);
