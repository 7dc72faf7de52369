import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import type { Inventory, NodeReserve } from '../../lib/kubernetes/inventory';
import { toMebibytes, toMillicores, parseQuantity } from '../../lib/kubernetes/quantity';

const RESERVED = 'k3s_node_system_reserved';
const EVICTION = 'k3s_node_eviction_hard';

/**
 * What kubelets keep from pods: `system-reserved` and the eviction threshold of memory, from the group's variables or the
 * role's defaults, which rest on https://docs.k3s.io/reference/resource-profiling and about 200 MB for the operating system.
 *
 * @throws Error naming file and field, where a setting is missing or no amount.
 */
export function readNodeReserve(inventory: string): Inventory['reserve'] {
  const folder = dirname(inventory);
  const defaults = variablesOf(join(folder, '../roles/k3s_node/defaults/main.yml'));
  const of = (role: string) => reserveOf([variablesOf(join(folder, 'group_vars', role, 'main.yml')), defaults]);
  return { server: of('server'), agent: of('agent') };
}

/** A file of variables; without any where there is no such file. */
interface VariablesFile {
  readonly path: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

function variablesOf(path: string): VariablesFile {
  const variables = existsSync(path) ? (parse(readFileSync(path, 'utf8')) as VariablesFile['variables'] | null) : null;
  return { path, variables: variables ?? {} };
}

/** @param files The first that sets a variable wins; what it overrides must make sense all the same. */
function reserveOf(files: readonly VariablesFile[]): NodeReserve {
  const overridden = files
    .slice(1)
    .filter(({ variables }) => [RESERVED, EVICTION].every((name) => variables[name] !== undefined));
  for (const file of overridden) readReserve([file]);
  return readReserve(files);
}

function readReserve(files: readonly VariablesFile[]): NodeReserve {
  const reserved = settingOf(RESERVED, files);
  const amounts = new Map(reserved.value.split(',').map((part) => part.trim().split('=') as [string, string]));
  const eviction = settingOf(EVICTION, files);
  const threshold = /(?:^|,)\s*memory\.available<([^,]+)/.exec(eviction.value)?.[1];
  for (const [name, least] of [
    ['cpu', 0.02],
    ['memory', 64 * 2 ** 20],
  ] as const) {
    const amount = parseQuantity(amounts.get(name));
    if (amount === undefined || amount >= least) continue;
    throw new Error(
      `${reserved.where}: ${name}=${amounts.get(name)} keeps next to nothing for the system; write it as in cpu=200m,memory=512Mi.`,
    );
  }
  for (const [name, most] of [
    ['cpu', 2],
    ['memory', 4 * 2 ** 30],
  ] as const) {
    const amount = parseQuantity(amounts.get(name));
    if (amount === undefined || amount < most) continue;
    throw new Error(
      `${reserved.where}: ${name}=${amounts.get(name)} keeps half a board or more from pods; write it as in cpu=500m,memory=1Gi.`,
    );
  }
  const disk = /(?:^|,)\s*nodefs\.available<(\d+)%/.exec(eviction.value)?.[1];
  if (!(Number(disk) >= 5 && Number(disk) <= 30))
    throw new Error(
      `${eviction.where}: nodefs.available<${disk ?? '…'}% ${disk === undefined ? 'is missing, so a full card stops the node' : 'evicts pods from a card that has room, or from none'}; write it as in nodefs.available<10%.`,
    );
  const free = parseQuantity(threshold);
  if (free !== undefined && free < 64 * 2 ** 20)
    throw new Error(
      `${eviction.where}: memory.available<${threshold} evicts nothing before the kernel kills; write it as in memory.available<256Mi.`,
    );
  return {
    cpuMillicores: toMillicores(amountOf(amounts.get('cpu'), 'cpu=…', reserved)),
    memoryMiB:
      toMebibytes(amountOf(amounts.get('memory'), 'memory=…', reserved)) +
      toMebibytes(amountOf(threshold, 'memory.available<…', eviction)),
  };
}

/** The path as people know it: from the folder of Ansible on. */
const inRepository = (file: string) => file.slice(Math.max(0, file.lastIndexOf('/ansible/') + 1));

interface Setting {
  readonly where: string;
  readonly value: string;
}

function settingOf(name: string, files: readonly VariablesFile[]): Setting {
  for (const { path, variables } of files) {
    const value = variables[name];
    if (value === undefined || value === null) continue;
    if (typeof value === 'string') return { where: `${inRepository(path)}: ${name}`, value };
    throw new Error(
      `${inRepository(path)}: ${name}: ${JSON.stringify(value)} is not text; write it as in cpu=200m,memory=512Mi.`,
    );
  }
  throw new Error(
    `${files.map(({ path }) => path).join(' or ')}: ${name} is missing; set it as the committed files do.`,
  );
}

function amountOf(text: string | undefined, form: string, { where, value }: Setting): string {
  const amount = parseQuantity(text);
  if (text !== undefined && amount !== undefined && amount >= 0) return text;
  throw new Error(`${where}: "${value}" has no amount in the form ${form}; write one such as 200m or 512Mi.`);
}
