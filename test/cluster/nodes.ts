import { join } from 'node:path';
import type { Host } from '../../lib/inventory';
import { clusterNodes as clusterHosts, readInventory } from '../../lib/read-inventory';
import type { KubernetesObject } from '../../lib/rendered';

/** Memory and CPU that K3s, the kubelet and the system keep on each node, and that pods cannot request. */
const RESERVED = { memoryMiB: 512, milliCpu: 200 };

/** One Node object per cluster host of the inventory, as the kubelet of a Raspberry Pi 5 under K3s registers it. */
export function clusterNodes(): KubernetesObject[] {
  const inventory = readInventory(join(__dirname, '..', '..', 'ansible', 'inventory', 'hosts.yml'));
  return clusterHosts(inventory).map(node);
}

function node(host: Host): KubernetesObject {
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
      },
    },
    status: {
      capacity: { cpu: `${host.cores}`, memory: `${host.memoryMiB}Mi`, pods: '110', 'ephemeral-storage': '100Gi' },
      allocatable: {
        cpu: `${host.cores * 1000 - RESERVED.milliCpu}m`,
        memory: `${host.memoryMiB - RESERVED.memoryMiB}Mi`,
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
