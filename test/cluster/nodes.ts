import type { LooseObject } from '../fixtures/loose';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseQuantity } from '../../lib/kubernetes/quantity';
import type { Host } from '../../lib/kubernetes/inventory';
import { clusterNodes, readInventory } from '../../facts/inventory';
import type { KubernetesObject } from '../../lib/kubernetes/object';

const INVENTORY = join(__dirname, '..', '..', 'ansible', 'inventory');

/** One Node object per cluster host of the inventory, as the kubelet of a Raspberry Pi 5 under K3s registers it. */
export function nodeObjects(): LooseObject[] {
  const file = join(INVENTORY, 'hosts.yml');
  const variables = hostVariables(file);
  return clusterNodes(readInventory(file)).map((host) => node(host, variables(host.name), systemReserved(host.role)));
}

/** What a host joins the cluster with. */
interface NodeVariables {
  /** As `key=value`. */
  readonly node_labels?: readonly string[];
  /** As `key=value:Effect`. */
  readonly node_taints?: readonly string[];
}

/** A group of the inventory. */
interface HostGroup {
  readonly hosts?: Readonly<Record<string, NodeVariables | null>>;
}

/** A host's variables, which win over those of all hosts. */
function hostVariables(file: string): (host: string) => NodeVariables {
  const { all } = parse(readFileSync(file, 'utf8')) as {
    all: { vars: NodeVariables; children: Record<string, HostGroup> };
  };
  return (host) =>
    Object.assign(
      {},
      all.vars,
      ...Object.values(all.children).map((group) => group.hosts?.[host] ?? {}),
    ) as NodeVariables;
}

/** Cores and memory (bytes) that the kubelet of a role keeps from pods: its reserve and its eviction threshold, as Ansible sets them. */
function systemReserved(role: Host['role']): { readonly cpu: number; readonly memory: number } {
  const file = join(INVENTORY, 'group_vars', role, 'main.yml');
  const { k3s_node_system_reserved: setting } = parse(readFileSync(file, 'utf8')) as {
    k3s_node_system_reserved: string;
  };
  const amounts = Object.fromEntries(setting.split(',').map((part) => part.split('=') as [string, string]));
  const defaults = parse(readFileSync(join(INVENTORY, '..', 'roles', 'k3s_node', 'defaults', 'main.yml'), 'utf8')) as {
    k3s_node_eviction_hard: string;
  };
  const eviction = /memory\.available<(\w+)/.exec(defaults.k3s_node_eviction_hard)?.[1];
  return {
    cpu: parseQuantity(amounts['cpu']) ?? 0,
    memory: (parseQuantity(amounts['memory']) ?? 0) + (parseQuantity(eviction) ?? 0),
  };
}

function node(
  host: Host,
  { node_labels = [], node_taints = [] }: NodeVariables,
  reserved: { cpu: number; memory: number },
): KubernetesObject {
  const isServer = host.role === 'server';
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: host.name,
      labels: {
        'kubernetes.io/hostname': host.name,
        'kubernetes.io/arch': 'arm64',
        'kubernetes.io/os': 'linux',
        'node.kubernetes.io/instance-type': 'k3s',
        ...(isServer ? { 'node-role.kubernetes.io/control-plane': 'true' } : {}),
        ...Object.fromEntries(node_labels.map((label) => label.split('=') as [string, string])),
      },
    },
    spec: { taints: node_taints.map(taint) },
    status: {
      capacity: { cpu: `${host.cores}`, memory: `${host.memoryMiB}Mi`, pods: '110', 'ephemeral-storage': '100Gi' },
      allocatable: {
        cpu: `${Math.round((host.cores - reserved.cpu) * 1000)}m`,
        memory: `${host.memoryMiB - reserved.memory / 2 ** 20}Mi`,
        pods: '110',
        'ephemeral-storage': '90Gi',
      },
      addresses: [
        { type: 'InternalIP', address: host.address },
        { type: 'Hostname', address: host.name },
      ],
      nodeInfo: {
        architecture: 'arm64',
        operatingSystem: 'linux',
        kubeletVersion: 'v1.34.4+k3s1',
        kubeProxyVersion: '',
        containerRuntimeVersion: 'containerd://2.1.5-k3s1',
        osImage: 'Debian GNU/Linux 13 (trixie)',
        kernelVersion: '6.12.47+rpt-rpi-2712',
        bootID: '',
        machineID: '',
        systemUUID: '',
      },
    },
  };
}

/** `dedicated=database:NoSchedule` as Kubernetes stores it. */
function taint(text: string): { key: string; value?: string; effect: string } {
  const [pair = '', effect = ''] = text.split(':');
  const [key = '', value] = pair.split('=');
  return { key, ...(value === undefined ? {} : { value }), effect };
}
