import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engineer, PlaybookOutcome } from './ansible';
import { step } from './step';

/** Bad input of each kind: refused in the first seconds by one sentence, with no host asked anything. */
export function preflightSteps(engineer: () => Engineer): void {
  const withInventory = (name: string, edit: (text: string) => string): string => {
    const folder = engineer().path(name);
    cpSync(engineer().path('inventory'), folder, { recursive: true });
    const path = join(folder, 'hosts.yml');
    const before = readFileSync(path, 'utf8');
    const after = edit(before);
    if (after === before) throw new Error('the edit changes nothing');
    writeFileSync(path, after);
    return folder;
  };
  const refused = async (sentence: string, args: readonly string[], inventory?: string): Promise<PlaybookOutcome> => {
    const outcome = await engineer().playbook('site', args, { inventory });
    expect(outcome.status).not.toBe(0);
    // Ansible wraps long messages.
    expect(outcome.output.replace(/\s+/g, ' ')).toContain(sentence);
    expect(outcome.output).not.toContain('PLAY [Ingress]');
    expect([...outcome.recap.values()].reduce((sum, host) => sum + host.changed, 0)).toBe(0);
    expect(outcome.seconds).toBeLessThan(30);
    return outcome;
  };

  step('a wrong MAC address is refused before any host is changed', () =>
    refused("worker-1: mac is '2c:cf:67:00:01'; write the address of eth0", [],
      withInventory('wrong-mac', (text) => text.replace('2c:cf:67:00:01:22', '2c:cf:67:00:01')))); // prettier-ignore

  step('an address given twice is refused before any host is changed', () =>
    refused('worker-2 and worker-1 have the same address 192.168.100.122', [],
      withInventory('same-address', (text) => text.replace('192.168.100.123', '192.168.100.122')))); // prettier-ignore

  step('a host written twice is refused before any host is changed', () =>
    refused("Found duplicate mapping key 'worker-2'", [],
      withInventory('twice', (text) => text.replace('        worker-3:', '        worker-2:')))); // prettier-ignore

  step('a role that does not exist is refused before any host is changed', () =>
    refused("group 'gpu' is no role this installation knows", [],
      withInventory('unknown-role', (text) => text.replace('    # The hosts that form', '    gpu:\n      hosts:\n        worker-6:\n    # The hosts that form')))); // prettier-ignore

  step('a key missing from the vault is refused before any host is changed', async () => {
    const whole = engineer().vault;
    const secrets = structuredClone(whole['secrets']) as Record<string, Record<string, string>>;
    const [secret, keys] = Object.entries(secrets)[0]!;
    const key = Object.keys(keys)[0]!;
    delete keys[key];
    engineer().writeVaultWith({ ...whole, secrets });
    try {
      await refused(`secrets: ${secret}: ${key} is missing`, []);
    } finally {
      engineer().writeVaultWith(whole);
    }
  });

  step('a key of the vault that nothing reads is refused before any host is changed', async () => {
    const whole = engineer().vault;
    engineer().writeVaultWith({
      ...whole,
      secrets: { ...(whole['secrets'] as object), 'ahuora/forgotten': { key: 'value' } },
    });
    try {
      await refused('secrets: ahuora/forgotten is read by nothing', []);
    } finally {
      engineer().writeVaultWith(whole);
    }
  });

  step('an artefact with a wrong checksum is refused before any host is changed', async () => {
    const path = engineer().path('artefacts', 'registry-mirror-v3.0.0');
    const sound = readFileSync(path);
    const corrupt = Buffer.from(sound);
    corrupt[1000]! ^= 1;
    writeFileSync(path, corrupt);
    try {
      await refused("(artefact 'registry_mirror') has sha256", []);
    } finally {
      writeFileSync(path, sound);
    }
  });

  step(
    'a wrong variable of any role is refused before any host is changed, each in a sentence of its own',
    async () => {
      // All variables of `network` are text, or facts that the check of the inventory looks at.
      const wrong: Record<string, [string, unknown, string]> = {
        prereq: ['prereq_kernel_settings', 3, 'must be of type dict, it is of type int'],
        raspberrypi: ['raspberrypi_page_size', '8k', 'must be one of: 4k, 16k, got: 8k'],
        airgap: ['airgap_internet', 'perhaps', 'must be of type bool, it is of type str'],
        ntp_time_server: ['ntp_time_server_wait_seconds', 'soon', 'must be of type int, it is of type str'],
        registry_mirror: [
          'registry_mirror_engine',
          'docker',
          'must be one of: oci-registry, distribution, got: docker',
        ],
        zerotier: ['zerotier_enabled', 'perhaps', 'must be of type bool, it is of type str'],
        load_generator: ['load_generator_tools', 'perhaps', 'must be of type bool, it is of type str'],
        local_volumes: [
          'local_volumes_folders',
          [{ name: 'postgres' }],
          'missing required arguments: group, node, path, size, user',
        ],
        k3s_node: ['k3s_node_ready_seconds', 'soon', 'must be of type int, it is of type str'],
        k3s_server: ['k3s_server_ready_seconds', 'soon', 'must be of type int, it is of type str'],
        k3s_agent: ['k3s_agent_ready_seconds', 'soon', 'must be of type int, it is of type str'],
        k3s_deployments: ['k3s_deployments_secrets', 4, 'must be of type dict, it is of type int'],
        k3s_upgrade: ['k3s_upgrade_drain_seconds', 'soon', 'must be of type int, it is of type str'],
      };
      const variables = Object.fromEntries(Object.values(wrong).map(([name, value]) => [name, value]));
      const outcome = await refused('role raspberrypi: value of raspberrypi_page_size', [
        '--extra-vars',
        JSON.stringify(variables),
      ]);
      for (const [role, [name, , words]] of Object.entries(wrong))
        expect(outcome.output).toMatch(
          new RegExp(`: role ${role}: .*${name === 'local_volumes_folders' ? '' : name}.* ?${words}`),
        );
    },
  );

  step('a tag that no task has is refused before any host is changed: a secret rotated with it would not be', () =>
    refused('No task has the tag k3s_deployments; nothing would be done for it.', ['--tags', 'k3s_deployments'])); // prettier-ignore

  step('an address that is still an example is refused before any host is changed', () =>
    refused('monitoring.yaml:', ['--extra-vars', JSON.stringify({ k3s_deployments_applications: join(__dirname, '../../dist/argocd') })])); // prettier-ignore

  step('a misspelt variable is refused before any host is changed, with the one that is meant', () =>
    refused('raspberrypi_pagesize is read by no role; is raspberrypi_page_size meant?', ['--extra-vars', 'raspberrypi_pagesize=16k'])); // prettier-ignore
}
