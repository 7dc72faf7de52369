import { nearestName } from '../../kubernetes/names/nearest-name';
import { filesOf } from '../objects/calls';
import { asList, PROBES, type ContainerOfPod, type PodTemplate } from '../objects/pod-template';
import type { Scope } from '../objects/scope';
import { inContainer } from '../container-rule';
import { wiringRule, type Rule, type Violation } from '../rule';
import { isNginx, programOf } from './written-options';

/** Rules of what known programs must be given. */
export const requirementRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'programs-are-given-what-they-need',
      why: 'A program without its credentials, or with an unknown command, ends at once.',
      remedy: 'give it as the documentation of the image names it',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        for (const container of pod.containers) {
          yield* missingVariables(scope, pod, container);
          yield* unknownCommands(pod, container);
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'servers-keep-their-version',
      why: 'Who is told the version of a server knows which of its faults are open.',
      remedy: 'write server_tokens off; into the server block',
    },
    function* (scope) {
      for (const pod of scope.pods.filter(isNginx)) {
        const servers = filesOf(scope, pod).filter(({ text }) => /^\s*server\s*\{/m.test(text));
        for (const { at, field, text } of servers) {
          if (SERVER_TOKENS.test(text)) continue;
          const line = /^\s*(server_tokens\b[^;]*);/m.exec(text)?.[1] ?? 'server_tokens is not set';
          yield { at, field, message: `${line}: every answer and every error page names the version of nginx` };
        }
      }
    },
  ),
];

/** The text of a `server { … }` or `http { … }` says it for what is inside; a file without either is included by one. */
const SERVER_TOKENS = /^\s*server_tokens\s+off\s*;/m;

interface Requirement {
  /** Variables of which each list needs one. */
  readonly variables: readonly (readonly string[])[];
  /** Flags that stand for a variable of the same meaning. */
  readonly flag?: RegExp;
  /** Only where the container serves: clients of the same image need none. */
  readonly ofServer: boolean;
}

/**
 * Sources: https://hub.docker.com/_/postgres, https://oauth2-proxy.github.io/oauth2-proxy/configuration/overview and
 * https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/.
 */
const REQUIRED: Readonly<Record<string, Requirement>> = {
  postgres: {
    variables: [['POSTGRES_PASSWORD', 'POSTGRES_PASSWORD_FILE']],
    ofServer: true,
  },
  'oauth2-proxy': {
    variables: [
      ['OAUTH2_PROXY_CLIENT_ID'],
      ['OAUTH2_PROXY_CLIENT_SECRET', 'OAUTH2_PROXY_CLIENT_SECRET_FILE'],
      ['OAUTH2_PROXY_COOKIE_SECRET', 'OAUTH2_PROXY_COOKIE_SECRET_FILE'],
    ],
    ofServer: true,
  },
  cloudflared: {
    variables: [['TUNNEL_TOKEN', 'TUNNEL_TOKEN_FILE']],
    flag: /^--(token|token-file|credentials-file)\b/,
    ofServer: false,
  },
};

function* missingVariables(scope: Scope, pod: PodTemplate, container: ContainerOfPod): Iterable<Violation> {
  const program = programOf(container.spec);
  const required = program && Object.hasOwn(REQUIRED, program) ? REQUIRED[program] : undefined;
  if (!required || (required.ofServer && asList(container.spec.ports).length === 0)) return;
  const args = ((container.spec.args ?? []) as unknown[]).map(String);
  if (required.flag && args.some((part) => required.flag!.test(part))) return;
  const given = new Set(asList(container.spec.env).map(({ name }) => String(name)));
  const texts = filesOf(scope, pod);
  const files = texts.map(({ text }) => text);
  for (const { at, field, text } of texts) {
    const provider = /^\s*provider\s*=\s*"(oidc|keycloak-oidc|adfs|gitea)"/m.exec(text)?.[1];
    if (program !== 'oauth2-proxy' || provider === undefined || /^\s*oidc_issuer_url\s*=/m.test(text)) continue;
    yield { at, field, message: `the provider ${provider} has no oidc_issuer_url, by which it is found` };
  }
  for (const names of required.variables) {
    const option = names[0]!.replace(/^OAUTH2_PROXY_/, '').toLowerCase();
    const inFile = files.some((text) => new RegExp(`^\\s*${option}(_file)?\\s*=`, 'm').test(text));
    if (inFile || names.some((name) => given.has(name))) continue;
    yield inContainer(pod, container, 'env', `${program} is given no ${names[0]}`);
  }
}

/** Programs of the image of Postgres, by which a slip is known; an image has others beside them. */
const CLIENTS = [
  ...['psql', 'pg_isready', 'pg_dump', 'pg_dumpall', 'pg_restore', 'pg_basebackup', 'createdb', 'dropdb', 'createuser'],
  ...['dropuser', 'vacuumdb', 'reindexdb', 'postgres', 'docker-entrypoint.sh'],
];
/** Options of initdb 16: https://www.postgresql.org/docs/16/app-initdb.html */
const INITDB =
  /^(-\w|--(auth|auth-host|auth-local|encoding|allow-group-access|icu-locale|icu-rules|data-checksums|locale|lc-\w+|no-locale|locale-provider|pwfile|text-search-config|username|pwprompt|waldir|wal-segsize|set|no-clean|no-sync|no-instructions))(=.*)?$/;

function* unknownCommands(pod: PodTemplate, container: ContainerOfPod): Iterable<Violation> {
  const { spec } = container;
  const program = programOf(spec);
  if (program === 'cloudflared') {
    const words = ((spec.args ?? []) as unknown[]).map(String);
    if (words[0] !== 'tunnel' || !words.includes('run')) {
      const message = `"${words.join(' ')}" runs no tunnel: the words are tunnel and, at its end, run`;
      yield inContainer(pod, container, 'args', message);
    }
    const keepsVersion = asList(spec.env).some(({ name, value }) => name === 'NO_AUTOUPDATE' && value === 'true');
    if (words.some((word) => /^--no-tls-verify(=true)?$/.test(word))) {
      const message = '--no-tls-verify: whoever answers in place of Traefik is given every request';
      yield inContainer(pod, container, 'args', message);
    }
    if (!keepsVersion && !words.includes('--no-autoupdate') && !words.includes('--no-autoupdate=true'))
      yield inContainer(
        pod,
        container,
        'args',
        '--no-autoupdate is missing, without which it fetches another version of itself than the one that is pinned',
      );
  }
  const words = [...((spec.command ?? []) as unknown[]), ...((spec.args ?? []) as unknown[])].map(String);
  const pretends = words.includes('migrate')
    ? words.find((word) => /^--(fake|fake-initial|plan|check)$/.test(word))
    : undefined;
  if (pretends) {
    const message = `${pretends} changes no table, and a version that wants others is rolled out all the same`;
    yield inContainer(pod, container, 'command', message);
  }
  if (words.includes('--run-syncdb')) {
    const message = '--run-syncdb makes tables that no migration knows, and that none can change later';
    yield inContainer(pod, container, 'command', message);
  }
  if (program !== 'postgres') return;
  for (const probe of PROBES) {
    const [first] = (spec[probe]?.exec?.command ?? []) as readonly unknown[];
    if (first === undefined || CLIENTS.includes(String(first))) continue;
    const near = nearestName(String(first), CLIENTS);
    if (near === undefined) continue;
    const message = `the image has no program ${String(first)}; ${near} is near`;
    yield inContainer(pod, container, `${probe}.exec.command`, message);
  }
  for (const [index, { name, value }] of asList(spec.env).entries()) {
    if (name !== 'POSTGRES_INITDB_ARGS' || typeof value !== 'string') continue;
    const unknown = value.split(/\s+/).find((part) => part.startsWith('-') && !INITDB.test(part));
    if (unknown) yield inContainer(pod, container, `env[${index}].value`, `${name}: initdb knows no ${unknown}`);
  }
}
