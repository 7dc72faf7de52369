import { IPv4 } from 'ipaddr.js';
import { nearestName } from '../../lib/kubernetes/names/nearest-name';

type Section = Readonly<Record<string, unknown>>;

/** Facts of a machine that the charts and the roles read; variables of roles may stand beside them. */
export const MACHINE_FACTS: readonly string[] = [
  ...['ansible_host', 'ansible_user', 'cluster_network', 'cores', 'memory_mib', 'storage_device', 'mac', 'wifi'],
  ...['lan_interface', 'uplink_interface', 'node_labels', 'node_taints'],
];
/** Set for all hosts at once: a host that differs would not be of the same cluster. */
const OF_ALL_HOSTS = /_version$|^(pod_network|service_network|domain_name|registry_(port|engine|upstreams))$/;
const PASSWORD = /^ansible_(\w+_)?pass(word)?$/;
/** A partition of a disk, as /dev/mmcblk0p2 or /dev/sda1. */
const PARTITION = /^\/dev\/(\w*\dp\d+|[hsv]d[a-z]+\d+)$/;
const GROUPS = ['gateway', 'server', 'agent', 'k3s_cluster'];
/** Linux keeps 15 characters of a name. */
const INTERFACE = /^[a-z][a-z0-9.:-]{0,14}$/;
/** A board of this kind has 4 cores and up to 16 GiB; the largest that runs Raspberry Pi OS has 16 cores. */
const MOST_CORES = 16;

/**
 * Holds the facts of the machines against what they can be, beyond their form.
 *
 * @param all the section `all` of the inventory
 * @throws Error with one sentence naming file and field.
 */
export function refuseImpossibleMachines(all: Section, file: string): void {
  const vars = asSection(all['vars']);
  const groups = asSection(all['children']);
  refuseMisspelt(vars, `${file}: all.vars`);
  for (const name of Object.keys(groups)) {
    const near = GROUPS.includes(name) ? undefined : nearestName(name, GROUPS);
    if (near)
      throw new Error(`${file}: all.children: the group ${name} is read by nothing; ${near} is probably meant.`);
  }
  refuseIncompleteCluster(asSection(groups['k3s_cluster']), file);
  for (const [group, section] of Object.entries(groups)) {
    for (const [host, own] of Object.entries(asSection(asSection(section)['hosts']))) {
      const where = `${file}: all.children.${group}.hosts.${host}`;
      refuseMisspelt(asSection(own), where);
      refuseOutOfPlace(asSection(own), where);
      refuseMachine({ ...vars, ...asSection(own) }, where);
    }
  }
  refuseUnknownBoards(groups, file);
}

/** What does not belong to one host, or to no file of git. */
function refuseOutOfPlace(own: Section, where: string): void {
  for (const [name, value] of Object.entries(own)) {
    if (OF_ALL_HOSTS.test(name))
      throw new Error(`${where}.${name}: is one for all hosts; write it in ansible/inventory/group_vars/all.`);
    if (PASSWORD.test(name) && !String(value).includes('{{'))
      throw new Error(
        `${where}.${name}: is written out, and stays in git for ever; sign in with a key, or put it into the vault.`,
      );
  }
}

/** The name server gives an address to a board by its MAC address: one without is never found again. */
function refuseUnknownBoards(groups: Section, file: string): void {
  const hosts = ['gateway', 'server', 'agent'].flatMap((group) =>
    Object.entries(asSection(asSection(groups[group])['hosts'])).map(([name, own]) => ({
      group,
      name,
      own: asSection(own),
    })),
  );
  const unknown = hosts.find(({ own }) => own['mac'] === undefined);
  if (!unknown || hosts.every(({ own }) => own['mac'] === undefined)) return;
  throw new Error(
    `${file}: all.children.${unknown.group}.hosts.${unknown.name}.mac: it is missing, so that DHCP gives the board no address; write what stands on its label.`,
  );
}

function refuseMisspelt(section: Section, where: string): void {
  for (const name of Object.keys(section)) {
    const near = MACHINE_FACTS.includes(name) ? undefined : nearestName(name, MACHINE_FACTS);
    if (near) throw new Error(`${where}.${name}: nothing reads this; ${near} is probably meant.`);
  }
}

/** Roles run on the group k3s_cluster: without a child its hosts are left out. */
function refuseIncompleteCluster({ children }: Section, file: string): void {
  if (children === undefined) return;
  const missing = ['server', 'agent'].find((group) => !(group in asSection(children)));
  if (missing)
    throw new Error(
      `${file}: all.children.k3s_cluster.children: ${missing} is missing, so its hosts stay out of the cluster; add it.`,
    );
}

function refuseMachine(facts: Section, where: string): void {
  const { ansible_user: user, lan_interface: lan, uplink_interface: uplink, cores } = facts;
  if (user !== undefined && (typeof user !== 'string' || !/^[a-z_][a-z0-9_-]{0,31}$/.test(user)))
    throw new Error(`${where}.ansible_user: ${JSON.stringify(user)} is no name of a user; use a-z, 0-9, - and _.`);
  if (user === 'root')
    throw new Error(`${where}.ansible_user: root may not sign in over SSH; name the user that sudo knows.`);
  for (const [field, value] of Object.entries({ lan_interface: lan, uplink_interface: uplink })) {
    if (value === undefined || (typeof value === 'string' && INTERFACE.test(value))) continue;
    throw new Error(`${where}.${field}: ${JSON.stringify(value)} is no network interface; write one such as eth0.`);
  }
  if (lan !== undefined && lan === uplink)
    throw new Error(
      `${where}.lan_interface: ${String(lan)} is uplink_interface as well; the LAN and the internet have one each.`,
    );
  if (typeof cores === 'number' && cores > MOST_CORES)
    throw new Error(`${where}.cores: ${cores} are more than any such board has; write its cores, such as 4.`);
  if (typeof facts['storage_device'] === 'string' && PARTITION.test(facts['storage_device']))
    throw new Error(
      `${where}.storage_device: ${facts['storage_device']} is a partition; name its disk, such as /dev/mmcblk0.`,
    );
  refuseReservedAddress(facts, where);
}

/** The first and the last address of a network belong to no host. */
function refuseReservedAddress({ ansible_host: address, cluster_network: network }: Section, where: string): void {
  if (
    typeof address !== 'string' ||
    typeof network !== 'string' ||
    !IPv4.isValidCIDR(network) ||
    !IPv4.isValid(address)
  )
    return;
  const reserved = [IPv4.networkAddressFromCIDR(network), IPv4.broadcastAddressFromCIDR(network)].map(String);
  if (!reserved.includes(address)) return;
  throw new Error(
    `${where}.ansible_host: ${address} is no address of a host: it stands for the network ${network} or for all of it.`,
  );
}

function asSection(value: unknown): Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Section) : {};
}
