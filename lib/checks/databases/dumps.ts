import { filesOf } from '../objects/calls';
import type { Scope } from '../objects/scope';
import { inContainer } from '../container-rule';
import { asList, type ContainerOfPod, type PodTemplate } from '../objects/pod-template';
import type { Rule } from '../rule';
import { scriptsOf } from '../scripts/scripts';

interface Reading {
  readonly pod: PodTemplate;
  readonly container: ContainerOfPod;
  readonly index: number;
  readonly secret: string;
}

const DUMPS = /\bpg_dump\b(?!all)/;
const RESTORES = /\bpg_restore\b[^\n]*\s(--file=-|-f\s*-|--dbname|-d)(\W|$)/;

/** Rules of scripts that dump a database, and of those that change one. */
export const dumpRules: readonly Rule[] = [
  {
    id: 'restores-may-write',
    why: 'A dump needs a role that may read alone, and a restore one that may write: with one for both either fails, or may do too much.',
    remedy: 'dump as the role that may read alone, and restore as the one that owns the tables',
    over: 'object',
    *check(scope) {
      const [dumping, restoring] = [DUMPS, RESTORES].map((does) =>
        [...scriptsOf(scope)]
          .filter(({ text }) => does.test(joined(text)))
          .flatMap(({ pod, container }) =>
            asList(container.spec.env).flatMap(({ name, valueFrom }, index) =>
              name === 'PGUSER' && valueFrom?.secretKeyRef?.name
                ? [{ pod, container, index, secret: String(valueFrom.secretKeyRef.name) }]
                : [],
            ),
          ),
      ) as [Reading[], Reading[]];
      for (const { pod, container, index, secret } of restoring) {
        if (!dumping.some((other) => other.secret === secret && other.container.spec.name !== container.spec.name))
          continue;
        yield inContainer(
          pod,
          container,
          `env[${index}]`,
          `dumps and restores are by one role, that of the Secret ${secret}`,
        );
      }
    },
  },
  {
    id: 'dumps-are-whole',
    why: 'A dump that leaves something out, or that nobody has read, is found to be one on the day that it is needed.',
    remedy:
      'dump the whole database in the custom format, read it again with pg_restore --list, and let a failure end the script',
    over: 'object',
    *check(scope) {
      for (const { at, field, text } of scriptsOf(scope)) {
        const script = joined(text);
        const dumps = [...script.matchAll(/\bpg_dump\b(?!all)([^\n|;&]*)/g)].map(([, options]) => options!);
        if (dumps.length === 0) continue;
        for (const options of dumps)
          for (const message of omissions(options, schemasOf(scope))) yield { at, field, message };
        if (!/\bpg_restore\s+(?:--list|-l)\b/.test(script))
          yield { at, field, message: 'nothing reads the dump again (pg_restore --list)' };
        const piped = /\|[^\n]*\s(-out|-o|>)\s*"?\$/.test(script);
        if (piped && /^\s*mv\b/m.test(script) && !/^\s*sync\b/m.test(script)) {
          const message = 'a dump that comes through a pipe is given its name before it is on the disk (sync)';
          yield { at, field, message };
        }
        if (/^\s*cp\b/m.test(script))
          yield { at, field, message: 'a dump that is copied has its name before it is whole; mv gives it at once' };
        const swallowed = /^.*\b(pg_dump|pg_restore)\b[^\n]*\|\|\s*(true|:|echo)\b/m.exec(script)?.[1];
        if (swallowed) yield { at, field, message: `it goes on when ${swallowed} has failed` };
        if (!/^\s*umask\s/m.test(script))
          yield { at, field, message: 'everybody on the node may read a dump that is written without umask 077' };
        const cipher = WEAK_CIPHER.exec(script)?.[1];
        if (cipher) yield { at, field, message: `-${cipher} is no encryption for years; write -aes-256-gcm` };
        for (const message of misnamed(script)) yield { at, field, message };
      }
    },
  },
  {
    id: 'statements-stop-at-an-error',
    why: 'After a statement that failed psql goes on, and says that all went well: half of the work is kept.',
    remedy: 'give psql --set ON_ERROR_STOP=1, and end what BEGIN; begins with COMMIT;',
    over: 'object',
    *check(scope) {
      for (const at of scope.ofKind('ConfigMap')) {
        for (const [file, content] of Object.entries<string>(at.object.data ?? {})) {
          if (!/\.(sql|sh)$/.test(file)) continue;
          const text = joined(String(content).replace(/^\s*(#|--).*$/gm, ''));
          const field = `data["${file}"]`;
          for (const [statement] of text.matchAll(/^.*\bpsql\b.*$/gm)) {
            const reads = /\|\s*psql\b|<<|\bpsql\b.*(\s-f\b|--file\b|\s<\s)/.test(statement);
            if (reads && !/\bON_ERROR_STOP=(1|on)\b/.test(statement))
              yield { at, field, message: `"${shortened(statement)}" goes on after a statement that failed` };
          }
          for (const [statement] of text.matchAll(/^.*\bpsql\b.*"\$@".*$/gm))
            if (!/\bON_ERROR_STOP=(1|on)\b/.test(statement))
              yield { at, field, message: `"${shortened(statement)}" goes on after a statement that failed` };
          if (/\bCOMMIT;/.test(text) && !/\bBEGIN;/.test(text))
            yield { at, field, message: 'COMMIT; keeps what was kept already, since no BEGIN; comes first' };
          if (/\bBEGIN;/.test(text) && !/\bCOMMIT;/.test(text))
            yield { at, field, message: 'what BEGIN; begins is never kept, since no COMMIT; follows' };
        }
      }
    },
  },
];

/** Lines that go on in the next one, as one. */
const joined = (text: string) => text.replace(/\\\n\s*/g, ' ').replace(/\|\n\s*/g, '| ');
const shortened = (text: string) => {
  const trimmed = text.trim().replace(/\s+/g, ' ');
  return trimmed.length > 60 ? `${trimmed.slice(0, 57)}…` : trimmed;
};

/** Options that leave something of a database out: https://www.postgresql.org/docs/16/app-pgdump.html */
const PARTIAL =
  /^(-[ntTsaBe]|--(schema|table|table-and-children|exclude-table|exclude-table-and-children|exclude-table-data|exclude-table-data-and-children|schema-only|data-only|section|no-blobs|no-large-objects|extension|enable-row-security|filter))$/;
/** An option with the value that it may have; what a script adds to the options, such as "$@", is none. */
const OPTION = /^(-\w|--[\w-]+)[= ]?(\S+)?/;

const WEAK_CIPHER = /\bopenssl\s+(?:cms|smime|enc)\b[^\n]*\s-((?:des|rc2|rc4|bf|seed|camellia|aes-?128)[\w-]*)/;

/** What is wrong with how dumps are told apart by age: their names carry the time, and are compared as texts. */
function* misnamed(script: string): Iterable<string> {
  const forms = [...new Set([...script.matchAll(/\bdate\b[^\n)]*\+(%[\w%-]*)/g)].map(([, form]) => form!))];
  const unsorted = forms.find((form) => !/^%(Y-?%m-?%d|F|s|G)/.test(form));
  if (unsorted) yield `names with the time as ${unsorted} do not sort by age, and the wrong dumps count as old`;
  else if (forms.length > 1) yield `the times ${forms.join(' and ')} are compared, of which one is shorter`;
  const first = /\bsort\b([^|\n]*)\|\s*tail\s[^|\n]*=?"?\+/.exec(script)?.[1];
  if (first !== undefined && !/\s(-\w*r\w*|--reverse)\b/.test(first))
    yield 'the names are sorted with the oldest first, so that the newest dumps are deleted (sort --reverse)';
}

function* omissions(options: string, made: ReadonlySet<string>): Iterable<string> {
  // An option and its value, whichever way they are written.
  const words = options
    .trim()
    .split(/\s+(?=-)/)
    .map((word) => word.replace(/['"]/g, '').replace(/\s+\$.*$/, ''));
  let format = 'plain';
  for (const word of words) {
    const [, name = '', value = ''] = OPTION.exec(word) ?? [];
    if (PARTIAL.test(name)) yield `pg_dump ${word} leaves out the rest of the database`;
    if (/^(-N|--exclude-schema)$/.test(name) && !made.has(value))
      yield `pg_dump ${word} leaves out a schema that no file here makes anew`;
    if (name === '--no-sync') yield 'pg_dump --no-sync leaves a dump that a power cut empties';
    if (/^(-F|--format)$/.test(name)) format = value;
  }
  if (words.some((word) => /^(-j|--jobs)/.test(word)) && !/^(d|directory)$/.test(format))
    yield `pg_dump --jobs writes the format directory alone, and ends at once with ${format}`;
  if (!/^(c|custom|d|directory|t|tar)$/.test(format)) yield `pg_restore reads no dump of the format ${format}`;
}

/** Schemas that files beside the server make, with what is in them. */
function schemasOf(scope: Scope): ReadonlySet<string> {
  const texts = scope.pods.flatMap((pod) => filesOf(scope, pod).map(({ text }) => text));
  return new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/\bCREATE\s+SCHEMA\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)/gi)].map(([, name]) => name!),
    ),
  );
}
