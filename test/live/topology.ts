import { join } from 'node:path';
import { clusterNode, readInventory } from '../../facts/inventory';

const inventory = readInventory(join(__dirname, '..', '..', 'ansible', 'inventory', 'hosts.yml'));

/** The nodes that take part: the server, and the two workers that hold the volumes of production. */
export const NODES = ['control', 'worker-1', 'worker-2'] as const;
export type NodeName = (typeof NODES)[number];

/** Addresses on the LAN, from the inventory. */
export const LAN: Readonly<Record<NodeName | 'ingress', string>> = {
  ingress: '192.168.100.101',
  ...(Object.fromEntries(
    NODES.map((name) => [name, clusterNode(inventory, name, 'test/live/topology.ts').address]),
  ) as Record<NodeName, string>),
};

/** Pod range of each node, as K3s hands them out in the order in which nodes join. */
export const POD_RANGE: Readonly<Record<NodeName, string>> = {
  control: '10.42.0.0/24',
  'worker-1': '10.42.1.0/24',
  'worker-2': '10.42.2.0/24',
};
export const POD_NETWORK = '10.42.0.0/16';
export const SERVICE_NETWORK = '10.43.0.0/16';
export const CLUSTER_DNS = '10.43.0.10';
export const API_PORT = 6443;

/** The 4G router's own network, that only hosts with Wi-Fi reach. */
export const WIFI = { router: '192.168.1.1', control: '192.168.1.2', ingress: '192.168.1.3' } as const;

/**
 * The internet side, in a namespace of its own: public addresses that exist nowhere outside it, so that nothing leaves this
 * machine. The ranges 203.0.113.0/24 and 198.51.100.0/24 are reserved for examples (RFC 5737).
 */
export const INTERNET = {
  nameServers: ['1.1.1.1', '8.8.8.8'],
  google: '203.0.113.10',
  github: '203.0.113.20',
  edge: '198.51.100.40',
} as const;

/** The registries that images are pulled from, each with an address of its own. */
export const REGISTRIES: Readonly<Record<string, string>> = {
  'docker.io': '203.0.113.31',
  'registry.k8s.io': '203.0.113.32',
  'quay.io': '203.0.113.33',
  'ghcr.io': '203.0.113.34',
};

/** Names that the name servers of the internet know. */
export const INTERNET_NAMES: Readonly<Record<string, string>> = {
  'accounts.google.com': INTERNET.google,
  'oauth2.googleapis.com': INTERNET.google,
  'www.googleapis.com': INTERNET.google,
  'openidconnect.googleapis.com': INTERNET.google,
  'github.com': INTERNET.github,
  'api.github.com': INTERNET.github,
  'registry-1.docker.io': REGISTRIES['docker.io']!,
  'registry.k8s.io': REGISTRIES['registry.k8s.io']!,
  'quay.io': REGISTRIES['quay.io']!,
  'ghcr.io': REGISTRIES['ghcr.io']!,
  'region1.v2.argotunnel.com': INTERNET.edge,
};
