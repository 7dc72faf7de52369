import type { PlacedObject } from '../objects/placed-object';
import { objectRule, type Rule } from '../rule';
import { isPlaced } from '../objects/kinds';

/** Rules of files of statements (SQL) as a whole; single statements are judged by `roles-of-the-database-stay-small`. */
export const statementRules: readonly Rule[] = [
  objectRule(
    {
      id: 'passwords-stay-out-of-the-log',
      why: 'A server logs a statement that fails or takes long as it was sent, with the password in it, and logs are read by many.',
      remedy:
        "read the password with \\getenv, and begin with SET LOCAL log_min_error_statement = panic, log_min_duration_statement = -1 and log_statement = 'none'",
    },
    function* (at) {
      for (const [file, text] of statementFiles(at)) {
        const written = /\bPASSWORD\s+(?:'|\$\w*\$)/i.exec(text);
        if (written) yield { at, field: `data["${file}"]`, message: 'a password is written out in a statement' };
        const first = text.search(/\bPASSWORD\s+:['"]/i);
        if (first < 0) continue;
        const before = text.slice(0, first);
        const missing = UNLOGGED.find(([setting, value]) => !isSet(before, setting, value))?.[0];
        if (missing)
          yield {
            at,
            field: `data["${file}"]`,
            message: `a password is set while ${missing} lets the statement be logged`,
          };
      }
    },
  ),
  objectRule(
    {
      id: 'functions-run-as-they-were-made',
      why: 'A function with the rights of whoever made it does for every caller what objects that a caller has made say.',
      remedy: 'give it SET search_path = pg_catalog, pg_temp, and REVOKE ALL ON FUNCTION … FROM PUBLIC',
    },
    function* (at) {
      for (const [file, text] of statementFiles(at)) {
        for (const [statement, name = ''] of text.matchAll(DEFINER)) {
          const field = `data["${file}"]`;
          if (!/\bSET\s+search_path\b/i.test(statement))
            yield { at, field, message: `${name} takes what it calls from the search_path of its caller` };
          const revoked = new RegExp(
            `\\bREVOKE\\s[^;]*\\bON\\s+FUNCTION\\s+${name}\\s*\\([^;]*\\bFROM\\b[^;]*\\bPUBLIC\\b`,
            'i',
          );
          if (!revoked.test(text)) yield { at, field, message: `every role may call ${name}` };
        }
      }
    },
  ),
  objectRule(
    {
      id: 'databases-are-entered-by-name',
      why: 'Every role may enter a new database, and a member of the role that owns it may do all that the owner may.',
      remedy: 'write REVOKE ALL ON DATABASE … FROM PUBLIC, and grant the owner to nobody',
    },
    function* (at) {
      for (const [file, text] of statementFiles(at)) {
        const field = `data["${file}"]`;
        for (const [, database = ''] of text.matchAll(/\bGRANT\s+CONNECT\s+ON\s+DATABASE\s+(\S+)\s+TO\b/gi)) {
          const revoked = new RegExp(
            `\\bREVOKE\\s[^;]*\\bON\\s+DATABASE\\s+${quoted(database)}\\s+FROM\\b[^;]*\\bPUBLIC\\b`,
            'i',
          );
          if (!revoked.test(text)) yield { at, field, message: `every role may still enter the database ${database}` };
        }
        for (const [, owner = ''] of text.matchAll(/\bALTER\s+DATABASE\s+\S+\s+OWNER\s+TO\s+([^\s;]+)/gi)) {
          const granted = new RegExp(`\\bGRANT\\s+${quoted(owner)}\\s+TO\\s+([^;]+);`, 'i').exec(text)?.[1];
          if (granted !== undefined)
            yield { at, field, message: `${granted.trim()} is made a member of ${owner}, who owns the database` };
        }
      }
    },
  ),
];

const UNLOGGED = [
  ['log_min_error_statement', 'panic'],
  ['log_min_duration_statement', '-1'],
  ['log_statement', 'none'],
] as const;

const isSet = (text: string, setting: string, value: string) =>
  new RegExp(`\\bSET\\s+LOCAL\\s+${setting}\\s*(?:=|TO)\\s*'?${value}\\b`, 'i').test(text);

const DEFINER =
  /\bCREATE\s+(?:OR\s+REPLACE\s+)?FUNCTION\s+([\w.]+)\s*\((?:(?!\bAS\b)[\s\S])*?\bSECURITY\s+DEFINER\b[\s\S]*?\bAS\b/gi;

const quoted = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Files of SQL in a ConfigMap, without their comments. */
function statementFiles(at: PlacedObject): (readonly [file: string, text: string])[] {
  if (!isPlaced(at, 'ConfigMap')) return [];
  return Object.entries<string>(at.object.data ?? {})
    .filter(([file]) => file.endsWith('.sql'))
    .map(([file, text]) => [file, String(text).replace(/--.*$/gm, '')]);
}
