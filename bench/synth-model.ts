import { App } from 'cdk8s';
import { Component } from '../lib/constructs/component';
import { ConfigFiles } from '../lib/constructs/config-files';
import { ForwardAuth } from '../lib/constructs/gateway/forward-auth';
import { PublicIngress } from '../lib/constructs/gateway/public-ingress';
import type { Inventory } from '../lib/kubernetes/inventory';
import { componentsOf, connectionsOf, modelParts } from '../lib/constructs/model-parts';
import { serviceEndpoint, type Endpoint } from '../lib/constructs/network/endpoint';
import { NetworkPolicies } from '../lib/constructs/network/network-policies';
import type { PlatformModel } from '../lib/constructs/platform-model';
import { Secret } from '../lib/kubernetes/secret';
import { WebService } from '../lib/constructs/workload/web-service';
import { k8s } from 'cdk8s-plus-28';

/** As many as the platform has: the unit that is multiplied. */
export const COMPONENTS_OF_THE_PLATFORM = 12;

const resources = { cpu: { request: '100m', limit: '1' }, memory: { request: '64Mi', limit: '128Mi' } };
const database = new Secret('database', {
  username: { description: 'name of the user' },
  password: { description: 'password of the user' },
});
const router: Endpoint = {
  peer: { name: 'traefik', pods: { 'app.kubernetes.io/name': 'traefik' }, namespace: 'kube-system' },
  ports: [{ port: 8443, protocol: 'TCP' }],
};

const NOTHING_REVIEWED: PlatformModel['reviewed'] = {
  file: 'facts/permissions.ts',
  repository: { url: '', branch: '' },
  projects: {},
  chartRepositories: [],
  administrators: [],
  podSecurity: {},
  networks: { pods: '10.42.0.0/16', services: '10.43.0.0/16' },
  clusterVersion: 'v1.34',
};

/**
 * A platform of that many components of the common kind, each with a ConfigMap, Deployment, Service, disruption budget,
 * Ingress and network policy, on as many nodes as they need. `prefix` keeps two models from sharing any object.
 */
export function modelOf(components: number, prefix: string): PlatformModel {
  const app = new App();
  const props = { namespace: 'bench', partOf: 'bench', syncWave: 1 };
  const foundation = new Component(app, 'namespace', props);
  const neverPruned = { 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' };
  new k8s.KubeNamespace(foundation, 'bench', {
    metadata: foundation.clusterMetadata('bench', {
      annotations: neverPruned,
      labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
    }),
  });
  new ForwardAuth(foundation, {
    signInName: 'sign-in',
    authority: serviceEndpoint(`${prefix}-0`, 8080),
    sessionCookie: '__Secure-bench',
  });
  for (let index = 0; index < components; index += 1) addComponent(app, `${prefix}-${index}`, props);
  const network = new Component(app, 'network', props);
  new NetworkPolicies(network, { connections: () => connectionsOf(componentsOf(app)), nameServer: router });
  return {
    trees: [{ directory: 'platform', app }],
    files: [],
    inventory: inventoryFor(components),
    reservations: [],
    reviewed: NOTHING_REVIEWED,
    ...modelParts(componentsOf(app)),
  };
}

function addComponent(app: App, name: string, props: ConstructorParameters<typeof Component>[2]): void {
  const component = new Component(app, name, props);
  const config = new ConfigFiles(component, `${name}-config`, { 'settings.ini': `[service]\nname = ${name}\n` });
  const { endpoint } = new WebService(component, {
    image: 'example/service:1.2.3',
    port: 8080,
    replicas: 2,
    probes: '/healthz',
    resources,
    environment: {
      MODE: 'production',
      DATABASE_USER: database.key('username'),
      DATABASE_PASSWORD: database.key('password'),
    },
    mounts: [{ kind: 'config', config, path: '/etc/service' }],
  });
  new PublicIngress(component, name, {
    routes: [{ host: `${name}.example.com`, to: endpoint }],
    controller: router,
    leadsToAuthority: name.endsWith('-0'),
  });
}

function inventoryFor(components: number): Inventory {
  const agents = Array.from({ length: Math.ceil(components / 8) + 1 }, (_, index) => ({
    name: `node-${index}`,
    address: '192.0.2.1',
    role: 'agent' as const,
    cores: 4,
    memoryMiB: 8192,
  }));
  const reserve = { cpuMillicores: 200, memoryMiB: 768 };
  return { hosts: agents, reserve: { server: reserve, agent: reserve } };
}
