import { asList, type ContainerOfPod, type PodTemplate } from '../objects/pod-template';
import { claimTemplatesOf } from '../objects/volumes';
import { inContainer } from '../container-rule';
import type { Rule } from '../rule';
import { scriptsOf } from './scripts';

/** Rules of what a script does: to files that outlive it, to the program that it runs, and with the words that it is given. */
export const scriptEffectRules: readonly Rule[] = [
  {
    id: 'scripts-delete-by-name',
    why: 'What is deleted on a volume is gone for good: a pattern or a whole folder takes what nobody meant.',
    remedy: 'name each file that is deleted: one that this run has begun, or one that it has looked at',
    over: 'object',
    *check(scope) {
      for (const { pod, at, field, text, container } of scriptsOf(scope)) {
        const folders = lastingFolders(pod, container);
        if (folders.length === 0) continue;
        const values = valuesIn(text, container);
        const named = new Set(commandsOf('mv', text).map((words) => words.at(-1)));
        const atTheEnd = trapsOf(text).filter(({ signals }) => signals.some((signal) => /^(EXIT|0|ERR)$/.test(signal)));
        for (const words of commandsOf('find', text)) {
          const path = resolved(words[0] ?? '', values);
          const isBelow = folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
          if (isBelow && words.some((word) => /^-(delete|exec|execdir)$/.test(word)))
            yield { at, field, message: `find deletes below ${words[0]} what it comes across, which lies on a volume` };
        }
        for (const words of commandsOf('rm', text)) {
          const isWhole = words.some((word) => /^(-[a-zA-Z]*[rR][a-zA-Z]*|--recursive)$/.test(word));
          for (const word of words.filter((each) => !each.startsWith('-'))) {
            const path = resolved(word, values);
            if (!folders.some((folder) => path === folder || path.startsWith(`${folder}/`))) continue;
            const how = isWhole ? 'with all that is below it' : /[*?[]/.test(path) ? 'by a pattern' : undefined;
            if (how) yield { at, field, message: `it deletes ${word} ${how}, which lies on a volume` };
            else if (
              named.has(word) &&
              atTheEnd.some(({ commands }) => commands.includes('rm') && commands.includes(word))
            )
              yield { at, field, message: `it deletes ${word} when it ends, which is what it was run for` };
          }
        }
      }
    },
  },
  {
    id: 'signals-reach-their-program',
    why: 'A program that is told to end where it shall read its files again drops every connection, and one that is not told to end is killed.',
    remedy: 'pass each signal on as it came, and send HUP where files have changed',
    over: 'object',
    *check(scope) {
      for (const { pod, at, field, text } of scriptsOf(scope)) {
        const endless = /^\s*while\s+(?:true|:|sleep\b.*);?\s*(?:do)?\s*$/m.exec(text)?.[0];
        if (endless && !pod.isTask && !trapsOf(text).some(({ signals }) => signals.includes('TERM')))
          yield {
            at,
            field,
            message: `"${endless.trim()}" ends by no signal, since the first process of a container passes over TERM, and the pod is killed`,
            remedy: "end it by trap 'exit 0' TERM INT",
          };
        for (const { commands, signals } of trapsOf(text)) {
          const [, sent] = /\bkill\s+-(?:s\s+)?([A-Z0-9]+)\b/.exec(commands) ?? [];
          if (sent === undefined || signals.some((signal) => meansTheSame(signal, bareSignal(sent)))) continue;
          yield {
            at,
            field,
            message: `at ${signals.join(', ')} it sends ${bareSignal(sent)}, which says something else`,
          };
        }
        if (!/\b(cksum|sum|md5sum|sha\d+sum|cmp|inotifywait|stat)\b/.test(text)) continue;
        const own = /"\$@"\s*&\s*\n\s*(\w+)=\$!/.exec(text)?.[1];
        const outside = text.replace(/^\s*trap\s.*$/gm, '');
        for (const [, sent, target] of outside.matchAll(/\bkill\s+(?:-(?:s\s+)?([A-Z0-9]+)\s+)?"?\$\{?(\w+)\}?"?/g)) {
          if (target !== own || ['HUP', '0'].includes(bareSignal(sent ?? 'TERM'))) continue;
          const message = `when a file has changed it sends ${bareSignal(sent ?? 'TERM')}, which ends the program that it runs`;
          yield { at, field, message };
        }
      }
    },
  },
  {
    id: 'words-are-those-that-scripts-know',
    why: 'A script that is given a word it does not know takes it for something else, or ends on the day that it is needed.',
    remedy: 'write one of the words that the script compares the variable with',
    over: 'object',
    *check(scope) {
      for (const { pod, text, container } of scriptsOf(scope)) {
        for (const [index, { name = '', value }] of asList(container.spec.env).entries()) {
          if (typeof value !== 'string' || !/^[A-Za-z]*$/.test(value)) continue;
          const words = wordsComparedWith(String(name), text);
          if (words.length === 0 || words.includes(value)) continue;
          const message = `${name} is ${value === '' ? 'empty' : `"${value}"`}, and the script that reads it knows ${words.join(', ')}`;
          yield inContainer(pod, container, `env[${index}].value`, message);
        }
      }
    },
  },
];

/** Folders of a container whose files outlive its pod. */
function lastingFolders(pod: PodTemplate, { spec }: ContainerOfPod): string[] {
  const claims = new Set([
    ...asList(pod.spec.volumes).flatMap(({ name, persistentVolumeClaim }) =>
      persistentVolumeClaim ? [String(name)] : [],
    ),
    ...claimTemplatesOf(pod.at).map(({ metadata }) => String(metadata?.name)),
  ]);
  return asList(spec.volumeMounts)
    .filter(({ name }) => claims.has(String(name)))
    .map(({ mountPath }) => String(mountPath).replace(/\/$/, ''));
}

/** What variables hold: those of the container, and those that the script sets in a line of its own. */
function valuesIn(text: string, { spec }: ContainerOfPod): ReadonlyMap<string, string> {
  const given = asList(spec.env).flatMap(({ name, value }) =>
    typeof value === 'string' ? [[String(name), value] as const] : [],
  );
  const set = [...text.matchAll(/^\s*([A-Za-z_]\w*)="?([^"\s$]*\$?[^"\n]*?)"?\s*$/gm)].map(
    ([, name, value]) => [name!, value!] as const,
  );
  return new Map([...set, ...given]);
}

/** A word with its variables put in, as far as they are known; each may hold others. */
function resolved(word: string, values: ReadonlyMap<string, string>, depth = 3): string {
  const next = word.replace(/\$\{?([A-Za-z_]\w*)\}?/g, (whole, name: string) => values.get(name) ?? whole);
  return depth === 0 || next === word ? next : resolved(next, values, depth - 1);
}

/** The words of every call of a command, without their quotes. */
function commandsOf(name: string, text: string): string[][] {
  const calls = text.matchAll(new RegExp(`(?:^|[\\s;&|('"])${name}\\s+([^\\n;|&)]+)`, 'g'));
  return [...calls].map(([, rest]) => {
    const words = rest!.split(/\s+/).filter(Boolean);
    // A trap names its signals behind the quote that ends its commands.
    const end = words.findIndex((word) => /[^=]'$/.test(word) && !word.startsWith("'"));
    return (end < 0 ? words : words.slice(0, end + 1)).map((word) => word.replace(/['"]/g, ''));
  });
}

interface Trap {
  /** Without quotes. */
  readonly commands: string;
  readonly signals: readonly string[];
}

function trapsOf(text: string): Trap[] {
  return [...text.matchAll(/^\s*trap\s+(?:'([^']*)'|"([^"]*)")\s+([A-Z0-9 ]+)$/gm)].map(
    ([, single, double, signals]) => ({
      commands: (single ?? double ?? '').replace(/['"]/g, ''),
      signals: signals!.trim().split(/\s+/).map(bareSignal),
    }),
  );
}

const bareSignal = (signal: string) => signal.replace(/^SIG/, '');
const ENDS = ['TERM', 'INT', 'QUIT', 'EXIT', 'KILL', 'ERR'];

/** Whether a signal may be passed on as the other: any that ends a program stands for any other of them. */
function meansTheSame(signal: string, sent: string): boolean {
  return signal === sent || (ENDS.includes(signal) && (ENDS.includes(sent) || sent === '0'));
}

/** Words that a script compares a variable with, by `==`, `=` or `case`. */
function wordsComparedWith(name: string, text: string): string[] {
  const read = `"?\\$\\{?${name}\\}?"?`;
  const equal = [...text.matchAll(new RegExp(`${read}\\s+==?\\s+"?([A-Za-z][\\w-]*)`, 'g'))].map(([, word]) => word!);
  const [, choices = ''] = new RegExp(`\\bcase\\s+${read}\\s+in\\b([\\s\\S]*?)\\besac\\b`).exec(text) ?? [];
  const cases = [...choices.matchAll(/^\s*\(?([\w-]+(?:\s*\|\s*[\w-]+)*)\)/gm)].flatMap(([, word]) =>
    word!.split(/\s*\|\s*/),
  );
  return /^\s*\(?\*\)/m.test(choices) ? equal : [...equal, ...cases];
}
