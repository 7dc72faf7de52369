import type { Host, Inventory, NodeReserve, Taint } from './inventory';

/** What a node has, and what of it it offers to pods (`status.allocatable`). */
export interface NodeCapacity {
  readonly name: string;
  readonly role: 'server' | 'agent';
  readonly labels: Readonly<Record<string, string>>;
  /** Cores of the machine. */
  readonly cores: number;
  readonly taints: readonly Taint[];
  /** Allocatable CPU, millicores. */
  readonly cpuMillicores: number;
  /** Allocatable memory, MiB. */
  readonly memoryMiB: number;
  /** What pods are not offered. */
  readonly reserve: NodeReserve;
}

/**
 * The nodes of the cluster with what the scheduler may give to pods:
 * allocatable = capacity - system-reserved - kube-reserved (unset: all is in the former) - hard eviction threshold.
 * Source: https://kubernetes.io/docs/tasks/administer-cluster/reserve-compute-resources/#node-allocatable
 */
export function nodesOfCluster(inventory: Inventory): NodeCapacity[] {
  return inventory.hosts.flatMap((host) =>
    host.role === 'gateway' ? [] : [toNode(host, host.role, inventory.reserve[host.role])],
  );
}

function toNode(host: Host, role: 'server' | 'agent', reserve: NodeReserve): NodeCapacity {
  return {
    name: host.name,
    role,
    taints: host.taints ?? [],
    labels: {
      ...host.labels,
      'kubernetes.io/arch': 'arm64',
      'kubernetes.io/os': 'linux',
      'kubernetes.io/hostname': host.name,
      ...(role === 'server' ? { 'node-role.kubernetes.io/control-plane': 'true' } : {}),
    },
    cores: host.cores,
    cpuMillicores: host.cores * 1000 - reserve.cpuMillicores,
    memoryMiB: host.memoryMiB - reserve.memoryMiB,
    reserve,
  };
}
