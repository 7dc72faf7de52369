import type { Host, Inventory } from '../../inventory';

/** What a node offers to pods. */
export interface Node {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly cpuMillicores: number;
  readonly memoryMiB: number;
}

/**
 * What a node keeps for itself before any pod of ours. K3s' resource profiling (docs.k3s.io/reference/resource-profiling,
 * Pi 4B with SQLite) counts 30 % of a core and 1,588 MB for a server with a workload, 10 % and 268 MB for an agent; added
 * are about 200 MB for the operating system and what CoreDNS and metrics-server of K3s ask for (100 m and 70 MiB each,
 * counted on the server), rounded up.
 */
export const SYSTEM_RESERVE = {
  server: { cpuMillicores: 500, memoryMiB: 2048 },
  agent: { cpuMillicores: 250, memoryMiB: 512 },
} as const;

/** The nodes of the cluster, less the reserve of their system. */
export function nodesOfCluster(inventory: Inventory): Node[] {
  return inventory.hosts.flatMap((host) => (host.role === 'gateway' ? [] : [toNode(host, host.role)]));
}

function toNode(host: Host, role: keyof typeof SYSTEM_RESERVE): Node {
  const reserve = SYSTEM_RESERVE[role];
  return {
    name: host.name,
    labels: {
      'kubernetes.io/arch': 'arm64',
      'kubernetes.io/os': 'linux',
      'kubernetes.io/hostname': host.name,
      ...(role === 'server' ? { 'node-role.kubernetes.io/control-plane': 'true' } : {}),
    },
    cpuMillicores: host.cores * 1000 - reserve.cpuMillicores,
    memoryMiB: host.memoryMiB - reserve.memoryMiB,
  };
}
