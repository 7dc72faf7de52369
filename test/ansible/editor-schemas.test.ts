import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { editorSchemas, groupVariableFiles, groupVariablesSchema, inventorySchema } from '../../ansible/editor-schemas';
import { parseInventory } from '../../facts/inventory';

const ANSIBLE = join(__dirname, '..', '..', 'ansible');
const HOSTS = join(ANSIBLE, 'inventory', 'hosts.yml');
const RESERVE = { server: { cpuMillicores: 500, memoryMiB: 1280 }, agent: { cpuMillicores: 200, memoryMiB: 768 } };
const text = readFileSync(HOSTS, 'utf8');
const files = groupVariableFiles(ANSIBLE);

const ajv = new Ajv({ strict: false });
const inventory = ajv.compile(inventorySchema());
const variables = ajv.compile(groupVariablesSchema(ANSIBLE));
const complaints = (validate: typeof inventory, value: unknown) =>
  validate(value) ? [] : validate.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`);

test('the committed schemas are those of today (else run `npm run editor-schemas`)', () => {
  for (const [name, content] of editorSchemas(ANSIBLE))
    expect(readFileSync(join(ANSIBLE, 'schemas', name), 'utf8')).toBe(content);
});

test('the committed inventory and group variables are without a complaint', () => {
  expect(complaints(inventory, parse(text))).toEqual([]);
  expect(files.length).toBeGreaterThan(6);
  for (const file of files)
    expect([file, complaints(variables, parse(readFileSync(file, 'utf8')))]).toEqual([file, []]);
});

test('each file names the schema that it is held against', () => {
  for (const file of [HOSTS, ...files]) {
    const schema = file === HOSTS ? 'inventory.json' : 'group-variables.json';
    const path = relative(join(file, '..'), join(ANSIBLE, 'schemas', schema));
    expect([file, readFileSync(file, 'utf8')]).toEqual([
      file,
      expect.stringContaining(`# yaml-language-server: $schema=${path}\n`),
    ]);
  }
});

test.each([
  ['an address that is none', '192.168.100.122', '192.168.100.322', '/worker-1/ansible_host'],
  ['a MAC address in capitals', '"2c:cf:67:00:01:22"', '"2C:CF:67:00:01:22"', '/worker-1/mac'],
  ['memory of another unit', 'memory_mib: 8192', 'memory_mib: 8Gi', '/vars/memory_mib'],
  ['no core', 'cores: 4', 'cores: 0', '/vars/cores'],
  ['a word for yes', 'wifi: false', 'wifi: perhaps', '/vars/wifi'],
  ['a device that is none', '/dev/mmcblk0', 'mmcblk0', '/vars/storage_device'],
  ['a label without a value', 'node_labels: []', 'node_labels: [fast]', '/vars/node_labels/0'],
  ['a taint without an effect', 'node_taints: []', 'node_taints: [only=tests]', '/vars/node_taints/0'],
])('%s is underlined, and refused by synthesis as well', (_what, from, to, place) => {
  const wrong = text.replace(from, to);
  expect(wrong).not.toBe(text);
  expect(complaints(inventory, parse(wrong)).join()).toContain(place);
  expect(() => parseInventory(wrong, 'hosts.yml', RESERVE)).toThrow(/^hosts\.yml/);
});

test('a misspelt fact and a group that is missing are underlined', () => {
  expect(complaints(inventory, parse(text.replace('storage_device', 'storage_devise')))).toEqual([
    '/all/vars must NOT have additional properties',
  ]);
  const machines = parse(text);
  delete machines.all.children.server;
  expect(complaints(inventory, machines)).toEqual(["/all/children must have required property 'server'"]);
});

test.each([
  ['a misspelt name', { k3s_versoin: 'v1.34.4+k3s1' }],
  ['a text where a number belongs', { k3s_server_ready_seconds: 'soon' }],
  ['another word than the choices', { k3s_server_flannel_backend: 'ipsec' }],
])('group variables: %s is underlined, and a template is not', (_what, wrong) => {
  expect(complaints(variables, wrong)).not.toEqual([]);
  expect(complaints(variables, { k3s_server_ready_seconds: '{{ 2 * 150 }}' })).toEqual([]);
});
