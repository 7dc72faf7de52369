import { goDurationSeconds } from '../../kubernetes/schedule/duration';
import { isValidCIDR } from 'ipaddr.js';
import { valuesOf } from '../objects/chart-values';
import type { PlacedObject } from '../objects/placed-object';
import type { Scope } from '../objects/scope';
import { wiringRule, type Rule, type Violation } from '../rule';
import { hostsIn } from './hosts';

/** Rules of the settings of Traefik and OAuth2 Proxy that sign-in rests on. */
export const guardRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'traefik-keeps-its-guards',
      why: 'Sign-in can be walked around when the gateway believes clients or serves more than its routes.',
      remedy: 'set the argument as docs/gateway.md says',
    },
    function* (scope, { reviewed }) {
      for (const at of scope.ofKind('HelmChartConfig')) {
        if (at.object.metadata.name !== 'traefik') continue;
        const values = readValues(at);
        const given = (values.additionalArguments ?? []).map(String);
        yield* judgeArguments(at, given, reviewed.networks.pods);
        yield* judgeEntry(at, given, scope);
        for (const resource of ['cpu', 'memory']) {
          if (values.resources?.requests?.[resource] !== undefined) continue;
          const message = `Traefik asks for no ${resource}, so it starves first on a busy node`;
          yield { at, field: `spec.valuesContent: resources.requests.${resource}`, message, remedy: 'state a request' };
        }
        yield* judgeService(at, values);
      }
    },
  ),
  wiringRule(
    {
      id: 'sign-in-is-not-loosened',
      why: 'One option of OAuth2 Proxy is enough to let everybody in, or to hand a session to somebody else.',
      remedy: 'set it as docs/gateway.md says',
    },
    function* (scope, { reviewed }) {
      const hosts = [...hostsIn(scope)].map(({ host }) => host);
      for (const at of scope.ofKind('ConfigMap')) {
        for (const [file, text] of Object.entries<string>(at.object.data ?? {})) {
          if (!/^\s*cookie_domains\s*=|^\s*upstreams\s*=/m.test(String(text))) continue;
          const options = optionsIn(String(text));
          for (const problem of signInProblems(options, hosts, reviewed.networks.pods)) {
            yield { at, field: `data["${file}"]`, message: problem };
          }
        }
      }
    },
  ),
];

/** What the chart makes of Traefik's Service, and which of its entry points that Service leads to. */
function* judgeService(at: PlacedObject, { service, ports }: TraefikValues): Iterable<Violation> {
  const type = service?.type ?? service?.spec?.type ?? 'LoadBalancer';
  if (type !== 'LoadBalancer') {
    const message = `the Service is a ${type}, and clients come by the address of a LoadBalancer on port 443`;
    yield { at, field: 'spec.valuesContent: service.type', message, remedy: 'leave it to the chart' };
  }
  const policy = service?.spec?.externalTrafficPolicy;
  if (policy !== 'Local') {
    const message = `externalTrafficPolicy is ${policy ?? 'Cluster, the default'}, so clients of the LAN appear as pods, which are believed`;
    yield { at, field: 'spec.valuesContent: service.spec.externalTrafficPolicy', message, remedy: 'set it to Local' };
  }
  for (const [name, port] of Object.entries(ports ?? {})) {
    if (['web', 'websecure'].includes(name) || port?.expose?.default !== true) continue;
    const message = `the entry point ${name} is opened to the LAN, past sign-in`;
    yield { at, field: `spec.valuesContent: ports.${name}.expose.default`, message, remedy: 'leave it closed' };
  }
}

interface TraefikValues {
  readonly service?: {
    readonly type?: string;
    readonly spec?: { readonly type?: string; readonly externalTrafficPolicy?: string };
  };
  readonly ports?: Readonly<Record<string, { readonly expose?: { readonly default?: boolean } } | null>>;
  readonly additionalArguments?: readonly unknown[];
  readonly resources?: { readonly requests?: Readonly<Record<string, unknown>> };
}

const readValues = (at: PlacedObject) => (valuesOf(at)[0]?.values ?? {}) as TraefikValues;

/** Arguments that must stand as they are; a value is a pattern where more than one will do. */
const REQUIRED: readonly (readonly [argument: string, value: RegExp])[] = [
  ['--providers.kubernetescrd.allowcrossnamespace', /^false$/],
  ['--providers.kubernetescrd.safenaming', /^true$/],
  ['--providers.kubernetesingress.strictprefixmatching', /^true$/],
  ['--entrypoints.websecure.http.aliasheadersstrategy', /^reject$/],
  ['--entrypoints.websecure.http.middlewares', /\S/],
  ['--entrypoints.web.http.redirections.entrypoint.scheme', /^https$/],
  ['--entrypoints.web.http.redirections.entrypoint.to', /^(:443|websecure)$/],
];
/** What an access log must not hold: cookies, tokens, and what is asked for in an address. */
const LOGGED: readonly (readonly [argument: string, value: RegExp])[] = [
  ['--accesslog.fields.headers.defaultmode', /^(drop|redact)$/],
  ['--accesslog.fields.queryparameters.defaultmode', /^(drop|redact)$/],
];
const LOGGED_SECRET =
  /^--accesslog\.fields\.headers\.names\.(cookie|set-cookie|authorization|x-csrftoken|x-auth-[\w-]+)=keep$/i;
const FORBIDDEN =
  /^--(api\.insecure|api\.dashboard|entrypoints\.\w+\.forwardedheaders\.insecure|entrypoints\.\w+\.proxyprotocol\.insecure|serverstransport\.insecureskipverify|providers\.\w+\.allowexternalnameservices|providers\.\w+\.allowemptyservices|experimental\.\S*plugins|providers\.(?!kubernetes(ingress|crd)\b)\w+)\S*?(=(?!false$)|$)/i;

function* judgeArguments(at: PlacedObject, given: readonly string[], pods: string): Iterable<Violation> {
  const field = 'spec.valuesContent: additionalArguments';
  const values = new Map(given.map((text) => [text.replace(/=.*$/, '').toLowerCase(), text.replace(/^[^=]*=?/, '')]));
  const isLogged = values.get('--accesslog') === 'true' || values.get('--accesslog') === '';
  for (const [argument, value] of [...REQUIRED, ...(isLogged ? LOGGED : [])]) {
    if (value.test(values.get(argument) ?? '')) continue;
    yield { at, field, message: `${argument} is ${values.get(argument) ?? 'not set'}` };
  }
  for (const text of given) {
    if (LOGGED_SECRET.test(text)) yield { at, field, message: `${text} writes sessions into the log` };
    if (FORBIDDEN.test(text)) yield { at, field, message: `${text} opens what sign-in does not guard` };
    const trusted = /\.trustedips=(.*)$/i.exec(text)?.[1]?.split(',') ?? [];
    for (const network of trusted) {
      if (network === pods) continue;
      yield {
        at,
        field,
        message: `trustedips: ${network} is not the network of the pods, ${pods}, and would be believed`,
      };
    }
  }
}

/** What every answer is told browsers, and what no request says of itself, whatever host it is for. */
function* judgeEntry(at: PlacedObject, given: readonly string[], scope: Scope): Iterable<Violation> {
  const entry = given.find((text) => /^--entrypoints\.websecure\.http\.middlewares=/i.test(text));
  const named = entry?.replace(/^[^=]*=/, '').split(',') ?? [];
  const middlewares = named.flatMap((text) => {
    const [, namespace, name] = /^([a-z0-9-]+)_([a-z0-9-]+)@kubernetescrd$/.exec(text) ?? [];
    return (namespace && name && scope.find('Middleware', namespace, name)) || [];
  });
  const headers = Object.assign({}, ...middlewares.map(({ object }) => object.spec?.headers)) as EntryHeaders;
  const where = middlewares[0] ?? at;
  const field = middlewares[0] ? 'spec.headers' : 'spec.valuesContent: additionalArguments';
  const policy = String(headers.contentSecurityPolicy ?? '')
    .split(';')
    .map((part) => part.trim().split(/\s+/));
  for (const directive of ['base-uri', 'object-src', 'frame-ancestors']) {
    const sources = policy.find(([name]) => name === directive)?.slice(1);
    const open = sources?.find((source) => !["'self'", "'none'"].includes(source));
    const message = !sources ? `${directive} is left to every page` : open && `${directive} admits ${open}`;
    if (message) yield { at: where, field: `${field}.contentSecurityPolicy`, message };
  }
  if (!(Number(headers.stsSeconds) >= 15_768_000)) {
    yield { at: where, field: `${field}.stsSeconds`, message: 'browsers are not told for half a year to use HTTPS' };
  }
  if (headers.contentTypeNosniff !== true) {
    yield { at: where, field: `${field}.contentTypeNosniff`, message: 'browsers may guess what kind an answer is of' };
  }
  const removed = Object.entries(headers.customRequestHeaders ?? {}).filter(([, value]) => value === '');
  for (const header of ['X-Auth-Request-User', 'X-Auth-Request-Email', 'X-Forwarded-User', 'X-Forwarded-Email']) {
    if (removed.some(([name]) => name.toLowerCase() === header.toLowerCase())) continue;
    const message = `what a client says in ${header} of who it is reaches services`;
    yield { at: where, field: `${field}.customRequestHeaders`, message };
  }
}

interface EntryHeaders {
  readonly contentSecurityPolicy?: unknown;
  readonly stsSeconds?: unknown;
  readonly contentTypeNosniff?: unknown;
  readonly customRequestHeaders?: Readonly<Record<string, unknown>>;
}

function optionsIn(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^\s*([a-z_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** Source: https://oauth2-proxy.github.io/oauth2-proxy/configuration/overview */
const SIGN_IN: readonly (readonly [option: string, value: RegExp])[] = [
  ['cookie_secure', /^true$/],
  ['cookie_httponly', /^true$/],
  ['cookie_samesite', /^"(lax|strict)"$/],
  ['code_challenge_method', /^"S256"$/],
  ['reverse_proxy', /^true$/],
  ['set_xauthrequest', /^true$/],
  ['authenticated_emails_file', /^"\/\S+"$/],
  ['upstreams', /^\["static:\/\/20[02]"\]$/],
];
const LOOSENING =
  /^(skip_auth_\w+|skip_jwt_\w+|skip_oidc_\w+|skip_claims_\w+|insecure_\w+|ssl_insecure_\w+|trusted_ips|email_domains|api_routes|force_json_errors|htpasswd_\w+|pass_access_token|pass_authorization_header)$/;

function harmOf(option: string): string {
  if (option.startsWith('ssl_insecure')) return 'believes whoever answers in place of the provider';
  if (option === 'insecure_oidc_allow_unverified_email')
    return 'takes an address that nobody has confirmed for one on the list';
  if (option === 'email_domains') return 'lets in every address of a domain, on the list or not';
  if (option.startsWith('pass_')) return 'hands credentials of the provider to the services';
  return 'lets in who has no session';
}

function* signInProblems(
  options: ReadonlyMap<string, string>,
  hosts: readonly string[],
  pods: string,
): Iterable<string> {
  for (const [option, value] of SIGN_IN) {
    if (!value.test(options.get(option) ?? '')) yield `${option} is ${options.get(option) ?? 'not set'}`;
  }
  const [lifetime, refresh] = ['cookie_expire', 'cookie_refresh'].map((name) =>
    goDurationSeconds(listOf(options.get(name))[0]),
  );
  if (lifetime === undefined || lifetime === 0 || lifetime > LONGEST_SESSION_HOURS * 3600) {
    yield `cookie_expire is ${options.get('cookie_expire') ?? 'not set'}, and a cookie that was signed out is good for as long: at most ${LONGEST_SESSION_HOURS}h`;
  } else if (refresh === undefined || refresh === 0 || refresh >= lifetime) {
    yield `cookie_refresh is ${options.get('cookie_refresh') ?? 'not set'}, so nobody is asked again within the session whether it still holds`;
  }
  for (const [option, value] of options) {
    if (LOOSENING.test(option) && value !== 'false') yield `${option} ${harmOf(option)}`;
  }
  for (const network of listOf(options.get('trusted_proxy_ips'))) {
    if (network !== pods || !isValidCIDR(network))
      yield `trusted_proxy_ips: ${network} is not the network of the pods, ${pods}`;
  }
  for (const domain of listOf(options.get('cookie_domains'))) {
    const outside = hosts.find((host) => !`.${host}`.endsWith(domain));
    if (outside) yield `cookie_domains: ${domain} does not cover ${outside}`;
  }
  for (const domain of listOf(options.get('whitelist_domains'))) {
    if (!hosts.includes(domain)) yield `whitelist_domains: ${domain} is no host of ours`;
  }
}

/** The longest that a cookie may be good for after it was signed out: a day. */
const LONGEST_SESSION_HOURS = 24;

function listOf(value: string | undefined): string[] {
  return [...(value ?? '').matchAll(/"([^"]*)"/g)].map(([, text]) => text!);
}
