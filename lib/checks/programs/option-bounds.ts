import { goDurationSeconds } from '../../kubernetes/schedule/duration';
import { groupBy } from '../../primitives/group-by';
import { inContainer } from '../container-rule';
import { asList, type PodTemplate } from '../objects/pod-template';
import type { Scope } from '../objects/scope';
import type { Rule, Violation } from '../rule';
import { formOf, type Program } from './known-options';
import { readableIn } from './options';
import { baseAmount } from './value-forms';
import type { WrittenOption } from './written-options';

/** Rules of values that a program takes, and that mean what nobody wants. */
export const optionBoundRules: readonly Rule[] = [
  {
    id: 'settings-are-within-reason',
    why: 'A time or a switch that a program takes and nobody means cuts off what works, or waits where nothing comes.',
    remedy: 'write a value that the documentation of the program recommends, or leave the setting out',
    over: 'object',
    *check(scope) {
      for (const option of readableIn(scope)) {
        const harm = outOfBounds(option) ?? wrongValue(option);
        if (harm) yield violation(option, harm);
      }
      for (const pod of scope.pods) yield* variablesOutOfBounds(pod);
    },
  },
  {
    id: 'logs-hold-no-statements',
    why: 'A log of what passes through a program holds passwords and rows, and wears the card that it is written to.',
    remedy: 'log what is slow or has failed, and nothing else',
    over: 'object',
    *check(scope) {
      for (const option of readableIn(scope)) {
        if (!TELLING[option.program]?.[option.name]?.(bare(option.value))) continue;
        yield violation(option, 'what passes through is written to the log, passwords and rows too');
      }
    },
  },
  {
    id: 'options-are-written-once',
    why: 'Of two lines for one option the later one wins without a word.',
    remedy: 'remove one of the lines',
    over: 'object',
    *check(scope) {
      for (const options of filesOfOptions(scope)) {
        const seen = new Map<string, string>();
        for (const { program, at, field, name, value } of options) {
          // Directives of nginx may stand as often as one likes.
          if (program === 'nginx') continue;
          const other = seen.get(name);
          if (other !== undefined)
            yield { at, field, message: `${name} is ${bare(other)} and, further down, ${bare(value)}` };
          seen.set(name, value ?? '');
        }
      }
    },
  },
  {
    id: 'lost-clients-are-noticed',
    why: 'A machine that loses its power says nothing: until it is noticed, its connections and their locks are held.',
    remedy: 'have the kernel ask after a minute of silence, every ten seconds, and give up after a few (keepalives)',
    over: 'object',
    *check(scope) {
      for (const options of filesOfOptions(scope)) {
        const [{ program, at, field }] = options as [WrittenOption];
        const names = KEEPALIVES[program];
        if (!names) continue;
        const parts = names.map(
          ([name, byDefault]) => secondsIn(options.find((option) => option.name === name)) || byDefault,
        );
        const [idle, interval, count] = parts as [number, number, number];
        const silence = idle + interval * count;
        if (silence <= MOST_SILENCE) continue;
        const settings = names.map(([name], index) => `${name} ${parts[index]}`).join(', ');
        yield { at, field, message: `${settings}: a client or server that is gone is noticed after ${silence} s` };
      }
    },
  },
];

/** Ours: long enough for a node that starts anew, and no more. */
const MOST_SILENCE = 300;

/** What says when a silent machine is given up: after what silence, how often and how many times it is asked. Else Linux' own. */
const KEEPALIVES: Readonly<Partial<Record<Program, readonly (readonly [name: string, byDefault: number])[]>>> = {
  postgres: [
    ['tcp_keepalives_idle', 7200],
    ['tcp_keepalives_interval', 75],
    ['tcp_keepalives_count', 9],
  ],
  pgbouncer: [
    ['tcp_keepidle', 7200],
    ['tcp_keepintvl', 75],
    ['tcp_keepcnt', 9],
  ],
};

/** The options of each file. */
function filesOfOptions(scope: Scope): WrittenOption[][] {
  const written = readableIn(scope).filter(({ field }) => field.startsWith('data['));
  return [...groupBy(written, ({ at, field }) => `${at.file.path} ${at.label} ${field}`).values()];
}

function violation({ at, field, name, value }: WrittenOption, harm: string): Violation {
  return { at, field, message: `${name} is ${bare(value) || 'empty'}: ${harm}` };
}

/** Variables of libpq: https://www.postgresql.org/docs/16/libpq-envars.html */
function* variablesOutOfBounds(pod: PodTemplate): Iterable<Violation> {
  for (const container of pod.containers) {
    for (const [index, { name, value }] of asList(container.spec.env).entries()) {
      const amount = Number(value);
      if (name !== 'PGCONNECT_TIMEOUT' || typeof value !== 'string' || (amount >= 2 && amount <= 60)) continue;
      const message = `${name} is ${value}: a server that is gone is waited for without an end, or not at all`;
      yield inContainer(pod, container, `env[${index}].value`, message);
    }
  }
}

function outOfBounds(option: WrittenOption): string | undefined {
  const bounds = BOUNDS[option.program]?.[option.name];
  const amount = bounds && secondsIn(option);
  if (!bounds || amount === undefined || bounds.or?.includes(amount)) return undefined;
  if (amount < bounds.least) return bounds.below;
  return amount > bounds.most ? bounds.above : undefined;
}

function wrongValue({ program, name, value }: WrittenOption): string | undefined {
  const [wrong, harm] = WRONG[program]?.[name] ?? [];
  return wrong?.test(bare(value)) ? harm : undefined;
}

/** The value of an option that is a time, in seconds, or a plain number. */
function secondsIn(option: WrittenOption | undefined): number | undefined {
  if (!option) return undefined;
  const value = bare(option.value);
  if (option.program === 'postgres') {
    const amount = baseAmount(formOf('postgres', option.name) ?? '', value);
    return amount === undefined || /_count$/.test(option.name) ? amount : amount / 1000;
  }
  return /^\d+(\.\d+)?$/.test(value) ? Number(value) : goDurationSeconds(value);
}

const bare = (value = '') => value.replace(/^(['"])(.*)\1$/, '$2').trim();

interface Bounds {
  /** Seconds. */
  readonly least: number;
  readonly most: number;
  /** Beyond the bounds, and meant: mostly 0, which switches off. */
  readonly or?: readonly number[];
  /** What comes of less, and of more. */
  readonly below: string;
  readonly above: string;
}

const within = (least: number, most: number, below: string, above: string): Bounds => ({ least, most, below, above });
const off = (bounds: Bounds): Bounds => ({ ...bounds, or: [0] });
const CUT_OFF = 'statements are cut off that only take their time, those of a migration or a dump too';
const CUT_OFF_REQUESTS = 'requests that only take their time are cut off';
const NEVER = 'it is so long that it never happens';
const CHURN = 'connections are made anew all the time, each with TLS and a password to be proved';
const SILENT = 'whoever opens a connection and says nothing holds it so long';
const LATE = 'what has moved or come back is known so late';

/**
 * Sources: https://www.pgbouncer.org/config.html, https://www.postgresql.org/docs/16/runtime-config.html,
 * https://oauth2-proxy.github.io/oauth2-proxy/configuration/overview and Argo CD's argocd-cmd-params-cm. The bounds are ours, and wide.
 */
const BOUNDS: Readonly<Partial<Record<Program, Readonly<Record<string, Bounds>>>>> = {
  pgbouncer: {
    server_lifetime: within(60, 86_400, CHURN, NEVER),
    server_idle_timeout: within(10, 86_400, CHURN, NEVER),
    server_connect_timeout: within(1, 60, 'a server that is away is waited for without an end, or not at all', LATE),
    server_login_retry: within(0.1, 60, 'a server that is away is asked without a pause', LATE),
    client_login_timeout: within(
      1,
      300,
      'whoever says nothing holds a connection for ever, or nobody is in time',
      SILENT,
    ),
    dns_max_ttl: within(0, 300, '', LATE),
    dns_nxdomain_ttl: within(0, 300, '', LATE),
    query_timeout: off(within(30, 86_400, CUT_OFF, NEVER)),
    idle_transaction_timeout: off(within(5, 86_400, CUT_OFF, NEVER)),
    client_idle_timeout: off(within(60, 864_000, CHURN, NEVER)),
    tcp_user_timeout: off(
      within(1000, 300_000, 'milliseconds in which no packet may be late, or all connections are closed', LATE),
    ),
  },
  postgres: {
    statement_timeout: off(within(30, 864_000, CUT_OFF, NEVER)),
    lock_timeout: off(within(1, 864_000, CUT_OFF, NEVER)),
    idle_in_transaction_session_timeout: off(within(5, 864_000, CUT_OFF, NEVER)),
    idle_session_timeout: off(within(60, 864_000, CHURN, NEVER)),
    authentication_timeout: within(5, 300, 'nobody is in time to prove a password', SILENT),
    tcp_user_timeout: off(within(1, 300, 'no packet may be late, or the connection is closed', LATE)),
    checkpoint_timeout: within(
      60,
      3_600,
      'checkpoints never end, and wear the card',
      'after a power cut so much of the log is replayed before anybody is let in',
    ),
  },
  'oauth2-proxy': {
    cookie_csrf_expire: within(
      60,
      3_600,
      'nobody types a password so fast, and the sign-in is refused',
      'a sign-in that was left open can be finished by somebody else so long',
    ),
  },
  traefik: {
    'entrypoints.websecure.transport.respondingtimeouts.readtimeout': within(10, 3600, CUT_OFF_REQUESTS, SILENT),
    'entrypoints.websecure.transport.respondingtimeouts.writetimeout': off(within(10, 3600, CUT_OFF_REQUESTS, SILENT)),
  },
  'argo-cd-params': {
    'controller.sync.timeout.seconds': within(
      600,
      86_400,
      'a sync is given up before an image has come over a mobile line, and is not tried again',
      'a sync that waits for what never comes holds up the commit that remedies it so long',
    ),
    'reposerver.parallelism.limit': within(
      1,
      10,
      'as many manifests as are asked for are made at once',
      'so many manifests are made at once',
    ),
  },
};

/** How Postgres spells a switch: https://www.postgresql.org/docs/16/config-setting.html */
const ON = /^(on|true|yes|1)$/i;
const OFF = /^(off|false|no|0)$/i;

/** Values that a program takes and that harm, by option. */
const WRONG: Readonly<Partial<Record<Program, Readonly<Record<string, readonly [RegExp, string]>>>>> = {
  postgres: {
    autovacuum: [OFF, 'tables grow until the disk is full, and plans are made from old figures'],
    track_counts: [OFF, 'without its counts nothing is vacuumed'],
    archive_mode: [/^(on|always|true|yes|1)$/i, 'the log is kept until it is archived, which nothing here does'],
    logging_collector: [ON, 'the log goes to files on the disk of the data, where nobody looks'],
    huge_pages: [/^on$/i, 'the server does not start on a node that keeps no huge pages'],
    zero_damaged_pages: [ON, 'pages that the card returns damaged are taken for empty'],
    ignore_checksum_failure: [ON, 'pages that the card returns damaged are believed'],
    restart_after_crash: [OFF, 'one process that is killed ends the server'],
    row_security: [OFF, 'statements fail where a policy of a table would leave out rows'],
  },
  pgbouncer: {
    tcp_keepalive: [/^0$/, 'a machine that lost its power is never noticed'],
    server_fast_close: [/^1$/, 'a renewed setting cuts off sessions in the middle of their work'],
    auth_user: [/^postgres$/, 'passwords are looked up as the superuser'],
    admin_users: [/^(?!\s*$)/, 'whoever has that role may pause and end the pooler'],
  },
  nginx: {
    client_max_body_size: [
      /^(0|\d{3,}m|\d+g)$/i,
      'whoever sends that much fills the folder of the pod, and a page takes no files',
    ],
    autoindex: [/^on$/, 'whoever asks for a folder is shown what is in it'],
    root: [/^\/(etc|var|run|proc|home|root|tmp)?\/?$/, 'files of the system are served'],
  },
  'oauth2-proxy': {
    show_debug_on_error: [/^true$/, 'whoever meets an error is shown what the provider answered'],
  },
};

/** Whether a value has the program log what passes through it. */
const TELLING: Readonly<Partial<Record<Program, Readonly<Record<string, (value: string) => boolean>>>>> = {
  postgres: {
    // A role's password stands in a statement that defines it.
    log_statement: (value) => value !== 'none',
    log_min_duration_statement: isFast('log_min_duration_statement'),
    log_min_duration_sample: isFast('log_min_duration_sample'),
    log_transaction_sample_rate: (value) => Number(value) > 0,
    log_min_messages: (value) => /^debug/i.test(value),
    log_min_error_statement: (value) => /^(debug|info|notice|warning)/i.test(value),
    debug_print_parse: isOn,
    debug_print_rewritten: isOn,
    debug_print_plan: isOn,
  },
  pgbouncer: { verbose: (value) => Number(value) > 0 },
  cloudflared: {
    loglevel: (value) => /^debug$/i.test(value),
    'transport-loglevel': (value) => /^debug$/i.test(value),
  },
  traefik: { 'log.level': (value) => /^(debug|trace)$/i.test(value) },
  nginx: { error_log: (value) => /\bdebug\b/.test(value) },
};

function isOn(value: string): boolean {
  return ON.test(value);
}

/** So short that most statements take longer, in milliseconds. */
function isFast(name: string): (value: string) => boolean {
  return (value) => {
    const amount = baseAmount(formOf('postgres', name) ?? '', value);
    return amount !== undefined && amount >= 0 && amount < 100;
  };
}
