import { isValidCIDR, parseCIDR } from 'ipaddr.js';
import type { PlacedOf } from '../objects/kinds';
import { asList, type PodTemplate } from '../objects/pod-template';
import { inContainer } from '../container-rule';
import type { Rule, Violation } from '../rule';

/** Rules of who is let into the database, and with what rights. */
export const databaseRules: readonly Rule[] = [
  {
    id: 'roles-of-the-database-stay-small',
    why: 'Whoever breaks into a program has the rights of its role: a superuser reads every table, and files of the server.',
    remedy: 'give the role the rights on rows that it needs, and no attribute of a superuser',
    over: 'object',
    *check(scope) {
      for (const at of scope.ofKind('ConfigMap')) {
        for (const [file, text] of Object.entries(at.object.data ?? {})) {
          if (!/\.(sql|sh)$/.test(file)) continue;
          for (const statement of String(text).replace(/--.*$/gm, '').split(';')) {
            const harm = GRANTS.find(([pattern]) => pattern.test(statement))?.[1];
            if (harm) yield { at, field: `data["${file}"]`, message: `"${shortened(statement)}": ${harm}` };
          }
        }
      }
    },
  },
  {
    id: 'databases-ask-for-passwords',
    why: 'A method that believes a client, or a weak digest, lets every pod of the network in.',
    remedy:
      'use scram-sha-256, name no network wider than that of the pods, and let clients ask who the server is (verify-full)',
    over: 'object',
    *check(scope) {
      for (const pod of scope.pods) {
        yield* believedAtFirst(pod);
        yield* believingClients(pod);
      }
      for (const at of scope.ofKind('ConfigMap')) yield* judgeAccess(at);
    },
  },
];

function* judgeAccess(at: PlacedOf<'ConfigMap'>): Iterable<Violation> {
  for (const [file, text] of Object.entries(at.object.data ?? {})) {
    const field = `data["${file}"]`;
    for (const line of String(text).split('\n')) {
      const problem = /pg_hba/.test(file) ? accessProblem(line) : settingProblem(line);
      if (problem) yield { at, field, message: problem };
    }
    if (/pg_hba/.test(file))
      for (const message of unreadLines(String(text)))
        yield { at, field, message, remedy: 'put the narrower line first, or take it out' };
    const open = /pg_hba/.test(file) ? superuserLine(String(text)) : undefined;
    if (open) yield { at, field, message: `"${open}" lets the superuser in from every pod that it admits` };
  }
}

/** What the image writes into the access list of a new database: https://hub.docker.com/_/postgres. */
function* believedAtFirst(pod: PodTemplate): Iterable<Violation> {
  for (const container of pod.containers) {
    for (const [index, { name, value }] of asList(container.spec.env).entries()) {
      const method =
        name === 'POSTGRES_HOST_AUTH_METHOD'
          ? String(value)
          : name === 'POSTGRES_INITDB_ARGS'
            ? /(?:^|\s)(?:-A\s*|--auth(?:-host)?[= ])(\S+)/.exec(String(value))?.[1]
            : undefined;
      if (method === undefined || method === 'scram-sha-256') continue;
      yield inContainer(pod, container, `env[${index}].value`, `${name}: a new database asks with ${method}`);
    }
  }
}

/** libpq's ways of TLS of which one alone asks who the server is: https://www.postgresql.org/docs/16/libpq-ssl.html. */
function* believingClients(pod: PodTemplate): Iterable<Violation> {
  for (const container of pod.containers) {
    const names = variables(container);
    const signsIn = ['PGHOST', 'PGPASSWORD'].every((each) => names.includes(each)) && !names.includes('PGSSLMODE');
    if (signsIn && pod.containers.some((other) => variables(other).includes('PGSSLMODE'))) {
      const message =
        'PGSSLMODE is not set, as it is beside it, so that whoever answers in place of the server is given the password';
      yield inContainer(pod, container, 'env', message);
    }
    for (const [index, { name, value }] of asList(container.spec.env).entries()) {
      if (name !== 'PGSSLMODE' || value === 'verify-full') continue;
      const message = `${name} is ${value}, so that whoever answers in place of the server is given the password`;
      yield inContainer(pod, container, `env[${index}].value`, message);
    }
  }
}

const variables = ({ spec }: PodTemplate['containers'][number]) => asList(spec.env).map(({ name }) => name);

/** A line of pg_hba.conf that lets more in than passwords do. */
function accessProblem(line: string): string | undefined {
  const [type = '', databases = '', user = '', address = '', method = ''] = line.trim().split(/\s+/);
  if (type === 'local') return socketProblem(line.trim(), user, address);
  if (!/^host/.test(type)) return undefined;
  if (!['scram-sha-256', 'cert', 'reject'].includes(method)) return `"${line.trim()}" asks with ${method || 'nothing'}`;
  if (/^(all|0\.0\.0\.0\/0|::\/0)$/.test(address) && method !== 'reject')
    return `"${line.trim()}" admits every address`;
  if (method !== 'reject' && databases.split(',').includes('replication'))
    return `"${line.trim()}" lets a client copy the whole server, and nothing here is a replica`;
  const isOutside = method !== 'reject' && !/^(127\.|::1|samehost)/.test(address);
  if (isOutside && !/^host(ssl|gssenc)$/.test(type)) return `"${line.trim()}" lets clients in without TLS`;
  return undefined;
}

/** A line of the socket names no address. Who opens it is one of the pod's own programs, which needs the superuser alone. */
function socketProblem(line: string, user: string, method: string): string | undefined {
  if (['scram-sha-256', 'peer', 'reject'].includes(method)) return undefined;
  if (method === 'trust' && /^[a-z_]\w*$/.test(user) && user !== 'all') return undefined;
  return method === 'trust'
    ? `"${line}" believes whoever opens the socket to be any role; name the one that needs it`
    : `"${line}" asks with ${method || 'nothing'}`;
}

/**
 * A line that an earlier one leaves nothing of: the first line that fits a connection decides, and no later one is read
 * (https://www.postgresql.org/docs/16/auth-pg-hba-conf.html). Addresses are compared where both are ranges.
 */
function* unreadLines(text: string): Iterable<string> {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  for (const [index, line] of lines.entries()) {
    const earlier = lines.slice(0, index).find((each) => covers(each.split(/\s+/), line.split(/\s+/)));
    if (earlier) yield `"${line}" is never read, since "${earlier}" comes first and fits whatever it would`;
  }
}

function covers(earlier: readonly string[], later: readonly string[]): boolean {
  const [type = '', database = '', user = '', address = ''] = earlier;
  const [laterType = '', laterDatabase = '', laterUser = '', laterAddress = ''] = later;
  const isType = type === laterType || (type === 'host' && /^host/.test(laterType));
  if (!isType || !holdsNames(database, laterDatabase) || !holdsNames(user, laterUser)) return false;
  return type === 'local' || holdsAddresses(address, laterAddress);
}

/** `all` does not stand for the pseudo-database `replication`. */
function holdsNames(names: string, others: string): boolean {
  if (names === 'all') return others !== 'replication';
  const known = names.split(',');
  return others.split(',').every((name) => known.includes(name));
}

function holdsAddresses(block: string, other: string): boolean {
  if (block === other || block === 'all') return true;
  if (!isValidCIDR(block) || !isValidCIDR(other)) return false;
  const [[address, bits], [inner, innerBits]] = [parseCIDR(block), parseCIDR(other)];
  return address.kind() === inner.kind() && innerBits >= bits && inner.match(address, bits);
}

/**
 * The first line by which a connection as postgres from another pod is let in. Of each address family the first line that fits
 * decides (https://www.postgresql.org/docs/16/auth-pg-hba-conf.html).
 */
function superuserLine(text: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const outside = lines.filter(
    ([type = '', , user = '', address = '']) =>
      /^host/.test(type) &&
      user.split(',').some((name) => name === 'all' || name === 'postgres') &&
      !/^(127\.|::1)/.test(address),
  );
  for (const isOfFamily of [/^(all$|\d)/, /^(all$|[\da-f]*:)/i]) {
    const first = outside.find(([, , , address = '']) => isOfFamily.test(address));
    if (first && first[4] !== 'reject') return first.join(' ');
  }
  return undefined;
}

/** Source: https://www.postgresql.org/docs/16/sql-createrole.html and …/predefined-roles.html. */
const GRANTS: readonly (readonly [pattern: RegExp, harm: string])[] = [
  [
    /\b(CREATE|ALTER)\s+(ROLE|USER)\b[^;]*\b(SUPERUSER|CREATEROLE|CREATEDB|REPLICATION)\b/i,
    'the role may do more than with rows',
  ],
  [/\bGRANT\s+ALL\b/i, 'all rights, those that come with a later version too'],
  [
    /\bGRANT\s+[^;]*\bpg_(execute_server_program|read_server_files|write_server_files|write_all_data)\b/i,
    'the role gets at the server itself, or at every table',
  ],
  [/\bGRANT\s+[^;]*\bTO\s+[^;]*\bPUBLIC\b/i, 'every role is given it, those that come later too'],
  [/\bGRANT\s+[^;]*\bCREATE\b[^;]*\bON\s+SCHEMAS?\b/i, 'the role makes tables of its own'],
];
const shortened = (statement: string) => statement.trim().replace(/\s+/g, ' ').slice(0, 60);

/** Settings of Postgres and PgBouncer that give up passwords or data. */
const WEAK: readonly (readonly [pattern: RegExp, harm: string])[] = [
  [/^password_encryption\s*=(?!\s*'?scram-sha-256)/, 'passwords are kept as a weak digest'],
  [/^(fsync|full_page_writes)\s*=\s*'?(off|false|0|no)/, 'a power cut loses or damages data'],
  [/^synchronous_commit\s*=\s*'?(off|false|0|no)/, 'what a client was told is kept may be lost at a power cut'],
  [/^ssl\s*=\s*'?(off|false|0|no)/, 'passwords and rows go over the network in the clear'],
  [/^client_tls_sslmode\s*=(?!\s*(require|verify-ca|verify-full))/, 'clients may come without TLS'],
  [/^server_tls_sslmode\s*=(?!\s*verify-full)/, 'whoever answers in place of the server is believed'],
  [/^\*\s*=.*\bhost=/, 'every database of the server can be entered through the pooler'],
  [/^[\w*-]+\s*=.*\buser=postgres\b/, 'everybody who is let in is the superuser'],
  [/^query_wait_timeout\s*=\s*0\s*$/, 'a client waits for ever, and so does whoever asked it'],
  [/^auth_type\s*=(?!\s*(scram-sha-256|cert|hba))/, 'clients are let in without a strong password'],
];

function settingProblem(line: string): string | undefined {
  const text = line.trim();
  const harm = WEAK.find(([pattern]) => pattern.test(text))?.[1];
  return harm && `"${text}": ${harm}`;
}
