import type { ContainerSpec } from '../../kubernetes/kinds/core-kinds';
import { parseImage } from '../../kubernetes/image';
import { valuesOf } from '../objects/chart-values';
import { filesOf, type ConfigurationText } from '../objects/calls';
import { asList, type PodTemplate } from '../objects/pod-template';
import type { PlacedObject } from '../objects/placed-object';
import type { Scope } from '../objects/scope';
import type { Program } from './known-options';

/** An option that a program is given, and where that stands. */
export interface WrittenOption {
  readonly program: Program;
  readonly at: PlacedObject;
  readonly field: string;
  readonly name: string;
  /** Absent where none was given, as of a flag. */
  readonly value?: string;
}

/** A line that a program cannot read. */
export interface UnreadableLine {
  readonly program: Program;
  readonly at: PlacedObject;
  readonly field: string;
  readonly line: string;
}

/** Programs by the repository of their image. */
const PROGRAMS: Readonly<Record<string, Program>> = {
  'library/postgres': 'postgres',
  'edoburu/pgbouncer': 'pgbouncer',
  'oauth2-proxy/oauth2-proxy': 'oauth2-proxy',
  'cloudflare/cloudflared': 'cloudflared',
};

/** The program of a container, where its image is one that is known. */
export function programOf(spec: { image?: unknown }): Program | undefined {
  const repository = repositoryOf(spec);
  return repository !== undefined && Object.hasOwn(PROGRAMS, repository) ? PROGRAMS[repository] : undefined;
}

/**
 * The image of a program that is known, where a container has one of that name by another maker and gets what the known one reads:
 * files in its folder.
 */
export function meantImage(spec: ContainerSpec): string | undefined {
  const repository = repositoryOf(spec);
  if (repository === undefined || Object.hasOwn(PROGRAMS, repository)) return undefined;
  const name = repository.replace(/^.*\//, '');
  const folder = new RegExp(`^/(etc|var/lib)/${name}\\w*(/|$)`);
  if (!asList(spec.volumeMounts).some(({ mountPath }) => folder.test(String(mountPath)))) return undefined;
  return Object.keys(PROGRAMS).find((known) => known.replace(/^.*\//, '') === name);
}

const repositoryOf = ({ image }: { image?: unknown }): string | undefined =>
  typeof image === 'string' ? parseImage(image)?.repository : undefined;

/** Whether a pod serves by nginx: its configuration is mounted where nginx reads it. */
export function isNginx(pod: PodTemplate): boolean {
  return pod.containers.some(({ spec }) =>
    asList(spec.volumeMounts).some(({ mountPath }) => /^\/etc\/nginx(\/|$)/.test(String(mountPath))),
  );
}

/** Every option that a pod's programs are given in files, arguments and variables. */
export function* optionsOf(scope: Scope, pod: PodTemplate): Iterable<WrittenOption | UnreadableLine> {
  for (const { spec, field } of pod.containers) {
    const program = programOf(spec);
    if (program === 'cloudflared' || program === 'oauth2-proxy') yield* flagsOf(program, pod.at, field, spec);
    if (program === 'postgres') yield* parametersOf(pod.at, field, spec);
  }
  const programs = new Set(pod.containers.map(({ spec }) => programOf(spec)));
  for (const text of filesOf(scope, pod)) {
    const { file = '' } = text;
    if (file === 'postgresql.conf') yield* linesOf('postgres', text, POSTGRES_LINE);
    else if (file.endsWith('.ini') && /^\[pgbouncer\]/m.test(text.text)) yield* poolerLines(text);
    else if (programs.has('oauth2-proxy') && /\.(cfg|toml)$/.test(file))
      yield* linesOf('oauth2-proxy', text, TOML_LINE);
    else if (file.endsWith('.conf') && isNginx(pod)) yield* directivesOf(text);
  }
}

/** Options that stand in the values of a chart: arguments of Traefik, settings of Argo CD. */
export function* optionsOfChart(at: PlacedObject): Iterable<WrittenOption> {
  for (const { values, field } of valuesOf(at)) {
    const { additionalArguments, configs } = (values ?? {}) as ChartValues;
    if (Array.isArray(additionalArguments) && at.object.metadata.name === 'traefik') {
      for (const text of additionalArguments.map(String)) {
        const [, name = text, value] = /^--([^=]+)(?:=(.*))?$/s.exec(text) ?? [];
        yield {
          program: 'traefik',
          at,
          field: `${field}: additionalArguments`,
          name: name.toLowerCase(),
          ...given(value),
        };
      }
    }
    for (const [part, program] of [
      ['cm', 'argo-cd-cm'],
      ['params', 'argo-cd-params'],
    ] as const) {
      for (const [name, value] of Object.entries(configs?.[part] ?? {})) {
        // A switch of the chart, which makes the ConfigMap or not.
        if (name === 'create' || name === 'annotations') continue;
        yield { program, at, field: `${field}: configs.${part}["${name}"]`, name, value: String(value) };
      }
    }
  }
}

interface ChartValues {
  readonly additionalArguments?: unknown;
  readonly configs?: Readonly<Partial<Record<'cm' | 'params', Readonly<Record<string, unknown>>>>>;
}

const given = (value: string | undefined) => (value === undefined ? {} : { value });

type Container = Pick<ContainerSpec, 'args' | 'command' | 'env'>;

/** `--name=value`, `--name value` or `--name`, and what is a variable of the program. */
function* flagsOf(
  program: 'cloudflared' | 'oauth2-proxy',
  at: PlacedObject,
  field: string,
  { args, env }: Container,
): Iterable<WrittenOption> {
  const parts = Array.isArray(args) ? args.map(String) : [];
  for (const [index, part] of parts.entries()) {
    const [, name, value] = /^--?([a-z][^=]*)(?:=(.*))?$/s.exec(part) ?? [];
    if (name === undefined) continue;
    const next = parts[index + 1];
    const own = value ?? (next !== undefined && !next.startsWith('-') ? next : undefined);
    const option = program === 'oauth2-proxy' ? OPTION_OF_FLAG(name) : name;
    yield { program, at, field: `${field}.args[${index}]`, name: option, ...given(own) };
  }
  for (const [index, { name }] of asList(env).entries()) {
    const [, option] = /^OAUTH2_PROXY_(\w+)$/.exec(String(name)) ?? [];
    if (program !== 'oauth2-proxy' || option === undefined) continue;
    yield { program, at, field: `${field}.env[${index}].name`, name: option.toLowerCase() };
  }
}

/** Flags are the fields with dashes, but for some lists, whose flags are in the singular. */
const OPTION_OF_FLAG = (flag: string) => {
  const name = flag.replaceAll('-', '_');
  return name === 'config' || name === 'alpha_config' ? '' : (SINGULAR[name] ?? name);
};
const SINGULAR: Readonly<Record<string, string>> = {
  cookie_domain: 'cookie_domains',
  email_domain: 'email_domains',
  whitelist_domain: 'whitelist_domains',
  upstream: 'upstreams',
  trusted_ip: 'trusted_ips',
  trusted_proxy_ip: 'trusted_proxy_ips',
  skip_auth_route: 'skip_auth_routes',
  api_route: 'api_routes',
};

/** `-c name=value` of the server. */
function* parametersOf(at: PlacedObject, field: string, { args }: Container): Iterable<WrittenOption> {
  const parts = Array.isArray(args) ? args.map(String) : [];
  for (const [index, part] of parts.entries()) {
    const [, name = '', value] = /^(?:--)?([a-z_]+)=(.*)$/s.exec(part) ?? [];
    if (parts[index - 1] !== '-c' || value === undefined) continue;
    yield { program: 'postgres', at, field: `${field}.args[${index}]`, name, value };
  }
}

/** Name and value; a comment may follow. */
const POSTGRES_LINE = /^([A-Za-z_][\w.]*)\s*(?:=\s*|\s+)('(?:[^']|'')*'|[^\s#']+)\s*(?:#.*)?$/;
const TOML_LINE = /^([a-z][\w]*)\s*=\s*("[^"]*"|\[[^\]]*\]|[^\s#"[\]]+)\s*(?:#.*)?$/;

function* linesOf(
  program: Program,
  { at, field, text }: ConfigurationText,
  form: RegExp,
): Iterable<WrittenOption | UnreadableLine> {
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '' || line.startsWith('#') || /^include(_dir|_if_exists)?\s/.test(line)) continue;
    const [, name, value] = form.exec(line) ?? [];
    if (name === undefined || value === undefined) yield { program, at, field, line };
    else yield { program, at, field, name, value };
  }
}

/** The section `[pgbouncer]`, and the connection strings of `[databases]`. */
function* poolerLines({ at, field, text }: ConfigurationText): Iterable<WrittenOption | UnreadableLine> {
  let section = '';
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '' || /^[;#%]/.test(line)) continue;
    const title = /^\[(\w+)\]$/.exec(line)?.[1];
    if (title !== undefined) section = title;
    const [, name, value = ''] = /^([\w.*-]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (section === 'databases' && name !== undefined) yield* connectionString(value, { at, field });
    if (title !== undefined || section !== 'pgbouncer') continue;
    if (name === undefined) yield { program: 'pgbouncer', at, field, line };
    else yield { program: 'pgbouncer', at, field, name, value };
  }
}

/** Source: https://www.pgbouncer.org/config.html#section-databases */
const CONNECTION = new Set([
  ...[
    'dbname',
    'host',
    'port',
    'user',
    'password',
    'auth_user',
    'auth_query',
    'auth_dbname',
    'pool_size',
    'min_pool_size',
  ],
  ...['reserve_pool_size', 'reserve_pool', 'connect_query', 'pool_mode', 'load_balance_hosts', 'max_db_connections'],
  ...['max_db_client_connections', 'server_lifetime', 'client_encoding', 'datestyle', 'timezone', 'application_name'],
]);

function* connectionString(value: string, place: Omit<UnreadableLine, 'program' | 'line'>): Iterable<UnreadableLine> {
  for (const [pair, key] of value.matchAll(/([\w]+)=('[^']*'|\S*)/g)) {
    if (!CONNECTION.has(key!)) yield { program: 'pgbouncer', ...place, line: pair };
  }
}

/** Directives of nginx, each ended by `;` or followed by a block. */
function* directivesOf({ at, field, text }: ConfigurationText): Iterable<WrittenOption | UnreadableLine> {
  // Blocks whose lines are pairs and not directives are left out.
  const bare = text.replace(/^\s*#.*$/gm, '').replace(/\b(types|map|geo|split_clients)\b[^{}]*\{[^{}]*\}/g, '');
  for (const statement of bare.split(/(?<=[;{}])/).map((each) => each.trim())) {
    if (statement === '' || statement === '}') continue;
    const [, name, value = '', end] = /^([a-z_]+)\b\s*([\s\S]*?)\s*([;{])$/.exec(statement) ?? [];
    const isBroken = name === undefined || end === undefined || /\n\s*[a-z_]+ /.test(value);
    if (isBroken) yield { program: 'nginx', at, field, line: statement.split('\n')[0]! };
    else yield { program: 'nginx', at, field, name, value };
  }
}
