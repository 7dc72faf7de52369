import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nearestName } from '../../kubernetes/names/nearest-name';

/** Programs whose options are listed in `imports/programs`. */
export type Program =
  'postgres' | 'pgbouncer' | 'oauth2-proxy' | 'cloudflared' | 'nginx' | 'traefik' | 'argo-cd-cm' | 'argo-cd-params';

/** The options of one version of a program. */
interface OptionList {
  readonly version: string;
  /** Form of each option's value, by its name; `<…>` in a name stands for any part of one. */
  readonly options: Readonly<Record<string, string>>;
}

const FOLDER = join(__dirname, '..', '..', '..', 'imports', 'programs');
const lists = new Map<Program, OptionList>();

function listOf(program: Program): OptionList {
  const known = lists.get(program);
  if (known) return known;
  const list = JSON.parse(readFileSync(join(FOLDER, `${program}.json`), 'utf8')) as OptionList;
  lists.set(program, list);
  return list;
}

/** Form of the value of an option, such as `bool` or `one of on|off`; undefined where the program has no such option. */
export function formOf(program: Program, name: string): string | undefined {
  const { options } = listOf(program);
  if (Object.hasOwn(options, name)) return options[name];
  const pattern = Object.keys(options).find((key) => key.includes('<') && patternOf(key).test(name));
  return pattern === undefined ? undefined : options[pattern];
}

/** Major version whose options are listed, such as `16`. */
export function majorVersionOf(program: Program): string {
  return /\d+/.exec(listOf(program).version)![0];
}

/** What to say of an option that is not on the list: the version that was asked, and the nearest name. */
export function unknownOption(program: Program, name: string): string {
  const { version, options } = listOf(program);
  const near = nearestName(name, Object.keys(options));
  return `${TITLES[program]} ${version} knows no ${name}${near === undefined ? '' : `; ${near} is near`}`;
}

const TITLES: Readonly<Record<Program, string>> = {
  postgres: 'Postgres',
  pgbouncer: 'PgBouncer',
  'oauth2-proxy': 'OAuth2 Proxy',
  cloudflared: 'cloudflared',
  nginx: 'nginx',
  traefik: 'Traefik',
  'argo-cd-cm': 'argocd-cm of Argo CD',
  'argo-cd-params': 'argocd-cmd-params-cm of Argo CD',
};

const patterns = new Map<string, RegExp>();

function patternOf(key: string): RegExp {
  const known = patterns.get(key);
  if (known) return known;
  // A name has no dots of its own; kinds and versions have.
  const text = key
    .replaceAll('.', '\\.')
    .replaceAll('<name>', '[^.]+')
    .replaceAll(/<[^>]*>/g, '.+');
  const pattern = new RegExp(`^${text}$`);
  patterns.set(key, pattern);
  return pattern;
}
