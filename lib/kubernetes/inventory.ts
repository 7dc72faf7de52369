/** A machine of the Ansible inventory. */
export interface Host {
  readonly name: string;
  /** IPv4 address. */
  readonly address: string;
  /** `gateway` is outside the cluster; `server` and `agent` are Kubernetes nodes. */
  readonly role: 'gateway' | 'server' | 'agent';
  /** CPU cores. */
  readonly cores: number;
  /** Physical memory, MiB. */
  readonly memoryMiB: number;
  /** Block device of its own storage, such as `/dev/mmcblk0`. */
  readonly storageDevice?: string;
  /** Hardware address by which DHCP knows it, such as `2c:cf:67:00:01:22`. */
  readonly mac?: string;
  /** Whether it reaches the internet (`wifi` of the inventory). @default false */
  readonly hasUplink?: boolean;
  /** Kubernetes labels that it joins the cluster with. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Taints that it joins the cluster with. @default none */
  readonly taints?: readonly Taint[];
}

/** What keeps pods from a node unless they tolerate it. */
export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** What a node keeps from its pods: the kubelet's reserve, and the free memory below which it evicts. */
export interface NodeReserve {
  readonly cpuMillicores: number;
  readonly memoryMiB: number;
}

/** The machines that exist. */
export interface Inventory {
  readonly hosts: readonly Host[];
  /** Addresses of the LAN, CIDR. @default those of the hosts alone */
  readonly network?: string;
  /** By the role of a node. */
  readonly reserve: Readonly<Record<'server' | 'agent', NodeReserve>>;
}
