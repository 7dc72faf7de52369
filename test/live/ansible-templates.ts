import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { pythonEnvironment } from '../fixtures/python-environment';
import { must } from './command';

const ANSIBLE = join(__dirname, '..', '..', 'ansible');
const REQUIREMENTS = join(__dirname, '..', '..', 'tools', 'requirements-ansible.txt');

/** A template of a role, rendered for a host of the inventory. */
export interface Rendering {
  readonly host: string;
  readonly role: string;
  readonly template: string;
  readonly file: string;
  /** Further variables, such as the `item` of the role's loop. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

/**
 * Renders templates with Ansible itself: the real inventory, group variables and defaults of the roles, and this run's vault.
 * `extra` wins over all of them, and no host is reached.
 */
export async function renderTemplates(
  folder: string,
  renderings: readonly Rendering[],
  vault: Readonly<Record<string, unknown>>,
  extra: Readonly<Record<string, unknown>>,
): Promise<void> {
  const programs = await pythonEnvironment([REQUIREMENTS]);
  const work = join(folder, 'ansible');
  await mkdir(work, { recursive: true });
  await cp(join(ANSIBLE, 'inventory'), join(work, 'inventory'), { recursive: true });
  await writeFile(join(work, 'inventory', 'group_vars', 'all', 'vault.yml'), stringify({ vault }), { mode: 0o600 });
  const plays = await Promise.all(
    renderings.map(async ({ host, role, template, file, variables = {} }) => ({
      hosts: host,
      gather_facts: false,
      connection: 'local',
      vars: { ...(await defaultsOf(role)), ...variables },
      tasks: [
        {
          name: template,
          'ansible.builtin.template': {
            src: join(ANSIBLE, 'roles', role, 'templates', template),
            dest: file,
            mode: '0600',
          },
        },
      ],
    })),
  );
  await writeFile(join(work, 'render.yml'), stringify(plays));
  await writeFile(join(work, 'extra.yml'), stringify(extra));
  const env = {
    ANSIBLE_CONFIG: join(ANSIBLE, 'ansible.cfg'),
    ANSIBLE_HOME: work,
    ANSIBLE_LOCAL_TEMP: join(work, 'tmp'),
    HOME: work,
    LC_ALL: 'C.UTF-8',
  };
  const inventory = join(work, 'inventory', 'hosts.yml');
  await must(
    join(programs, 'ansible-playbook'),
    ['--inventory', inventory, '--extra-vars', `@${join(work, 'extra.yml')}`, join(work, 'render.yml')],
    { env, cwd: ANSIBLE },
  );
}

async function defaultsOf(role: string): Promise<object> {
  const file = join(ANSIBLE, 'roles', role, 'defaults', 'main.yml');
  return existsSync(file) ? ((parse(await readFile(file, 'utf8')) as object | null) ?? {}) : {};
}
