import { filesOf, type ConfigurationText } from '../objects/calls';
import { inContainer } from '../container-rule';
import { asList, asTexts, PROBES, type ContainerOfPod, type PodTemplate } from '../objects/pod-template';
import type { PlacedObject } from '../objects/placed-object';
import type { Scope } from '../objects/scope';
import type { Rule } from '../rule';
import type { Program } from '../programs/known-options';
import { programOf } from '../programs/written-options';

/** Rules of the scripts of ConfigMaps that containers run. */
export const scriptRules: readonly Rule[] = [
  {
    id: 'scripts-run-as-they-are-written',
    why: 'A script that another shell reads ends at its first line, one that goes on after a failure says that all went well, and files that others may read are read.',
    remedy: 'run it by the shell of its first line, begin it with set -e, and let umask be 077 or 027',
    over: 'object',
    *check(scope) {
      for (const { pod, at, field, text, shell, container } of scriptsOf(scope)) {
        const missing = [...OF_ONE_IMAGE].find(([command]) =>
          new RegExp(`(^|[\\s;|&(])${command}\\s+-`, 'm').test(text),
        );
        const program = programOf(container.spec);
        if (missing && program !== undefined && program !== missing[1]) {
          const message = `${pod.at.label} runs it in the image ${String(container.spec.image)}, which has no ${missing[0]}`;
          yield { at, field, message, remedy: 'run it in the image of Postgres' };
        }
        if (shell === 'bash' && program === 'pgbouncer')
          yield {
            at,
            field,
            message: `${pod.at.label} runs it by bash, which its image, built on Alpine, does not have`,
            remedy: 'run it by /bin/sh',
          };
        const isBash = /^#!.*\bbash\b/.test(text) || /\[\[ |<<<|<\(|\bpipefail\b/.test(text);
        if (shell === 'sh' && isBash) yield { at, field, message: `${pod.at.label} runs it by sh, and it is of bash` };
        if (commandsIn(text) > 1 && !STOPS.test(text))
          yield { at, field, message: 'it goes on when a command of it has failed' };
        const mask = /^\s*umask\s+(\S+)/m.exec(text);
        if (mask && !/^0?0[0-7]7$/.test(mask[1]!))
          yield { at, field, message: `umask ${mask[1]} lets everybody read what it writes` };
      }
    },
  },
  {
    id: 'scripts-are-given-their-variables',
    why: 'A variable that nothing sets is empty, or ends the script in the middle of its work.',
    remedy: 'set the variable in the environment of the container, or give it a default in the script',
    over: 'object',
    *check(scope) {
      for (const { pod, at, field, text, container } of scriptsOf(scope)) {
        if (container.spec.envFrom) continue;
        const given = new Set(asList(container.spec.env).map(({ name }) => String(name)));
        for (const name of variablesOf(text)) {
          if (given.has(name) || OF_THE_SHELL.test(name)) continue;
          const message = `${pod.at.label} gives container ${container.spec.name} no ${name}`;
          yield { at, field, message };
        }
      }
    },
  },
  {
    id: 'scripts-read-their-variables',
    why: 'A variable that no script reads sets nothing: what it was given for happens in another way, or not at all.',
    remedy: 'read the variable in the script, or take it out of the environment of the container',
    over: 'object',
    *check(scope) {
      for (const { pod, text, container } of scriptsOf(scope)) {
        const others = filesOf(scope, pod).map((file) => file.text.replace(/^\s*(#|--).*$/gm, ''));
        for (const [index, { name = '' }] of asList(container.spec.env).entries()) {
          const isRead = new RegExp(`\\b${name}\\b`);
          // A script may put a name together, and programs read those of their own.
          if (READ_BY_PROGRAMS.test(name) || isRead.test(text) || others.some((other) => isRead.test(other))) continue;
          yield inContainer(pod, container, `env[${index}].name`, `no script that it has reads ${name}`);
        }
      }
    },
  },
  {
    id: 'markers-are-written',
    why: 'A probe that looks for a file which nothing writes never succeeds, and the pod never counts as ready.',
    remedy: 'let the script write the file (touch) once its work is done',
    over: 'object',
    *check(scope) {
      for (const { at, field, text, container, words } of scriptsOf(scope)) {
        for (const path of markersOf(container)) {
          if (writes(text, path, words.indexOf(path))) continue;
          yield {
            at,
            field,
            message: `the probes of container ${container.spec.name} look for ${path}, which it never writes`,
          };
        }
      }
    },
  },
];

/** Commands that one image alone has, of those that are known. */
const OF_ONE_IMAGE: ReadonlyMap<string, Program> = new Map(
  ['psql', 'pg_dump', 'pg_restore', 'pg_isready'].map((command) => [command, 'postgres']),
);

/** Read by libpq, by the entry script of Postgres' image, and by shells. */
const READ_BY_PROGRAMS = /^(PG[A-Z_]+|POSTGRES_\w+|PATH|HOME|TZ|LANG|LC_\w+|TMPDIR)$/;

/** Files that the probes of a container look for. */
function markersOf({ spec }: ContainerOfPod): string[] {
  const commands = PROBES.map((probe) => asTexts(spec[probe]?.exec?.command));
  const looked = commands.filter(([first = '']) => /^(\/\w+\/)*(test|\[|cat|ls|stat|find)$/.test(first));
  return [...new Set(looked.flatMap((command) => command.filter((word) => /^\/[\w./-]+$/.test(word))))];
}

/** Whether a script writes a file, by its path or as the argument at a position, under a name or not. */
function writes(text: string, path: string, position: number): boolean {
  const names = [path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')];
  if (position > 0) {
    const given = [...text.matchAll(new RegExp(`\\b(\\w+)="?\\$\\{?${position}\\b`, 'g'))].map(([, name]) => name!);
    names.push(...[...given, String(position)].map((name) => `\\$\\{?${name}\\b`));
  }
  return new RegExp(`(?:\\b(?:touch|tee|mv|cp|ln|install)\\b[^\\n;]*|>>?\\s*"?)(?:${names.join('|')})`).test(text);
}

/** A script, and the pod and container that run it. */
export interface Script {
  readonly at: PlacedObject;
  readonly field: string;
  /** Without its comments, but for the first line. */
  readonly text: string;
  readonly shell: 'sh' | 'bash';
  readonly pod: PodTemplate;
  readonly container: ContainerOfPod;
  /** The script, as its container is told it, and its arguments. */
  readonly words: readonly string[];
}

/** Files of ConfigMaps that a shell is told to run, of every pod. */
export function* scriptsOf(scope: Scope): Iterable<Script> {
  for (const pod of scope.pods) {
    for (const container of pod.containers) {
      const words = [...((container.spec.command ?? []) as unknown[]), ...((container.spec.args ?? []) as unknown[])];
      const script = scriptAmong(words.map(String), filesOf(scope, pod));
      if (script) yield { ...script, pod, container };
    }
  }
}

function scriptAmong(words: readonly string[], files: readonly ConfigurationText[]) {
  const shell = /(?:^|\/)(bash|sh|ash|dash)$/.exec(words[0] ?? '')?.[1];
  const start = words.findIndex((word, index) => index > 0 && !word.startsWith('-'));
  if (!shell || start < 0) return undefined;
  const found = files.find(({ file }) => file !== undefined && words[start]!.endsWith(`/${file}`));
  if (!found) return undefined;
  const [first = '', ...others] = found.text.split('\n');
  const text = [first, ...others.map((line) => line.replace(/^\s*#.*$/, ''))].join('\n');
  const { at, field } = found;
  return { at, field, text, shell: shell === 'bash' ? ('bash' as const) : ('sh' as const), words: words.slice(start) };
}

const STOPS = /^#!\S+(\s+\S+)?\s+-[a-z]*e|^\s*set\s+(-[a-z]*e|-o\s+errexit)/m;

function commandsIn(text: string): number {
  return text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#!')).length;
}

/** What a shell sets by itself. */
const OF_THE_SHELL =
  /^(BASH\w*|EUID|FUNCNAME|HOME|HOSTNAME|IFS|LANG|LC_\w+|LINENO|OLDPWD|OPTARG|OPTIND|OSTYPE|PATH|PIPESTATUS|PPID|PWD|RANDOM|REPLY|SECONDS|SHELL|TERM|TMPDIR|UID|USER)$/;

/** Variables in capitals that a script reads, gives no default and does not set itself. */
function variablesOf(text: string): string[] {
  const read = [...text.matchAll(/(?<!\\)\$(?:([A-Z][A-Z0-9_]{2,})|\{([A-Z][A-Z0-9_]{2,})(?!:?[-+=]|[A-Z0-9_]))/g)];
  const names = new Set(read.map(([, plain, braced]) => (plain ?? braced)!));
  return [...names].filter(
    (name) => !new RegExp(`(?:^|[\\s;&|(])(?:${name}=|(?:read|for)\\b[^\\n;]*\\b${name}\\b)`, 'm').test(text),
  );
}
