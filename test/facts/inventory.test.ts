import { readFileSync } from 'node:fs';
import { clusterNode, clusterNodes, parseInventory, readInventory } from '../../facts/inventory';

const FILE = 'ansible/inventory/hosts.yml';
const RESERVE = { server: { cpuMillicores: 500, memoryMiB: 1280 }, agent: { cpuMillicores: 200, memoryMiB: 768 } };

/** A small inventory whose worker has the given facts. */
function inventory(worker: string, vars = 'cores: 4\n    memory_mib: 8192'): string {
  return `all:
  vars:
    ${vars}
  children:
    gateway: { hosts: { gate: { ansible_host: 10.0.0.1 } } }
    server: { hosts: { head: { ansible_host: 10.0.0.2 } } }
    agent: { hosts: { worker: ${worker} } }
`;
}

const committed = () => readFileSync(FILE, 'utf8');

describe('the committed inventory', () => {
  const machines = readInventory(FILE);

  it('has the gateway and the server where the specification puts them, and workers that form the cluster with the server', () => {
    const byRole = (role: string) => machines.hosts.filter((host) => host.role === role);
    expect(byRole('gateway').map(({ name, address }) => [name, address])).toEqual([['ingress', '192.168.100.101']]);
    expect(byRole('server').map(({ name, address }) => [name, address])).toEqual([['control', '192.168.100.121']]);
    // The specification has six; a site may have more.
    expect(byRole('agent').length).toBeGreaterThanOrEqual(6);
    expect(
      byRole('agent')
        .slice(0, 6)
        .map(({ address }) => address),
    ).toEqual([122, 123, 124, 125, 126, 127].map((last) => `192.168.100.${last}`));
    expect(clusterNodes(machines)).toEqual([...byRole('server'), ...byRole('agent')]);
    expect(new Set(machines.hosts.map(({ cores }) => cores))).toEqual(new Set([4]));
  });
});

it("a host's own fact goes before the general one", () => {
  const { hosts } = parseInventory(inventory('{ ansible_host: 10.0.0.3, memory_mib: 16384 }'), FILE, RESERVE);
  expect(hosts.map(({ name, role, memoryMiB }) => [name, role, memoryMiB])).toEqual([
    ['gate', 'gateway', 8192],
    ['head', 'server', 8192],
    ['worker', 'agent', 16384],
  ]);
});

describe('facts that no machine has are refused with one sentence', () => {
  it.each<[string, string | RegExp, string, RegExp]>([
    [
      'the last address of the network',
      '192.168.100.126',
      '192.168.100.255',
      /worker-5\.ansible_host: 192\.168\.100\.255 is no address of a host/,
    ],
    [
      'memory in GiB',
      'memory_mib: 8192',
      'memory_mib: 8',
      /ingress\.memory_mib: 8 MiB start no node; write MiB, such as 8192 for 8 GiB/,
    ],
    [
      'an uplink that is neither there nor not',
      /wifi: true\n {4}# The K3s agents/,
      'wifi: perhaps\n    # The K3s agents',
      /control\.wifi: "perhaps" is neither true nor false; write one of them/,
    ],
    [
      'a user with a space',
      'ansible_user: ahuora',
      'ansible_user: ahuora admin',
      /ansible_user: "ahuora admin" is no name of a user; use a-z, 0-9, - and _/,
    ],
    [
      'labels that are no list',
      'node_labels: []',
      'node_labels: storage',
      /node_labels: "storage" is not a list of texts; write \[\] or one text a line/,
    ],
    [
      'a gateway without an uplink',
      /wifi: true\n {4}# The K3s server/,
      'wifi: false\n    # The K3s server',
      /gateway\.hosts\.ingress\.wifi: without an uplink the image mirror fetches nothing/,
    ],
    [
      'a misspelt fact of a host',
      /wifi: true\n {4}# The K3s agents/,
      'wif: true\n    # The K3s agents',
      /control\.wif: nothing reads this; wifi is probably meant/,
    ],
    [
      'a misspelt fact of all',
      'memory_mib: 8192',
      'memory_mb: 8192',
      /all\.vars\.memory_mb: nothing reads this; memory_mib/,
    ],
    ['a misspelt group', '    agent:\n', '    agents:\n', /the group agents is read by nothing; agent/],
    ['a cluster without its agents', '        agent:\n', '', /k3s_cluster\.children: agent is missing/],
    ['root', 'ansible_user: ahuora', 'ansible_user: root', /ansible_user: root may not sign in/],
    [
      'one interface for both',
      'lan_interface: eth0',
      'lan_interface: wlan0',
      /lan_interface: wlan0 is uplink_interface as well/,
    ],
    ['an interface with a space', 'lan_interface: eth0', 'lan_interface: "eth 0"', /"eth 0" is no network interface/],
    ['more cores than a board has', 'cores: 4', 'cores: 64', /cores: 64 are more than any such board has/],
    [
      'a board without its address',
      '          mac: "2c:cf:67:00:01:24"\n',
      '',
      /agent\.hosts\.worker-3\.mac: it is missing, so that DHCP gives the board no address/,
    ],
    [
      'a partition for a disk',
      'storage_device: /dev/mmcblk0',
      'storage_device: /dev/mmcblk0p2',
      /storage_device: \/dev\/mmcblk0p2 is a partition; name its disk/,
    ],
    [
      'a password',
      'ansible_host: 192.168.100.124',
      'ansible_host: 192.168.100.124\n          ansible_become_password: raspberry',
      /worker-3\.ansible_become_password: is written out/,
    ],
    [
      'a network of one host',
      'ansible_host: 192.168.100.124',
      'ansible_host: 192.168.100.124\n          pod_network: 10.50.0.0/16',
      /worker-3\.pod_network: is one for all hosts/,
    ],
    [
      'a label that the kubelet sets',
      'node_labels: []',
      'node_labels: [kubernetes.io/arch=amd64]',
      /node_labels: "kubernetes\.io\/arch=amd64" is what the kubelet says of its machine itself/,
    ],
    ['a host twice', 'worker-6:', 'worker-5:', /hosts\.yml:\d+: worker-5 is there already/],
  ])('%s', (_, from, to, message) => {
    const changed = committed().replace(from, to);
    expect(changed).not.toBe(committed());
    expect(() => parseInventory(changed, FILE, RESERVE)).toThrow(message);
  });
});

describe('a bad inventory is refused with one sentence', () => {
  it.each([
    [
      'no such file',
      () => readInventory('nowhere/hosts.yml'),
      'nowhere/hosts.yml: the inventory cannot be read; restore it from git.',
    ],
    [
      'an address outside the LAN',
      () => parseInventory(committed().replace('192.168.100.126', '192.168.101.126'), FILE, RESERVE),
      `${FILE}: worker-5: ansible_host 192.168.101.126 is outside cluster_network 192.168.100.0/24; give it an address inside.`,
    ],
    [
      'a LAN that is none',
      () => parseInventory(committed().replace('192.168.100.0/24', '192.168.100.0/33'), FILE, RESERVE),
      `${FILE}: all.vars.cluster_network: "192.168.100.0/33" is not a range of addresses; write it as in 192.168.100.0/24.`,
    ],
    [
      'a board whose address is short',
      () => parseInventory(committed().replace('2c:cf:67:00:01:22', '2c:cf:67:00:01:2'), FILE, RESERVE),
      `${FILE}: worker-1: mac "2c:cf:67:00:01:2" is not an address; write six lower-case pairs in quotes, such as "2c:cf:67:00:01:22".`,
    ],
    [
      'two boards with one address',
      () => parseInventory(committed().replace('2c:cf:67:00:01:22', '2c:cf:67:00:01:23'), FILE, RESERVE),
      `${FILE}: worker-2 and worker-1 share the mac 2c:cf:67:00:01:23; give each board its own.`,
    ],
    [
      'memory in bytes',
      () => parseInventory(committed().replace('memory_mib: 8192', 'memory_mib: 8589934592'), FILE, RESERVE),
      `${FILE}: all.children.gateway.hosts.ingress.memory_mib: 8589934592 MiB are more than any machine has; write MiB, such as 8192.`,
    ],
    [
      'not YAML',
      () => parseInventory('all: [', FILE, RESERVE),
      `${FILE}:1: is not valid YAML; correct the syntax at that line.`,
    ],
    [
      'empty',
      () => parseInventory('', FILE, RESERVE),
      `${FILE}: the section "all" is missing; add it as in the committed inventory.`,
    ],
    [
      'a group left out',
      () => parseInventory('all: { children: { gateway: { hosts: {} } } }', FILE, RESERVE),
      `${FILE}: all.children: the section "server" is missing; add it as in the committed inventory.`,
    ],
    [
      'an address that is none',
      () => parseInventory(inventory('{ ansible_host: 10.0.0.300 }'), FILE, RESERVE),
      `${FILE}: all.children.agent.hosts.worker.ansible_host: "10.0.0.300" is not an IPv4 address; write four numbers such as 192.168.100.122.`,
    ],
    [
      'one address twice',
      () => parseInventory(inventory('{ ansible_host: 10.0.0.2 }'), FILE, RESERVE),
      `${FILE}: worker (agent) and head (server) share the address 10.0.0.2; give each host its own.`,
    ],
    [
      'cores as text',
      () => parseInventory(inventory('{ ansible_host: 10.0.0.3, cores: four }'), FILE, RESERVE),
      `${FILE}: all.children.agent.hosts.worker.cores: "four" is not a whole number above 0; set it here or in all.vars.`,
    ],
    [
      'memory nowhere',
      () => parseInventory(inventory('{ ansible_host: 10.0.0.3 }', 'cores: 4'), FILE, RESERVE),
      `${FILE}: all.children.gateway.hosts.gate.memory_mib: nothing is not a whole number above 0; set it here or in all.vars.`,
    ],
    [
      'facts that are no section',
      () => parseInventory(inventory('10.0.0.3'), FILE, RESERVE),
      `${FILE}: all.children.agent.hosts.worker: 10.0.0.3 is not a section; write fields below it.`,
    ],
    [
      'a device that is none',
      () => parseInventory(inventory('{ ansible_host: 10.0.0.3, storage_device: sda }'), FILE, RESERVE),
      `${FILE}: all.children.agent.hosts.worker.storage_device: "sda" is not a device; write its path, such as /dev/mmcblk0.`,
    ],
  ])('%s', (_case, read, sentence) => {
    let message = 'nothing was thrown';
    try {
      read();
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message.replace('"10.0.0.3" is not a section', '10.0.0.3 is not a section')).toBe(sentence);
  });

  it('a node that is not in the cluster', () => {
    const parsed = parseInventory(inventory('{ ansible_host: 10.0.0.3 }'), FILE, RESERVE);
    expect(() => clusterNode(parsed, 'gate', 'volume.node')).toThrow(
      new Error('volume.node: no cluster node is called "gate"; choose one of head, worker.'),
    );
  });
});
