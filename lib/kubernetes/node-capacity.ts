import type { Host, Inventory } from './inventory';

/** What a node offers to pods: `status.allocatable`. */
export interface Node {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly cpuMillicores: number;
  readonly memoryMiB: number;
}

/**
 * What the kubelets keep from pods (`system-reserved`; K3s' server keeps more, for the control plane is in it). A test holds
 * it, and the threshold below, equal to what Ansible sets. The amounts rest on K3s' resource profiling (Pi 4B with SQLite:
 * 30 % of a core and some 800 MB for a server, 10 % and 268 MB for an agent) and about 200 MB for the operating system.
 * Source: https://docs.k3s.io/reference/resource-profiling
 */
export const SYSTEM_RESERVE = {
  server: { cpuMillicores: 500, memoryMiB: 1024 },
  agent: { cpuMillicores: 200, memoryMiB: 512 },
} as const;

/** `eviction-hard` of memory: below this much free memory the kubelet evicts pods, so it offers them no more either. */
export const EVICTION_THRESHOLD_MIB = 256;

/**
 * The nodes of the cluster with what the scheduler may give to pods:
 * allocatable = capacity - system-reserved - kube-reserved (unset: all is in the former) - hard eviction threshold.
 * Source: https://kubernetes.io/docs/tasks/administer-cluster/reserve-compute-resources/#node-allocatable
 */
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
    memoryMiB: host.memoryMiB - reserve.memoryMiB - EVICTION_THRESHOLD_MIB,
  };
}
