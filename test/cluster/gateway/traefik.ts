import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'node:http';
import { buildTool } from '../../../tools/build';
import { startGuarded, waitUntil, type GuardedProcess } from '../../fixtures/guarded-process';
import type { ControlPlane } from '../control-plane';
import { freePorts } from '../../fixtures/free-ports';

/** A running Traefik. */
export interface Traefik {
  /** Port of its TLS entry point on 127.0.0.1. */
  readonly port: number;
  /** Names of the routers that are in force, such as `ahuora-api-…@kubernetes`. */
  routers(): Promise<string[]>;
  /** Names of the routers that Traefik refuses to serve, with its reason. */
  outOfForce(): Promise<string[]>;
  /** Addresses that a service sends to, by the service's name as Traefik calls it. */
  servers(serviceNamePart: string): Promise<string[]>;
  readonly process: GuardedProcess;
  stop(): Promise<void>;
}

/** How Traefik is started. */
export interface TraefikOptions {
  /** Command-line arguments that the platform adds to those of K3s. */
  readonly platformArguments: readonly string[];
  /** Names that this Traefik resolves, as the cluster's DNS would, and their addresses. */
  readonly hosts: Readonly<Record<string, string>>;
}

/**
 * Starts Traefik with the arguments that K3s' chart gives it, reading ingresses and middlewares from the API server. The name
 * service of the cluster is played by a hosts file that only this process sees.
 */
export async function startTraefik(cluster: ControlPlane, options: TraefikOptions): Promise<Traefik> {
  const binary = await buildTool('traefik');
  const [port, apiPort] = (await freePorts(2)) as [number, number];
  const folder = join(cluster.folder, `traefik-${port}`);
  await mkdir(folder);
  const hostsFile = join(folder, 'hosts');
  const names = Object.entries(options.hosts).map(([name, address]) => `${address} ${name}`);
  await writeFile(hostsFile, ['127.0.0.1 localhost', ...names, ''].join('\n'));
  const access = ['kubernetesingress', 'kubernetescrd'].flatMap((provider) => [
    `--providers.${provider}.endpoint=${cluster.server}`,
    `--providers.${provider}.token=${cluster.token}`,
    `--providers.${provider}.certauthfilepath=${cluster.caFile}`,
  ]);
  const command = [
    binary,
    '--global.checknewversion=false',
    '--global.sendanonymoususage=false',
    `--entrypoints.websecure.address=127.0.0.1:${port}`,
    '--entrypoints.websecure.http.tls=true',
    `--entrypoints.traefik.address=127.0.0.1:${apiPort}`,
    '--api.insecure=true',
    '--log.level=INFO',
    '--accesslog=true',
    ...access,
    ...options.platformArguments,
  ];
  const script = 'mount --bind "$0" /etc/hosts && exec "$@"';
  const process = await startGuarded({
    name: 'traefik',
    command: ['unshare', ...mountIdentity(), '--mount', '--', 'sh', '-c', script, hostsFile, ...command],
    log: join(folder, 'traefik.log'),
    grace: 1,
  });
  const read = (path: string) => getJson(apiPort, path);
  await waitUntil('traefik answers', async () => (await read('/api/version')) !== undefined, 60, process);
  const routers = async () =>
    ((await read('/api/http/routers')) ?? []) as { name: string; status: string; error?: readonly string[] }[];
  return {
    port,
    process,
    routers: async () => (await routers()).filter(({ status }) => status === 'enabled').map(({ name }) => name),
    outOfForce: async () =>
      (await routers())
        .filter(({ status }) => status !== 'enabled')
        .map(({ name, error }) => `${name}: ${(error ?? []).join(', ')}`),
    servers: async (part) => {
      const services = ((await read('/api/http/services')) ?? []) as {
        name: string;
        loadBalancer?: { servers?: { url: string }[] };
      }[];
      const service = services.find(({ name }) => name.includes(part));
      return (service?.loadBalancer?.servers ?? []).map(({ url }) => url);
    },
    stop: () => process.stop(),
  };
}

function mountIdentity(): string[] {
  return process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
}

function getJson(port: number, path: string): Promise<unknown> {
  return new Promise((resolve) => {
    const call = request({ host: '127.0.0.1', port, path, agent: false, timeout: 5000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(response.statusCode === 200 ? JSON.parse(text) : undefined));
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(undefined));
    call.end();
  });
}
