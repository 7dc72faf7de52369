import { isMap } from '../lib/kubernetes/object';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IPv4 } from 'ipaddr.js';
import { parseDocument } from 'yaml';
import { refuseImpossibleMachines } from './ansible/machine-facts';
import { labelsAndTaints } from './ansible/node-labels';
import { readNodeReserve } from './ansible/node-reserve';
import type { Host, Inventory } from '../lib/kubernetes/inventory';

const ROLES = ['gateway', 'server', 'agent'] as const;
const IPV4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;
const HOST_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * Reads the machines from Ansible's YAML inventory; `cores` and `memory_mib` of `all.vars` hold where a host has none of its
 * own.
 *
 * @throws Error with one sentence naming file and field.
 */
export function readInventory(file: string, shownAs: string = file): Inventory {
  return parseInventory(readText(file, shownAs), shownAs, readNodeReserve(file));
}

const COMMITTED = 'ansible/inventory/hosts.yml';
let committed: Inventory | undefined;

/**
 * The machines of this repository's own inventory, read when they are first asked for.
 *
 * @throws Error with one sentence naming file and field.
 */
export function committedInventory(): Inventory {
  return (committed ??= readInventory(join(__dirname, '..', COMMITTED), COMMITTED));
}

/** The same from text, with what nodes keep from pods; `file` is what messages name. */
export function parseInventory(text: string, file: string, reserve: Inventory['reserve']): Inventory {
  const document = parseDocument(text);
  const [syntaxError] = document.errors;
  if (syntaxError) {
    const line = syntaxError.linePos?.[0].line;
    const place = `${file}${line ? `:${line}` : ''}`;
    if (syntaxError.code === 'DUPLICATE_KEY') {
      const name = text.split('\n')[(line ?? 1) - 1]?.trim().replace(/:.*$/, '') ?? 'a name';
      throw new Error(`${place}: ${name} is there already, and the later one would win; rename or remove one.`);
    }
    throw new Error(`${place}: is not valid YAML; correct the syntax at that line.`);
  }
  const all = section(document.toJS(), 'all', file);
  const defaults = optionalSection(all, 'vars', `${file}: all`);
  const groups = section(all, 'children', `${file}: all`);
  refuseImpossibleMachines(all, file);
  const hosts = ROLES.flatMap((role) => hostsOfGroup(role, groups, defaults, file));
  refuseDuplicates(hosts, file);
  refuseCutOffGateway(hosts, file);
  refuseOutsiders(hosts, defaults, file);
  refuseWrongBoards(groups, file);
  const network = defaults['cluster_network'];
  return { hosts, reserve, ...(typeof network === 'string' ? { network } : {}) };
}

/** The hosts that form the Kubernetes cluster. */
export function clusterNodes(inventory: Inventory): readonly Host[] {
  return inventory.hosts.filter((host) => host.role !== 'gateway');
}

/**
 * The cluster node of that name; `field` is the setting that names it, such as `facts/settings.ts: postgres.node`.
 *
 * @throws Error when the inventory has no such node.
 */
export function clusterNode(inventory: Inventory, name: string, field: string): Host {
  const node = clusterNodes(inventory).find((host) => host.name === name);
  if (node) return node;
  const known = clusterNodes(inventory).map((host) => host.name);
  throw new Error(`${field}: no cluster node is called "${name}"; choose one of ${known.join(', ')}.`);
}

type Section = Record<string, unknown>;

function readText(file: string, shownAs: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Error(`${shownAs}: the inventory cannot be read; restore it from git.`);
  }
}

function hostsOfGroup(role: Host['role'], groups: Section, defaults: Section, file: string): Host[] {
  const group = section(groups, role, `${file}: all.children`);
  const hosts = section(group, 'hosts', `${file}: all.children.${role}`);
  return Object.keys(hosts).map((name) => {
    const where = `${file}: all.children.${role}.hosts.${name}`;
    if (!HOST_NAME.test(name)) throw new Error(`${where}: "${name}" is not a host name; use a-z, 0-9 and -.`);
    const facts = { ...defaults, ...optionalSection(hosts, name, `${file}: all.children.${role}.hosts`) };
    return {
      name,
      address: address(facts, where),
      role,
      cores: positiveInteger(facts, 'cores', where),
      memoryMiB: memory(facts, where),
      ...storageDevice(facts, where),
      ...(typeof facts['mac'] === 'string' ? { mac: facts['mac'] } : {}),
      ...(yes(facts, 'wifi', where) ? { hasUplink: true } : {}),
      ...labelsAndTaints(facts, where),
    };
  });
}

function address(facts: Section, where: string): string {
  const value = facts.ansible_host;
  if (typeof value === 'string' && IPV4.test(value)) return value;
  const problem = value === undefined ? 'it is missing' : `${shown(value)} is not an IPv4 address`;
  throw new Error(`${where}.ansible_host: ${problem}; write four numbers such as 192.168.100.122.`);
}

function storageDevice(facts: Section, where: string): Pick<Host, 'storageDevice'> {
  const value = facts.storage_device;
  if (value === undefined) return {};
  if (typeof value === 'string' && value.startsWith('/dev/')) return { storageDevice: value };
  throw new Error(`${where}.storage_device: ${shown(value)} is not a device; write its path, such as /dev/mmcblk0.`);
}

function yes(facts: Section, field: string, where: string): boolean {
  const value = facts[field] ?? false;
  if (typeof value === 'boolean') return value;
  throw new Error(`${where}.${field}: ${shown(value)} is neither true nor false; write one of them.`);
}

function positiveInteger(facts: Section, field: string, where: string): number {
  const value = facts[field];
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
  throw new Error(`${where}.${field}: ${shown(value)} is not a whole number above 0; set it here or in all.vars.`);
}

function memory(facts: Section, where: string): number {
  const value = positiveInteger(facts, 'memory_mib', where);
  if (value < 512)
    throw new Error(`${where}.memory_mib: ${value} MiB start no node; write MiB, such as 8192 for 8 GiB.`);
  if (value <= 1024 * 1024) return value;
  throw new Error(`${where}.memory_mib: ${value} MiB are more than any machine has; write MiB, such as 8192.`);
}

function refuseDuplicates(hosts: readonly Host[], file: string): void {
  for (const field of ['name', 'address'] as const) {
    const seen = new Map<string, Host>();
    for (const host of hosts) {
      const other = seen.get(host[field]);
      if (other) {
        throw new Error(
          `${file}: ${host.name} (${host.role}) and ${other.name} (${other.role}) share the ${field} ${host[field]}; give each host its own.`,
        );
      }
      seen.set(host[field], host);
    }
  }
}

/** Images, time and names of the airgapped nodes come through the gateway. */
function refuseCutOffGateway(hosts: readonly Host[], file: string): void {
  const gateway = hosts.find(({ role, hasUplink }) => role === 'gateway' && !hasUplink);
  // Where no host is said to have one, the inventory does not speak of uplinks.
  if (gateway && hosts.some(({ hasUplink }) => hasUplink))
    throw new Error(
      `${file}: all.children.gateway.hosts.${gateway.name}.wifi: without an uplink the image mirror fetches nothing for the nodes; write true.`,
    );
}

/** Every address must be one of the LAN, where it has a range. */
function refuseOutsiders(hosts: readonly Host[], { cluster_network: network }: Section, file: string): void {
  if (network === undefined) return;
  if (typeof network !== 'string' || !IPv4.isValidCIDR(network))
    throw new Error(
      `${file}: all.vars.cluster_network: ${shown(network)} is not a range of addresses; write it as in 192.168.100.0/24.`,
    );
  const outsider = hosts.find((host) => !IPv4.parse(host.address).match(IPv4.parseCIDR(network)));
  if (outsider)
    throw new Error(
      `${file}: ${outsider.name}: ansible_host ${outsider.address} is outside cluster_network ${network}; give it an address inside.`,
    );
}

/** A board is known to DHCP by its MAC address, so each has its own, in the form that dnsmasq compares. */
function refuseWrongBoards(groups: Section, file: string): void {
  const owners = new Map<string, string>();
  for (const role of ROLES) {
    for (const [name, facts] of Object.entries(optionalSection(section(groups, role, file), 'hosts', file))) {
      const mac = isMap(facts) ? facts.mac : undefined;
      if (mac === undefined) continue;
      if (typeof mac !== 'string' || !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac))
        throw new Error(
          `${file}: ${name}: mac ${shown(mac)} is not an address; write six lower-case pairs in quotes, such as "2c:cf:67:00:01:22".`,
        );
      const owner = owners.get(mac);
      if (owner) throw new Error(`${file}: ${name} and ${owner} share the mac ${mac}; give each board its own.`);
      owners.set(mac, name);
    }
  }
}

function section(parent: unknown, field: string, where: string): Section {
  const value = (parent as Section | null | undefined)?.[field];
  if (isMap(value)) return value;
  throw new Error(`${where}: the section "${field}" is missing; add it as in the committed inventory.`);
}

function optionalSection(parent: Section, field: string, where: string): Section {
  const value = parent[field];
  if (value === undefined || value === null) return {};
  if (isMap(value)) return value;
  throw new Error(`${where}.${field}: ${shown(value)} is not a section; write fields below it.`);
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
