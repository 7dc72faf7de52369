import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';

const ansible = join(__dirname, '..', '..', 'ansible');
const text = (...path: string[]) => readFileSync(join(ansible, ...path), 'utf8');
const roles = readdirSync(join(ansible, 'roles'));

interface Option {
  readonly required?: boolean;
  readonly default?: unknown;
  readonly type?: string;
}
type Specs = Record<string, { readonly options: Record<string, Option> }>;

const specsOf = (role: string): Specs => parse(text('roles', role, 'meta', 'argument_specs.yml')).argument_specs;
const defaultsOf = (role: string): Record<string, unknown> => {
  const file = join(ansible, 'roles', role, 'defaults', 'main.yml');
  return existsSync(file) ? (parse(readFileSync(file, 'utf8')) ?? {}) : {};
};
const described = (role: string) =>
  new Set(Object.values(specsOf(role)).flatMap((entry) => Object.keys(entry.options)));
/** Text of everything a role runs; a shared variable that a default is made of reaches it by that default's name. */
const sources = (role: string): string =>
  ['tasks', 'handlers', 'templates', 'vars']
    .map((folder) => join(ansible, 'roles', role, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8')))
    .join('\n')
    .replace(/^\s*#.*$/gm, '');
/** Variables that stand for all hosts: the inventory's own and those of group_vars/all/main.yml. */
const shared = [
  ...Object.keys(parse(text('inventory', 'hosts.yml')).all.vars),
  ...Object.keys(parse(text('inventory', 'group_vars', 'all', 'main.yml'))),
  ...Object.keys(parse(text('inventory', 'group_vars', 'all', 'artefacts.yml'))),
  'artefact_checksums',
].filter((name) => !name.startsWith('ansible_'));

/** Folders of Raspberry Pi OS Lite that roles write into. */
const ofTheImage = [
  '/boot/firmware', '/etc', '/etc/NetworkManager/system-connections', '/etc/apt/apt.conf.d', '/etc/cloud', '/etc/sudoers.d',
  '/etc/sysctl.d', '/etc/systemd/system', '/usr/local', '/usr/local/bin', '/usr/local/sbin',
]; // prettier-ignore
/** Folders of the packages that a role installs itself. */
const ofPackages: Record<string, readonly string[]> = {
  airgap: ['/etc/apt-cacher-ng'],
  network: ['/etc/dnsmasq.d'],
  ntp_time_server: ['/etc/ntpsec', '/etc/default'],
};
/** A role's tasks but those of its reset. */
const tasksOf = (role: string): string => {
  const folder = join(ansible, 'roles', role, 'tasks');
  const files = readdirSync(folder).filter((file) => file !== 'reset.yml');
  return files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
};

/** Everything that roles and playbooks run. */
const everything = (): string =>
  [...roles.map(sources), ...readdirSync(join(ansible, 'playbooks'), { withFileTypes: true }).filter((each) => each.isFile()).map(({ name }) => text('playbooks', name))].join('\n'); // prettier-ignore

/** Folders that tasks write into although nothing has made them. */
function unmade(tasks: string, brought: readonly string[] = []): string[] {
  const written = /^ *(?:dest|airgap_artefact_destination): "?(\/[^"\n]+)/gm;
  const files = [...tasks.matchAll(written)].map(([, path]) => path!);
  const paths = tasks.replace(written, '').matchAll(/(?<=[\s[,"])(\/[\w./-]+?)\/?(?=[\s\],"]|\{\{|$)/gm);
  const there = [...ofTheImage, ...brought, ...[...paths].map(([, path]) => path!)];
  return files.map((file) => dirname(file)).filter((folder) => !folder.includes('{{') && !there.includes(folder));
}

describe('roles', () => {
  it.each(roles)('%s describes every variable it has a default for, with the same default', (role) => {
    for (const [name, value] of Object.entries(defaultsOf(role))) {
      expect([...described(role)]).toContain(name);
      const option = specsOf(role)['main']?.options[name];
      if (option && 'default' in option && !JSON.stringify(value).includes('{{')) expect(option.default).toEqual(value);
    }
  });

  it.each(roles)('%s has a default for every variable of its own that it describes as optional', (role) => {
    const own = Object.entries(specsOf(role)['main']!.options).filter(([name]) => name.startsWith(`${role}_`));
    const optional = own.filter(([, option]) => !option.required).map(([name]) => name);
    expect(optional.filter((name) => !(name in defaultsOf(role)))).toEqual([]);
  });

  it.each(roles)('%s describes every variable it reads', (role) => {
    const source = sources(role);
    const own = new Set(source.match(new RegExp(`\\b${role}_\\w+`, 'g')));
    // What a task notes, or gives to another file, is no variable of the role.
    const notes = new Set(
      [...source.matchAll(/^\s*(?:- )?(?:register: )?(\w+):?(?=\s|$)/gm)].map((match) => match[1]!),
    );
    const unknown = [...own].filter((name) => !described(role).has(name) && !notes.has(name));
    const others = shared.filter((name) => new RegExp(`(?<![\\w.'-])${name}\\b`).test(source));
    expect([...unknown, ...others.filter((name) => !described(role).has(name))]).toEqual([]);
  });

  it.each(roles)('%s writes into no folder that neither the image, nor a package of its own, nor itself has made', (role) => {
    expect(unmade(tasksOf(role), ofPackages[role])).toEqual([]);
  }); // prettier-ignore

  it('a folder that is not made is found, one that is made with a file or as part of a path is not', () => {
    const copy = '- copy:\n    dest: /usr/local/libexec/program\n';
    expect(unmade(copy)).toEqual(['/usr/local/libexec']);
    expect(unmade(`${copy}- file:\n    path: /usr/local/libexec\n`)).toEqual([]);
    expect(unmade(`${copy}- file:\n    path: "{{ item }}"\n  loop: [/opt, /usr/local/libexec]\n`)).toEqual([]);
    expect(unmade('- unarchive:\n    dest: /opt/{{ one }}\n- file:\n    path: /opt/{{ one }}\n')).toEqual([]);
    expect(unmade('- unarchive:\n    dest: /opt/{{ one }}\n')).toEqual(['/opt']);
  });

  // An agent whose server is away, or refuses its token, starts for ever; the roles wait for it themselves, and in bounded time.
  it('start a unit that has no limit of its own without waiting for it', () => {
    expect(text('roles', 'k3s_node', 'templates', 'k3s.service.j2')).toMatch(/^Type=notify$[^]*^TimeoutStartSec=0$/m);
    const files = ['tasks', 'handlers'].flatMap((folder) => ['k3s_node', 'k3s_upgrade'].map((role) => join(ansible, 'roles', role, folder)));
    const starts = files
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), 'utf8').split(/\n(?= *- name: )/)))
      .filter((task) => /systemd_service:/.test(task) && /state: (started|restarted)/.test(task) && /k3s/.test(task));
    expect(starts.length).toBeGreaterThan(2);
    for (const task of starts) expect(task).toMatch(/no_block: true/);
  }); // prettier-ignore

  // `-e airgap_ssh_from_uplink=false` is text, and text that is not empty counts as true.
  it.each(roles)('%s takes yes and no as text too, as a command line gives them', (role) => {
    const flags = Object.entries(specsOf(role)['main']!.options).filter(([, option]) => option.type === 'bool');
    for (const [flag] of flags.filter(([name]) => name.startsWith(`${role}_`)))
      for (const [use] of everything().matchAll(new RegExp(`^.*\\b${flag}\\b(?!:).*$`, 'gm')))
        expect(use.replace(/ \| default\((true|false)\)/, '')).toMatch(new RegExp(`\\b${flag} \\| bool|"\\{\\{ ${flag} \\}\\}"$`));
  }); // prettier-ignore

  it.each(roles)('%s takes numbers as text too, where it reckons with them', (role) => {
    const numbers = Object.entries(specsOf(role)['main']!.options).filter(([, option]) => option.type === 'int');
    for (const [name] of numbers)
      for (const [use] of everything().matchAll(new RegExp(`^.*\\b${name}\\b *([*/<>+-] |\\))|[<>+] *${name}\\b(?! \\| int).*$`, 'gm')))
        expect(`${use}: write ${name} | int`).toBe('');
  }); // prettier-ignore

  it('the image mirror has the ports of the inventory, which no role or playbook types again', () => {
    const { registry_port, registry_upstreams } = parse(text('inventory', 'group_vars', 'all', 'main.yml')) as { registry_port: number; registry_upstreams: { port: number }[] };
    const ports = [registry_port, ...registry_upstreams.map(({ port }) => port)];
    expect(ports.length).toBeGreaterThan(2);
    const typed = new RegExp(`^.*(?<![=.\\d])(${ports.join('|')})(?!\\d).*$`, 'gm');
    const specs = roles.map((role) => text('roles', role, 'meta', 'argument_specs.yml'));
    const defaults = roles.flatMap((role) => Object.values(defaultsOf(role)).map((value) => JSON.stringify(value)));
    expect([everything(), ...specs, ...defaults].join('\n').match(typed)).toBeNull();
  }); // prettier-ignore

  it.each(roles)('%s describes each entry point it has', (role) => {
    for (const entry of Object.keys(specsOf(role)))
      expect(existsSync(join(ansible, 'roles', role, 'tasks', `${entry}.yml`))).toBe(true);
    if (role !== 'k3s_upgrade') expect(existsSync(join(ansible, 'roles', role, 'tasks', 'reset.yml'))).toBe(true);
    if (role !== 'k3s_upgrade') expect([role, resetRoles().has(role)]).toEqual([role, true]);
  });
});

describe('preflight', () => {
  const [play] = parse(text('playbooks', 'preflight.yml'));

  it('checks the variables of exactly the roles that a host is given', () => {
    const every: string[] = play.vars.preflight_roles_of_every_host;
    const checked = (group: string): string[] => [
      ...every,
      ...play.vars.preflight_roles[group].match(/'\w+'/g).map((quoted: string) => quoted.slice(1, -1)),
    ];
    const groups: Record<string, string[]> = { all: ['gateway', 'server', 'agent'], k3s_cluster: ['server', 'agent'] };
    const given: Record<string, Set<string>> = { gateway: new Set(), server: new Set(), agent: new Set() };
    for (const playbook of ['site', 'upgrade'])
      for (const each of parse(text('playbooks', `${playbook}.yml`)))
        for (const group of String(each.hosts ?? '')
          .split(':')
          .flatMap((name) => groups[name] ?? [name]))
          for (const role of each.roles ?? []) given[group]!.add(role.role);
    // Included by k3s_server and k3s_agent.
    for (const group of ['server', 'agent']) given[group]!.add('k3s_node');
    for (const [group, names] of Object.entries(given)) expect(checked(group).sort()).toEqual([...names].sort());
    expect([...new Set(Object.keys(given).flatMap(checked))].sort()).toEqual([...roles].sort());
  });

  it('hands no tag `always` down to the roles it loads, whose tasks would then run', () => {
    expect(play.tags).toBeUndefined();
    const [block] = parse(text('playbooks', 'tasks', 'preflight_role.yml'));
    expect(block.tags).toBeUndefined();
    expect(block.block[0]['ansible.builtin.include_role'].apply).toMatchObject({ tags: ['never'], check_mode: true });
  });

  it('knows every tag of the playbooks that it precedes, and no other', () => {
    const tagsOf = (entry: unknown): string[] =>
      Array.isArray(entry)
        ? entry.flatMap(tagsOf)
        : entry !== null && typeof entry === 'object'
          ? Object.entries(entry).flatMap(([key, value]) => (key === 'tags' ? [value].flat() : tagsOf(value)))
          : [];
    const used = ['site', 'registry', 'upgrade'].flatMap((name) => tagsOf(parse(text('playbooks', `${name}.yml`))));
    const inherent = ['all', 'always', 'never', 'tagged', 'untagged'];
    expect([...play.vars.preflight_tags].sort()).toEqual([...new Set([...used, ...inherent])].sort());
    expect(used).toContain('deployments');
  });
});

/** Roles that `reset` undoes: those that its playbook names, and those whose undoing theirs includes. */
function resetRoles(): Set<string> {
  const texts = [
    join(ansible, 'playbooks', 'reset.yml'),
    ...readdirSync(join(ansible, 'roles')).map((role) => join(ansible, 'roles', role, 'tasks', 'reset.yml')),
  ].filter((file) => existsSync(file));
  const words = texts.flatMap((file) => readFileSync(file, 'utf8').match(/[a-z0-9_]+/g) ?? []);
  return new Set(words);
}
