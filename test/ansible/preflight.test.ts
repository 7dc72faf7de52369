import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { inventorySchema } from '../../ansible/editor-schemas';
import { vaultFiles, vaultExample } from '../../ansible/vault-example';
import { parseInventory } from '../../facts/inventory';

const none = { cpuMillicores: 0, memoryMiB: 0 };
const throws = (attempt: () => unknown): boolean => {
  try {
    attempt();
    return false;
  } catch {
    return true;
  }
};
const repository = join(__dirname, '..', '..');
const filters = join(repository, 'ansible', 'plugins', 'filter');
const contracts = join(repository, 'dist', 'secrets.json');

/** Calls a check of ansible/plugins/filter once for each list of arguments, all in one run of Python. */
function checkEach<T = string[]>(name: string, calls: readonly (readonly unknown[])[]): T[] {
  const program = `import json, sys; sys.dont_write_bytecode = True; sys.path.insert(0, sys.argv[1]); import inventory, preflight; check = {**inventory.FilterModule().filters(), **preflight.FilterModule().filters()}[sys.argv[2]]; print(json.dumps([check(*each) for each in json.load(sys.stdin)]))`;
  return JSON.parse(
    execFileSync('python3', ['-c', program, filters, name], { input: JSON.stringify(calls), encoding: 'utf8' }),
  );
}

/** Calls a check once. */
const check = <T = string[]>(name: string, ...args: unknown[]): T => checkEach<T>(name, [args])[0]!;

type Vault = { secrets: Record<string, Record<string, string>> } & Record<string, unknown>;
const example = (): Vault =>
  parse(readFileSync(join(repository, 'ansible/inventory/group_vars/all/vault.example.yml'), 'utf8')).vault;
const filled = (): Vault => ({
  ...(JSON.parse(JSON.stringify(example()).replace(/replace-me/g, 'a-value')) as Vault),
  k3s_agent_token: 'another-value',
  zerotier_network: '8056c2e21c000001',
});

describe('vault', () => {
  it('the committed example is the one of the contracts (renew with `npm run vault-example`)', () => {
    expect(readFileSync(vaultFiles.example, 'utf8')).toBe(
      vaultExample(JSON.parse(readFileSync(vaultFiles.contracts, 'utf8')).secrets),
    );
  });

  it('the committed example has exactly the keys the charts declare', () => {
    expect(check('vault_problems', filled(), contracts)).toEqual([]);
  });

  it('the committed example holds placeholders only, and each one left is named', () => {
    const values = JSON.stringify(example()).match(/"replace-me"/g)!.length;
    const problems = check('vault_problems', example(), contracts);
    expect(problems).toHaveLength(values);
    expect(problems[0]).toMatch(/vault\.yml: k3s_token still has the placeholder of vault\.example\.yml/);
  });

  it('names each missing and each unused key', () => {
    const vault = filled();
    delete vault.secrets['ahuora/database']!['password'];
    vault.secrets['ahuora/old'] = { key: 'value' };
    vault.secrets['ahuora/cloudflared']!['tokne'] = 'value';
    expect(check('vault_problems', vault, contracts).map((line) => line.replace(/ \(.*\)/, ''))).toEqual([
      'ansible/inventory/group_vars/all/vault.yml: secrets: ahuora/database: password is missing; add it.',
      'ansible/inventory/group_vars/all/vault.yml: secrets: ahuora/cloudflared: tokne is read by nothing; remove it, or declare it in the charts.',
      'ansible/inventory/group_vars/all/vault.yml: secrets: ahuora/old is read by nothing; remove it, or declare it in the charts.',
    ]);
  });

  it.each([
    ['an empty value', { k3s_token: '' }, 'k3s_token is missing'],
    ['a value of blanks', { docker_hub_token: ' \n' }, 'docker_hub_token is missing'],
    ['one token for servers and agents', { k3s_agent_token: 'a-value' }, 'k3s_token and k3s_agent_token are the same'],
    ['a word for the network of the VPN', { zerotier_network: 'home' }, 'zerotier_network is no name of a network'],
    ['no Secret at all', { secrets: null }, 'secrets: ahuora/cloudflared: token is missing'],
    ['a list of Secrets', { secrets: ['ahuora/cloudflared'] }, 'secrets is a list; write it as vault.example.yml does'],
    [
      'a copy by SFTP without the key of its server',
      { offsite_copy: { repository: 'sftp:u@h:/copies', password: 'a', ssh_key: 'a' } },
      'offsite_copy: known_host is missing',
    ],
    ['a word for the copy off the rack', { offsite_copy: 'sftp:host:/copies' }, 'offsite_copy is a single value'],
    [
      'a Secret without its keys',
      { secrets: { ...filled().secrets, 'ahuora/cloudflared': 'eyJhIjoi' } },
      'secrets: ahuora/cloudflared is a single value; write it as vault.example.yml does',
    ],
    [
      'a list for a value',
      { secrets: { ...filled().secrets, 'ahuora/cloudflared': { token: ['eyJhIjoi'] } } },
      'secrets: ahuora/cloudflared: token is a list; write it as vault.example.yml does',
    ],
  ])('%s is named', (_, changes, sentence) => {
    const problems = check('vault_problems', { ...filled(), ...changes }, contracts);
    expect(problems[0]).toContain(`ansible/inventory/group_vars/all/vault.yml: ${sentence}`);
    if (!sentence.startsWith('secrets: ahuora/cloudflared: token is missing')) expect(problems).toHaveLength(1);
    expect(problems.join()).not.toContain('eyJhIjoi');
  });

  it('says what to do when there is no vault, or no contract', () => {
    expect(check('vault_problems', null, contracts)[0]).toContain('copy vault.example.yml beside it');
    expect(check('vault_problems', filled(), '/nowhere/secrets.json')[0]).toContain('run `npm run synth`');
  });
});

describe('inventory', () => {
  const inventory = parse(readFileSync(join(repository, 'ansible/inventory/hosts.yml'), 'utf8')).all;
  const groups: Record<string, string[]> = { all: [] };
  const hosts: Record<string, Record<string, unknown>> = {};
  for (const group of ['gateway', 'server', 'agent']) {
    groups[group] = Object.keys(inventory.children[group].hosts);
    groups['all']!.push(...groups[group]);
    for (const name of groups[group]) hosts[name] = { ...inventory.vars, ...inventory.children[group].hosts[name] };
  }
  type Changes = Record<string, Record<string, unknown>>;
  const changed = (changes: Changes) =>
    Object.fromEntries(Object.entries(hosts).map(([name, host]) => [name, { ...host, ...changes[name] }]));
  const problemsOfEach = (all: readonly Changes[]) =>
    checkEach(
      'inventory_problems',
      all.map((changes) => [changed(changes), groups]),
    );
  const problems = (changes: Changes, moreGroups: Record<string, string[]> = {}) =>
    check('inventory_problems', changed(changes), { ...groups, ...moreGroups });

  it('of the repository is sound', () => expect(problems({})).toEqual([]));

  const mistakes: readonly (readonly [string, Changes, string])[] = [
    ['a malformed MAC address', { 'worker-1': { mac: '2c:cf:67' } }, "worker-1: mac is '2c:cf:67'"],
    ['a multicast MAC address', { 'worker-1': { mac: '2d:cf:67:00:01:22' } }, 'multicast'],
    [
      'a MAC address given twice',
      { 'worker-1': { mac: '2c:cf:67:00:01:23' } },
      'worker-2 and worker-1 have the same MAC address',
    ],
    ['an address outside the LAN', { 'worker-1': { ansible_host: '10.0.0.1' } }, 'outside the LAN'],
    [
      'an address given twice',
      { 'worker-1': { ansible_host: '192.168.100.123' } },
      'worker-2 and worker-1 have the same address',
    ],
    ['a list of labels that is none', { 'worker-1': { node_labels: 'a=b' } }, "node_labels is 'a=b'; write a list"],
    [
      'a LAN that is none',
      { 'worker-1': { cluster_network: '192.168.100.0/240' } },
      'write the LAN as IPv4 address/bits',
    ],
    ['an address that is no IPv4', { 'worker-1': { ansible_host: 'fd00::1' } }, 'no IPv4 address'],
    ['the address of the whole LAN', { 'worker-1': { ansible_host: '192.168.100.255' } }, 'stands for the whole LAN'],
    ['no uplink for the server', { control: { wifi: false } }, 'control: wifi is false'],
    ['one interface for both sides', { ingress: { uplink_interface: 'eth0' } }, 'are both eth0'],
    ['no memory', { 'worker-1': { memory_mib: 0 } }, "memory_mib is '0'"],
    ['Wi-Fi on an agent', { 'worker-1': { wifi: true } }, 'an agent must not have Wi-Fi'],
    ['a label without a value', { 'worker-1': { node_labels: ['storage'] } }, 'the form is key=value'],
    ['a taint with an unknown effect', { 'worker-1': { node_taints: ['a=b:Never'] } }, 'the form is key=value:Effect'],
    [
      'a role that only the API server may give',
      { 'worker-1': { node_labels: ['node-role.kubernetes.io/worker=true'] } },
      'with which no kubelet starts',
    ],
    ['a value of 64 characters', { 'worker-1': { node_labels: [`a=${'x'.repeat(64)}`] } }, 'at most 63 characters'],
    ['a label given twice', { 'worker-1': { node_labels: ['a=b', 'a=c'] } }, 'node_labels has a twice'],
    [
      'a taint given twice',
      { 'worker-1': { node_taints: ['a=b:NoSchedule', 'a=c:NoSchedule'] } },
      'node_taints has a twice',
    ],
    ['memory in GiB', { 'worker-1': { memory_mib: 8 } }, 'it counts MiB: 8 GiB are 8192'],
    ['a MAC address of zeros', { 'worker-1': { mac: '00:00:00:00:00:00' } }, 'that of no board'],
    ['an interface with a blank', { 'worker-1': { lan_interface: 'eth 0' } }, "lan_interface is 'eth 0'"],
    ['an interface that is empty', { 'worker-1': { lan_interface: null } }, 'write the name of a network interface'],
    ['a user that no system makes', { 'worker-1': { ansible_user: 'ahu ora' } }, "ansible_user is 'ahu ora'"],
    ['a device without its folder', { 'worker-1': { storage_device: 'mmcblk0' } }, "storage_device is 'mmcblk0'"],
    [
      'a misspelt fact',
      { 'worker-1': { node_label: ['a=b'] } },
      'node_label is read by nothing; is node_labels meant?',
    ],
  ];

  it('each mistake in one fact is named in one sentence', () => {
    const found = problemsOfEach(mistakes.map(([, changes]) => changes));
    mistakes.forEach(([mistake, , sentence], index) =>
      expect({ [mistake]: found[index] }).toEqual({ [mistake]: [expect.stringContaining(sentence)] }),
    );
  });

  it('an IPv6 LAN is refused, for each host that would have it', () => {
    const network = { cluster_network: 'fd00:100::/64' };
    expect(problems(Object.fromEntries(Object.keys(hosts).map((name) => [name, network])))[0]).toContain(
      "cluster_network is 'fd00:100::/64'; write the LAN as IPv4",
    );
  });

  it('networks that share an address are named, whichever two', () => {
    const networks = { pod_network: '10.42.0.0/16', service_network: '10.43.0.0/16' };
    const networksWith = (change: object) =>
      problems(Object.fromEntries(Object.keys(hosts).map((name) => [name, { ...networks, ...change }])));
    expect(networksWith({})).toEqual([]);
    expect(networksWith({ pod_network: '192.168.0.0/16' })).toEqual([
      expect.stringContaining('cluster_network 192.168.100.0/24 and pod_network 192.168.0.0/16 overlap'),
    ]);
    expect(networksWith({ service_network: '10.42.128.0/17' })).toEqual([
      expect.stringContaining('pod_network 10.42.0.0/16 and service_network 10.42.128.0/17 overlap'),
    ]);
  });

  it('labels and taints that a kubelet takes are accepted, each prefix of Kubernetes that it may give itself included', () => {
    const labels = ['kubernetes.io/hostname=a', 'node.kubernetes.io/x=', 'x.kubelet.kubernetes.io/a=b', 'topology.kubernetes.io/zone=a', 'example.org/a=b', 'mykubernetes.io/a=b'];
    expect(problems({ 'worker-1': { node_labels: labels, node_taints: ['a=b:NoSchedule', 'a=b:NoExecute', 'c:NoExecute'] } })).toEqual([]);
    const reserved = ['k8s.io/x=', 'a.k8s.io/x=1', 'kubernetes.io/role=a', 'beta.kubernetes.io/zone=a'];
    expect(problemsOfEach(reserved.map((label) => ({ 'worker-1': { node_labels: [label] } })))).toEqual(
      reserved.map((label) => [expect.stringContaining(`node_labels has '${label}'`)]),
    );
  }); // prettier-ignore

  const named = (count: number) => 'a'.repeat(count);
  it.each([
    ['node_labels', ['a=b', 'a=', 'a.b/c_d.e-f=g', 'A=1', `a=${named(63)}`, `${named(63)}=`, `${named(63)}.b/c=`, 'topology.kubernetes.io/region=a', 'my-k8s.io/a=b', 'kubernetes.io=a'], 'accepted'],
    ['node_labels', ['a', '', '=b', 'a=b=c', '-a=b', 'a-=b', 'a=-b', 'a=b.', 'a b=c', 'a/b/c=d', '/a=b', 'A.b/c=d', 'a..b/c=d', 'a./b=c', `${named(64)}=`, `a=${named(64)}`, `${named(64)}.b/c=`,
      `${`${named(63)}.`.repeat(4)}b/c=`, 'a=b\n', 'é=b', 'a=b:NoSchedule', 'kubernetes.io/a=', 'x.k8s.io/a=b', 'topology.kubernetes.io/rack=a', 'x.topology.kubernetes.io/zone=a'], 'refused'],
    ['node_taints', ['a=b:NoSchedule', 'a:NoExecute', 'a=:PreferNoSchedule', 'node-role.kubernetes.io/control-plane:NoSchedule'], 'accepted'],
    ['node_taints', ['a=b', 'a=b:Never', 'a=b:noschedule', ':NoSchedule', 'a-:NoExecute', `a=${named(64)}:NoSchedule`, 'a=b:NoSchedule:NoSchedule', 'a/b/c:NoSchedule'], 'refused'],
  ] as const)('synthesis, an editor and site judge each of %s alike: %j are %s', (field, entries, verdict) => {
    const text = readFileSync(join(repository, 'ansible/inventory/hosts.yml'), 'utf8');
    const editor = new Ajv({ strict: false }).compile(inventorySchema());
    const sites = problemsOfEach(entries.map((entry) => ({ 'worker-1': { [field]: [entry] } })));
    entries.forEach((entry, index) => {
      const written = text.replace(`${field}: []`, `${field}: [${JSON.stringify(entry)}]`);
      const synthesis = () => parseInventory(written, 'hosts.yml', { server: none, agent: none });
      const refusals = [throws(synthesis), !editor(parse(written)), sites[index]!.length > 0];
      expect([entry, ...refusals]).toEqual([entry, ...refusals.map(() => verdict === 'refused')]);
    });
  }); // prettier-ignore

  it.each([
    ['node_labels', ['a=b', 'a=c'], 'a'],
    ['node_taints', ['a=b:NoSchedule', 'c:NoSchedule', 'a:NoSchedule'], 'a'],
  ])('synthesis and site both name what is given twice in %s: %j', (field, entries, key) => {
    const text = readFileSync(join(repository, 'ansible/inventory/hosts.yml'), 'utf8');
    const written = text.replace(`${field}: []`, `${field}: ${JSON.stringify(entries)}`);
    expect(() => parseInventory(written, 'hosts.yml', { server: none, agent: none })).toThrow(
      new RegExp(`${field}: ${key} is there twice`),
    );
    expect(problems({ 'worker-1': { [field]: entries } })).toEqual([
      expect.stringContaining(`${field} has ${key} twice`),
    ]);
  });

  it('a network of pods or Services that is none or too small is refused once for all hosts', () => {
    const wrong = [
      ['pod_network', '10.42.0.0/22', 'pod_network 10.42.0.0/22 is too small: each of 7 nodes takes a /24'],
      ['pod_network', '10.42.0.0', 'pod_network 10.42.0.0/32 is too small'],
      ['pod_network', 'pods', "pod_network is 'pods'; write it as IPv4 address/bits"],
      ['service_network', '10.43.0.0/30', 'service_network 10.43.0.0/30 must have between 12 and 28 bits'],
    ] as const;
    const everywhere = (field: string, value: string) =>
      Object.fromEntries(Object.keys(hosts).map((name) => [name, { [field]: value }]));
    expect(problemsOfEach(wrong.map(([field, value]) => everywhere(field, value)))).toEqual(
      wrong.map(([, , sentence]) => [
        expect.stringContaining(`ansible/inventory/group_vars/all/main.yml: ${sentence}`),
      ]),
    );
  });

  it.each(['localhost', '7'])('a host called %s is refused: the name already means an address', (name) => {
    const renamed = { ...groups, agent: [name], all: ['ingress', 'control', name] };
    expect(check('inventory_problems', { ...hosts, [name]: hosts['worker-1'] }, renamed)).toEqual([
      expect.stringContaining(`${name}: the name already means an address`),
    ]);
  });

  it('a name with capitals is refused: Kubernetes has none, and DNS tells no difference', () => {
    const renamed = { ...groups, agent: ['Worker-1'], all: ['ingress', 'control', 'Worker-1'] };
    expect(check('inventory_problems', { ...hosts, 'Worker-1': hosts['worker-1'] }, renamed)).toEqual([
      expect.stringContaining('Worker-1: the name must be lower-case letters, digits and hyphens'),
    ]);
  });

  it('a host that holds a volume and is taken out of the inventory is named, one that holds none is not missed', () => {
    const volumes = join(repository, 'dist', 'volumes.json');
    const without = (gone: string) => ({ ...groups, agent: groups['agent']!.filter((name) => name !== gone) });
    expect(check('volume_problems', volumes, groups)).toEqual([]);
    expect(check('volume_problems', volumes, without('worker-6'))).toEqual([]);
    expect(check('volume_problems', volumes, without('worker-1'))).toEqual([
      expect.stringContaining('postgres lies on worker-1, which is no node'),
    ]);
    expect(check('volume_problems', '/nowhere/volumes.json', groups)[0]).toContain('run `npm run synth`');
  });

  it('an unknown role is named, and a host with two roles', () => {
    expect(problems({}, { gpu: ['worker-6'] })).toEqual([expect.stringContaining("group 'gpu' is no role")]);
    expect(problems({}, { agent: [...groups['agent']!, 'control'] })).toEqual([
      expect.stringContaining('it is in server and agent'),
    ]);
  });
});

describe('variables of roles', () => {
  const specs = { raspberrypi: { main: { options: { raspberrypi_page_size: {} } }, reset: { options: {} } } };

  it('that no role reads are named, with the one that is probably meant', () => {
    const host = { raspberrypi_pagesize: '4k', raspberrypi_page_size: '4k', raspberrypi_version: '1', other: 1 };
    expect(check('unknown_variables', { 'worker-1': host, 'worker-2': host }, specs)).toEqual([
      'worker-1: variable raspberrypi_pagesize is read by no role; is raspberrypi_page_size meant?',
    ]);
    expect(check('unknown_variables', { 'worker-1': { raspberrypi_zzz: 1 } }, specs)[0]).toMatch(/remove it\.$/);
  });

  it('of a wrong kind are named once for all hosts that have them', () => {
    const error =
      "argument 'raspberrypi_watchdog_seconds' is of type str and we were unable to convert to int: 'soon' cannot be";
    const host = { preflight_variables: { raspberrypi: [error] } };
    expect(check('variable_problems', { 'worker-1': host, 'worker-2': host, ingress: {} })).toEqual([
      'worker-1, worker-2: role raspberrypi: raspberrypi_watchdog_seconds must be of type int, it is of type str; ' +
        'ansible/roles/raspberrypi/meta/argument_specs.yml says what it may be.',
    ]);
  });
});

describe('artefacts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'artefacts-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const sha256 = createHash('sha256').update('content').digest('hex');
  writeFileSync(join(folder, 'present'), 'content');
  const problems = (file: string, sum: string) =>
    check('artefact_problems', { one: { file } }, sum ? { [file]: sum } : {}, folder, ['one']);

  it('with its sum is accepted; without a sum, missing or altered it is refused', () => {
    expect(problems('present', sha256)).toEqual([]);
    expect(problems('present', '')[0]).toContain(
      "artefact 'one' (present) has no sha256; run `ansible-playbook playbooks/stage.yml`",
    );
    expect(problems('absent', sha256)[0]).toContain('is missing');
    expect(problems('present', '0'.repeat(64))[0]).toContain(`has sha256 ${sha256}`);
  });

  it.each([
    [
      'two columns, as K3s and k6 publish',
      `${sha256}  k3s-arm64-images\n${'1'.repeat(64)}  k3s-arm64\n`,
      '1'.repeat(64),
    ],
    ['a star, as Docker publishes', `${sha256} *k3s-arm64\n`, sha256],
    ['another name only', `${sha256}  k3s-arm64.tar\n`, ''],
    ['a page of an error', '<html>k3s-arm64</html>', ''],
  ])('finds the sum of a file in a list with %s', (_, list, sum) => {
    expect(check<string>('published_sum', list, 'k3s-arm64')).toBe(sum);
  });
});

describe('placeholders', () => {
  const found = (content: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'placeholders-'));
    try {
      writeFileSync(join(folder, 'a.yaml'), content);
      return check('placeholder_problems', [folder]).map((line) => line.replace(/^.*a\.yaml/, 'a.yaml'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it('in rendered manifests are named with their line', () => {
    expect(found('x: 1\nurl: https://prometheus.example.grafana.net/api/prom/push\n')).toEqual([
      expect.stringContaining('a.yaml:2: https://prometheus.example.grafana.net/api/prom/push is an example;'),
    ]);
    expect(found('a: "http://example.org"\nb: https://EXAMPLE.com/x')).toHaveLength(2);
  });

  it('are named with the file to change, which is there', () => {
    const [, file] = /give the real address in (\S+),/.exec(found('url: https://prometheus.example.net/push')[0]!)!;
    expect(readFileSync(join(repository, file!), 'utf8')).toContain('remoteWriteUrl');
  });

  it('are not seen in addresses that only sound like one', () => {
    expect(
      found('a: https://examples.grafana.net\nb: https://myexample.net\nc: https://a.net/example.txt\nd: example.net'),
    ).toEqual([]);
  });
});
