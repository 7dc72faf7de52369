import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { buildTool } from '../../../tools/build';
import { settings } from '../../../facts/settings';
import type { KubernetesObject } from '../../../lib/kubernetes/object';
import { waitUntil } from '../../fixtures/guarded-process';
import { applyObjects, installPrerequisites } from '../apply';
import { startControlPlane, type ControlPlane } from '../control-plane';
import { freePorts } from '../../fixtures/free-ports';
import { readTree } from '../manifests';
import { requireOwnNetwork } from '../own-network';
import { startOpenIdProvider } from './openid-provider';
import { startPodPlayer, type Cast, type PodPlayer } from './pod-player';
import { startTraefik, type Traefik } from './traefik';

/** Everything between a visitor and the back ends, running. */
export interface GatewayStack {
  readonly cluster: ControlPlane;
  readonly traefik: Traefik;
  readonly player: PodPlayer;
  /** An address on the list of those who may sign in, and one that is not; made up at each run. */
  readonly authorised: string;
  readonly stranger: string;
  /** Port of the entry point for plain HTTP. */
  readonly plainPort: number;
  stop(): Promise<void>;
}

/** The platform's objects that the gateway consists of or leads to. */
const COMPONENTS = ['gateway', 'oauth2-proxy', 'front-end', 'django-api'];

/**
 * Starts the API server with the rendered manifests applied, an OpenID Connect provider in the place of Google, OAuth2 Proxy with
 * its rendered configuration, stand-ins for front end and API, and Traefik with the arguments of K3s and of the platform.
 */
export async function startGatewayStack(): Promise<GatewayStack> {
  requireOwnNetwork();
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const each of stops.reverse()) await each();
  };
  try {
    const oauth2ProxyBinary = await buildTool('oauth2-proxy');
    const cluster = await startControlPlane({ kwok: false });
    stops.push(() => cluster.stop());
    await prepareCluster(cluster);
    const [issuerPort, plainPort] = (await freePorts(2)) as [number, number];
    const client = { clientId: 'ahuora', clientSecret: randomBytes(16).toString('hex') };
    const people = { authorised: madeUpAddress(), stranger: madeUpAddress() };
    await seedOAuth2ProxySecret(cluster, client, people.authorised);
    const objects = platformObjects();
    await apply(cluster, objects);

    mkdirSync(join(cluster.folder, 'openid'));
    const redirectUri = `https://${settings.hosts.auth}/oauth2/callback`;
    const provider = await startOpenIdProvider(join(cluster.folder, 'openid'), issuerPort, { ...client, redirectUri });
    stops.push(() => provider.stop());

    const player = startPodPlayer(cluster, settings.namespace, {
      'oauth2-proxy': (_container, { args }) => ({
        // Only who says who somebody is differs from the platform: Google cannot be asked here.
        command: [oauth2ProxyBinary, ...args, '--provider=oidc', `--oidc-issuer-url=http://127.0.0.1:${issuerPort}`],
      }),
      'front-end': echo('front-end', 8080, '--page'),
      'django-api': echo('django-api', 8000),
    });
    stops.push(() => player.stop());
    for (const name of ['oauth2-proxy', 'front-end', 'django-api']) await rolledOut(cluster, name, player);

    const traefik = await startTraefik(cluster, {
      platformArguments: [`--entrypoints.web.address=127.0.0.1:${plainPort}`, ...traefikArguments(objects)],
      hosts: await serviceNames(cluster, ['oauth2-proxy']),
    });
    stops.push(() => traefik.stop());
    await waitUntil('traefik knows all routes', async () => (await traefik.routers()).length >= 6, 60, traefik.process);
    return { cluster, traefik, player, ...people, plainPort, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Nodes that report ready, the namespaces, their Secrets, the priorities, and the ingress class that K3s brings with Traefik. */
export async function prepareCluster(cluster: ControlPlane): Promise<void> {
  const { items } = JSON.parse(await cluster.kubectl(['get', 'nodes', '-o', 'json'])) as { items: KubernetesObject[] };
  const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }];
  for (const node of items) {
    const patch = JSON.stringify({ status: { conditions } });
    await cluster.kubectl(['patch', 'node', node.metadata.name, '--subresource=status', '--patch', patch]);
  }
  await installPrerequisites(cluster);
  await apply(cluster, [
    ...readTree('platform').filter(({ kind }) => kind === 'PriorityClass'),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'traefik' },
      spec: { controller: 'traefik.io/ingress-controller' },
    } as KubernetesObject,
  ]);
}

/** Applies objects as Argo CD does. */
export async function apply(cluster: ControlPlane, objects: readonly KubernetesObject[]): Promise<void> {
  const result = await applyObjects(cluster, objects);
  if (result.status !== 0) throw new Error(`apply was refused: ${result.stderr.trim()}`);
}

/** The rendered objects of the components that take part, workloads of `production` included. */
export function platformObjects(components: readonly string[] = COMPONENTS): KubernetesObject[] {
  return [...readTree('platform'), ...readTree('workloads/production')].filter((object) =>
    components.includes(object.metadata.labels?.['app.kubernetes.io/name'] ?? ''),
  );
}

/** What the platform's HelmChartConfig adds to Traefik's command line. */
export function traefikArguments(objects: readonly KubernetesObject[]): string[] {
  const config = objects.find(({ kind }) => kind === 'HelmChartConfig') as
    (KubernetesObject & { spec: { valuesContent: string } }) | undefined;
  if (!config) throw new Error('dist/platform/gateway.yaml holds no HelmChartConfig for Traefik');
  return (parse(config.spec.valuesContent) as { additionalArguments: string[] }).additionalArguments;
}

/** Waits for a Deployment, and says what its pods printed when it does not become ready. */
export async function rolledOut(cluster: ControlPlane, name: string, player: PodPlayer, seconds = 60): Promise<void> {
  const arguments_ = ['rollout', 'status', `deployment/${name}`, '-n', settings.namespace, `--timeout=${seconds}s`];
  const result = await cluster.tryKubectl(arguments_);
  if (result.status === 0) return;
  const events = await cluster.kubectl(['get', 'events', '-n', settings.namespace, '--field-selector=type=Warning']);
  const said = [events.slice(-3000), ...player.failures, player.output().slice(-2000)].join('\n');
  throw new Error(`${name} was not rolled out: ${result.stderr.trim()}\n${said}`);
}

/** Cluster names of Services with the address of a ready pod behind each, as the cluster's name service would lead to one. */
async function serviceNames(cluster: ControlPlane, services: readonly string[]): Promise<Record<string, string>> {
  const names: Record<string, string> = {};
  for (const service of services) {
    const path = [
      'get',
      'endpoints',
      service,
      '-n',
      settings.namespace,
      '-o',
      'jsonpath={.subsets[0].addresses[0].ip}',
    ];
    let address = '';
    await waitUntil(`${service} has an endpoint`, async () => (address = await cluster.kubectl(path)) !== '', 30);
    names[`${service}.${settings.namespace}.svc.cluster.local`] = address;
  }
  return names;
}

function echo(name: string, port: number, ...more: string[]): Cast {
  const script = join(__dirname, 'echo-back-end.mjs');
  return (_container, _surroundings, address) => ({
    command: [process.execPath, script, address, String(port), name, ...more],
  });
}

async function seedOAuth2ProxySecret(
  cluster: ControlPlane,
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
  address: string,
): Promise<void> {
  const values = {
    'client-id': clientId,
    'client-secret': clientSecret,
    'cookie-secret': randomBytes(16).toString('hex'),
    'authorised-emails': `${address}\n`,
  };
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'oauth2-proxy', namespace: settings.namespace },
    stringData: values,
  };
  await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], JSON.stringify(secret));
}

/** Reserved for examples: https://www.rfc-editor.org/rfc/rfc2606 */
function madeUpAddress(): string {
  return `${randomBytes(5).toString('hex')}@example.org`;
}
