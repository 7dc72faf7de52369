import { existsSync, readFileSync } from 'node:fs';
import { nearestName } from '../../lib/kubernetes/names/nearest-name';
import { isMap } from '../../lib/kubernetes/object';

type Variables = Readonly<Record<string, unknown>>;

/** Groups of the inventory, which templates name. */
const GROUPS = ['all', 'gateway', 'server', 'agent', 'k3s_cluster'];
/** What synthesis writes and the roles read, below `dist/`. */
const RENDERED = ['secrets.json', 'volumes.json', 'platform'];
/** What Ansible itself knows, and what Jinja takes for a word of its own. */
const ALWAYS_THERE = [
  ...['ansible_', 'inventory_', 'hostvars', 'groups', 'group_names', 'play_hosts', 'playbook_dir', 'role_path'],
  ...['query', 'lookup', 'not', 'omit', 'true', 'false', 'item', 'vault'],
];
const SECRET = /(^|_)(password|passphrase|token|secret|api_key)$/;

/** Text of a variable, with the path that leads to it. */
interface Text {
  readonly where: string;
  readonly name: string;
  readonly text: string;
}

/**
 * Holds the texts of group variables against what there is to fill them in: a name that nothing has ends a playbook in its middle.
 *
 * @param elsewhere Names that are set elsewhere (facts of machines, versions, other files), and those that the vault has.
 * @throws Error naming file and variable.
 */
export function refuseBrokenTemplates(
  variables: Variables,
  elsewhere: { readonly known: readonly string[]; readonly vault: readonly string[] },
  shownAs: string,
): void {
  const { known, vault } = elsewhere;
  const names = [...Object.keys(variables), ...known];
  for (const { where, name, text } of textsIn(variables, shownAs)) {
    const isTemplate = text.includes('{{');
    if (SECRET.test(name) && !isTemplate && text !== '')
      throw new Error(
        `${where}: is written out, and stays in git for ever; put it into the vault, as "{{ vault.… }}".`,
      );
    for (const [, group = ''] of text.matchAll(/\bgroups\[['"](\w+)['"]\]/g))
      if (!GROUPS.includes(group))
        throw new Error(`${where}: the inventory has no group ${group}; write one of ${GROUPS.join(', ')}.`);
    for (const [, file = ''] of text.matchAll(/\.\.\/dist\/([\w.-]+)/g))
      if (!RENDERED.includes(file))
        throw new Error(
          `${where}: synthesis writes no dist/${file} that a role reads; write one of ${RENDERED.join(', ')}.`,
        );
    for (const [, word = ''] of text.matchAll(/\{\{-?\s*([A-Za-z_]\w*)/g)) {
      if (
        names.includes(word) ||
        ALWAYS_THERE.some((each) => word === each || (each.endsWith('_') && word.startsWith(each)))
      )
        continue;
      throw new Error(
        `${where}: nothing sets ${word}${hint(word, names)}; correct the name, or set it beside the others.`,
      );
    }
    const missing = [...text.matchAll(/\bvault\.(\w+)/g)].find(([, key]) => vault.length > 0 && !vault.includes(key!));
    if (missing)
      throw new Error(`${where}: the vault has no ${missing[1]}${hint(missing[1]!, vault)}; correct the name.`);
    for (const [, map = '', key = ''] of text.matchAll(/\{\{-?\s*(\w+)\.(\w+)/g)) {
      const value = variables[map];
      if (isMap(value) && !(key in value))
        throw new Error(`${where}: ${map} has no ${key}${hint(key, Object.keys(value))}; correct the name.`);
    }
  }
}

/**
 * Holds the names of group variables against those that roles and playbooks know (`ansible/schemas`): another one is read by nothing.
 *
 * @throws Error naming file and variable.
 */
export function refuseMisspeltVariables(variables: Variables, schema: string, shownAs: string): void {
  if (!existsSync(schema)) return;
  const { properties = {} } = JSON.parse(readFileSync(schema, 'utf8')) as { properties?: Record<string, unknown> };
  const known = Object.keys(properties);
  for (const name of Object.keys(variables)) {
    const near = name in properties ? undefined : nearestName(name, known);
    if (near) throw new Error(`${shownAs}: ${name}: no role reads this; ${near} is probably meant.`);
  }
}

const hint = (name: string, names: readonly string[]) => {
  const near = nearestName(name, names);
  return near === undefined ? '' : ` (${near} is near)`;
};

function* textsIn(value: unknown, where: string, name = ''): Iterable<Text> {
  if (typeof value === 'string') yield { where, name, text: value };
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* textsIn(item, `${where}[${index}]`, name);
  else if (isMap(value))
    for (const [key, item] of Object.entries(value))
      yield* textsIn(
        item,
        `${where}${name === '' && !where.endsWith(']') && where.endsWith('.yml') ? ': ' : '.'}${key}`,
        key,
      );
}
