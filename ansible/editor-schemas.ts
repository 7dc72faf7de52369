import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { LABEL, RESERVED_LABEL, TAINT } from '../facts/ansible/node-labels';
import { program } from '../lib/console/program';

/*
 * JSON schemas by which an editor completes, explains and underlines the inventory and the group variables (the modeline
 * `# yaml-language-server: $schema=…` in each file). Written to ansible/schemas by `npm run editor-schemas`.
 */

type Schema = Readonly<Record<string, unknown>>;

const DIALECT = 'http://json-schema.org/draft-07/schema#';
const IPV4 = '^((25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(25[0-5]|2[0-4]\\d|1?\\d?\\d)$';

/** What is known of a machine. Each field is refused by facts/inventory.ts where it is refused here. */
const HOST: Readonly<Record<string, Schema>> = {
  ansible_host: { description: 'Address on the LAN, such as 192.168.100.122.', type: 'string', pattern: IPV4 },
  mac: {
    description: 'MAC address of eth0, from the label of the board: six lower-case pairs, in quotes.',
    type: 'string',
    pattern: '^([0-9a-f]{2}:){5}[0-9a-f]{2}$',
  },
  cores: { description: 'CPU cores.', type: 'integer', minimum: 1 },
  memory_mib: { description: 'Physical memory, MiB.', type: 'integer', minimum: 1, maximum: 1_048_576 },
  storage_device: {
    description: 'Device of the file systems, such as /dev/mmcblk0.',
    type: 'string',
    pattern: '^/dev/',
  },
  wifi: { description: 'Whether the machine has a way to the internet by Wi-Fi.', type: 'boolean' },
  lan_interface: { description: 'Interface of the LAN, such as eth0.', type: 'string' },
  uplink_interface: { description: 'Interface of the Wi-Fi, such as wlan0.', type: 'string' },
  node_labels: {
    description: 'Labels that the node joins the cluster with, each as key=value.',
    type: 'array',
    items: { type: 'string', pattern: LABEL, not: { pattern: RESERVED_LABEL } },
  },
  node_taints: {
    description: 'Taints that the node joins with, each as key=value:NoSchedule (or PreferNoSchedule, NoExecute).',
    type: 'array',
    items: { type: 'string', pattern: TAINT },
  },
  ansible_user: { description: 'Account that Ansible signs in as.', type: 'string' },
};

/** The schema of `ansible/inventory/hosts.yml`. */
export function inventorySchema(): Schema {
  const host = { type: 'object', properties: HOST, required: ['ansible_host'], additionalProperties: false };
  const group = (description: string) => ({
    description,
    type: 'object',
    required: ['hosts'],
    additionalProperties: false,
    properties: {
      hosts: {
        type: 'object',
        propertyNames: { pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$' },
        additionalProperties: host,
      },
    },
  });
  const network = {
    description: 'Addresses of the LAN, such as 192.168.100.0/24.',
    type: 'string',
    pattern: '^[\\d.]+/\\d+$',
  };
  return {
    $schema: DIALECT,
    title: 'Machines',
    type: 'object',
    required: ['all'],
    properties: {
      all: {
        type: 'object',
        required: ['children'],
        additionalProperties: false,
        properties: {
          vars: {
            description: 'What holds for every machine that says nothing else.',
            type: 'object',
            properties: { ...HOST, cluster_network: network },
            additionalProperties: false,
          },
          children: {
            type: 'object',
            required: ['gateway', 'server', 'agent'],
            properties: {
              gateway: group('The gateway node: not part of the cluster.'),
              server: group('The K3s server.'),
              agent: group('The K3s agents.'),
            },
          },
        },
      },
    },
  };
}

interface Option {
  readonly description?: string | readonly string[];
  readonly type?: string;
  readonly choices?: readonly unknown[];
}

/** JSON types of Ansible's; what is not among them may be anything. */
const TYPES: Readonly<Record<string, string>> = {
  ...{ str: 'string', path: 'string', int: 'integer', float: 'number', bool: 'boolean', list: 'array', dict: 'object' },
};

/**
 * The schema of the group variables: what the roles say of their arguments (`meta/argument_specs.yml`), and the names that the committed files
 * give beside those. A name that neither knows is underlined, and so is a value of another type, unless it is a template.
 */
export function groupVariablesSchema(ansible: string): Schema {
  const properties: Record<string, Schema> = {};
  for (const name of namesGiven(ansible)) properties[name] = {};
  for (const [name, option] of Object.entries(optionsOfRoles(ansible))) properties[name] = schemaOf(option);
  const sorted = Object.fromEntries(Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    $schema: DIALECT,
    title: 'Group variables',
    type: 'object',
    properties: sorted,
    additionalProperties: false,
  };
}

function schemaOf({ description, type = 'str', choices }: Option): Schema {
  const text = [description ?? []].flat().join(' ');
  const plain = { ...(TYPES[type] ? { type: TYPES[type] } : {}), ...(choices ? { enum: choices } : {}) };
  return { ...(text ? { description: text } : {}), anyOf: [plain, { type: 'string', pattern: '\\{[{%]' }] };
}

function optionsOfRoles(ansible: string): Record<string, Option> {
  const roles = readdirSync(join(ansible, 'roles')).sort();
  const entries = roles.flatMap((role) => {
    const { argument_specs } = readYaml(join(ansible, 'roles', role, 'meta', 'argument_specs.yml')) as {
      argument_specs: Record<string, { options?: Record<string, Option> }>;
    };
    return Object.values(argument_specs).flatMap(({ options }) => Object.entries(options ?? {}));
  });
  return Object.fromEntries(entries);
}

function namesGiven(ansible: string): string[] {
  return groupVariableFiles(ansible).flatMap((file) => Object.keys((readYaml(file) as object | null) ?? {}));
}

/** Every committed file of group variables. */
export function groupVariableFiles(ansible: string): string[] {
  const folder = join(ansible, 'inventory', 'group_vars');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yml') && !file.endsWith('vault.yml'))
    .sort()
    .map((file) => join(folder, file));
}

function readYaml(file: string): unknown {
  return parse(readFileSync(file, 'utf8'));
}

/** The text of each schema by its file below `ansible/schemas`. */
export function editorSchemas(ansible: string): ReadonlyMap<string, string> {
  const text = (schema: Schema) => `${JSON.stringify(schema, null, 2)}\n`;
  return new Map([
    ['inventory.json', text(inventorySchema())],
    ['group-variables.json', text(groupVariablesSchema(ansible))],
  ]);
}

if (require.main === module)
  program(
    'editor-schemas',
    'Write ansible/schemas again: what editors complete, explain and underline in the inventory and the group variables.',
    'npm run editor-schemas',
  )
    .action(() => {
      mkdirSync(join(__dirname, 'schemas'), { recursive: true });
      for (const [name, text] of editorSchemas(__dirname)) writeFileSync(join(__dirname, 'schemas', name), text);
    })
    .parse();
