import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { program } from '../lib/console/program';

/** A contract of dist/secrets.json, as far as the vault's example shows it. */
interface Contract {
  readonly name: string;
  readonly namespace: string;
  readonly keys: readonly {
    readonly name: string;
    readonly description: string;
    readonly generate?: { readonly length: number; readonly alphabet: string };
    readonly issued?: unknown;
  }[];
}

const head = `# yaml-language-server: $schema=../../../schemas/group-variables.json
---
# What the vault holds; written by \`npm run vault-example\` from dist/secrets.json. Copy this file to vault.yml beside it, give
# every value (docs/how-to/fill-the-vault.md says where each comes from), and encrypt that file:
#   ansible-vault encrypt inventory/group_vars/all/vault.yml
# \`vault.yml\` is ignored by git; keep the vault's password, and a copy of the file, where the team keeps such things. A value
# that still starts with "replace-me" is refused.
vault:
  # openssl rand -hex 32, one for each. Servers join with the first, agents with the second.
  k3s_token: replace-me
  k3s_agent_token: replace-me
  # Account that reads the private images, and an access token of it with the right to read only; the mirror uses them.
  docker_hub_username: replace-me
  docker_hub_token: replace-me
  # 16 hexadecimal digits, from the console of the VPN.
  zerotier_network: replace-me
  # A place off the rack for what nobody could make again (docs/how-to/copy-off-the-rack.md); left out, nothing is copied.
  # offsite_copy:
  #   repository: sftp:USER@HOST:/copies/ahuora
  #   password: replace-me
  #   ssh_key: replace-me
  #   known_host: replace-me
  # By namespace/name and key, exactly those of dist/secrets.json.
  secrets:
`;

/** The committed example of the vault: every key that a contract names and a person gives, with a placeholder. */
export function vaultExample(contracts: readonly Contract[]): string {
  const given = contracts
    .map((contract) => ({ ...contract, keys: contract.keys.filter(({ issued }) => issued === undefined) }))
    .filter(({ keys }) => keys.length > 0);
  const entries = given.flatMap((contract) => [
    `    ${contract.namespace}/${contract.name}:`,
    ...contract.keys.flatMap((key) => [
      `      # ${key.description}${recipe(key.generate)}`,
      `      ${key.name}: replace-me`,
    ]),
  ]);
  return `${head}${entries.join('\n')}\n`;
}

function recipe(generate: Contract['keys'][number]['generate']): string {
  return generate ? ` Make ${generate.length} random characters (${generate.alphabet}).` : '';
}

/** Where the contracts are and where the example goes. */
export const vaultFiles = {
  contracts: join(__dirname, '..', 'dist', 'secrets.json'),
  example: join(__dirname, 'inventory', 'group_vars', 'all', 'vault.example.yml'),
};

/**
 * The contracts that synthesis has written.
 *
 * @throws Error that says how to get them, when they are missing or cut off.
 */
export function readContracts<C>(file: string): C[] {
  const name = relative(process.cwd(), file);
  if (!existsSync(file)) throw new Error(`${name} is not there; npm run synth writes it.`);
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { secrets: C[] }).secrets;
  } catch (error) {
    throw new Error(`${name} is no JSON (${(error as Error).message}); npm run synth writes it anew.`);
  }
}

if (require.main === module) {
  program(
    'vault-example',
    'Write vault.example.yml anew from the contracts in dist/secrets.json.',
    'npm run vault-example',
  )
    .action(() => {
      const secrets = readContracts<Contract>(vaultFiles.contracts);
      writeFileSync(vaultFiles.example, vaultExample(secrets));
      const given = secrets.filter(({ keys }) => keys.length > 0).length;
      console.error(`${relative(process.cwd(), vaultFiles.example)}: ${given} Secrets`);
    })
    .parse();
}
