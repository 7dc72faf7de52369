import { isPlaced } from '../objects/kinds';
import { asList } from '../objects/pod-template';
import { objectRule, wiringRule, type Rule } from '../rule';
import { hostsIn } from './hosts';
import { publicRoutes, type PublicRoute } from './routes';

/** Rules of what routes match, what middlewares say to browsers, and where a sign-in comes back to. */
export const answerRules: readonly Rule[] = [
  objectRule(
    {
      id: 'paths-cover-what-is-below-them',
      why: 'A path that is matched exactly leaves every page below it without a route.',
      remedy: 'write pathType Prefix and a path that begins with /',
    },
    function* (at) {
      if (!isPlaced(at, 'Ingress')) return;
      for (const [index, rule] of asList(at.object.spec?.rules).entries()) {
        for (const [position, { path, pathType }] of asList(rule.http?.paths).entries()) {
          const field = `spec.rules[${index}].http.paths[${position}]`;
          if (pathType !== 'Prefix')
            yield { at, field: `${field}.pathType`, message: `paths are matched by ${pathType ?? 'nothing'}` };
          if (!String(path ?? '/').startsWith('/'))
            yield { at, field: `${field}.path`, message: `"${path}" does not begin with /` };
        }
      }
    },
  ),
  objectRule(
    {
      id: 'headers-mean-something',
      why: 'A browser passes over a header whose value it does not know, and does as it would without.',
      remedy:
        'write a value that the header can have: https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers',
    },
    function* (at) {
      const headers = isPlaced(at, 'Middleware') ? at.object.spec?.headers : undefined;
      if (!headers) return;
      for (const { field, message } of headerProblems(headers)) yield { at, field: `spec.headers.${field}`, message };
    },
  ),
  objectRule(
    {
      id: 'middlewares-act-on-401',
      why: 'The authority answers 401 without a session, and says who has one: what stands around it must know both.',
      remedy: "write status '401', and the expression ^X-Auth-Request-",
    },
    function* (at) {
      if (!isPlaced(at, 'Middleware')) return;
      const { errors, forwardAuth } = at.object.spec ?? {};
      const status: string[] = Array.isArray(errors?.status) ? errors.status.map(String) : [];
      for (const [index, text] of status.entries()) {
        if (/^[1-5]\d\d(-[1-5]\d\d)?$/.test(text)) continue;
        yield { at, field: `spec.errors.status[${index}]`, message: `"${text}" is no status, nor a range of them` };
      }
      if (errors && !status.some(holds401))
        yield { at, field: 'spec.errors.status', message: '401 is passed on as it is' };
      else if (errors && status.some((text) => text !== '401' && text !== '401-401')) {
        const message = `of ${status.join(', ')} more than 401 is replaced, so what the service itself answers is never seen`;
        yield { at, field: 'spec.errors.status', message };
      }
      const unknown = [...String(errors?.query ?? '').matchAll(/\{([^}]*)\}/g)].find(
        ([, name]) => !PLACEHOLDERS.includes(name!),
      );
      if (unknown) {
        const message = `${unknown[0]} stands for nothing; Traefik knows {${PLACEHOLDERS.join('}, {')}}`;
        yield { at, field: 'spec.errors.query', message, remedy: 'name the page as in /oauth2/sign_in?rd={url}' };
      }
      const expression: unknown = forwardAuth?.authResponseHeadersRegex;
      if (expression !== undefined && !isExpression(String(expression))) {
        const message = `"${String(expression)}" is no regular expression`;
        yield { at, field: 'spec.forwardAuth.authResponseHeadersRegex', message };
      } else if (expression !== undefined) {
        const passes = (header: string) => new RegExp(String(expression), 'i').test(header);
        const missing = PASSED_ON.find((header) => !passes(header));
        const wrong = KEPT_BACK.find(passes);
        const message = missing
          ? `"${String(expression)}" does not pass on ${missing}, by which services know who asks`
          : wrong && `"${String(expression)}" passes on ${wrong} of the authority to services`;
        if (message) yield { at, field: 'spec.forwardAuth.authResponseHeadersRegex', message };
      }
    },
  ),
  wiringRule(
    {
      id: 'sign-in-comes-back',
      why: 'A sign-in that the provider leads elsewhere, or whose cookie the browser drops, begins again without end.',
      remedy:
        'lead back to /oauth2/callback of the host of sign-in, ask for the scope email, and name the cookie __Secure-…',
    },
    function* (scope) {
      const hosts = new Set([...hostsIn(scope)].map(({ host }) => host));
      const routes = publicRoutes(scope);
      for (const at of scope.ofKind('ConfigMap')) {
        for (const [file, text] of Object.entries<string>(at.object.data ?? {})) {
          if (!/^\s*cookie_domains\s*=/m.test(String(text))) continue;
          for (const message of signInProblems(String(text), hosts, routes))
            yield { at, field: `data["${file}"]`, message };
        }
      }
    },
  ),
];

/** Source: https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/errorpages/. */
const PLACEHOLDERS = ['status', 'originalStatus', 'url'];

/** Headers of OAuth2 Proxy's answer: https://oauth2-proxy.github.io/oauth2-proxy/configuration/overview. */
const PASSED_ON = ['X-Auth-Request-User', 'X-Auth-Request-Email'];
const KEPT_BACK = ['Set-Cookie', 'Content-Type', 'Content-Length', 'Location'];

interface HeaderProblem {
  readonly field: string;
  readonly message: string;
}

/** Source: https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Permissions-Policy. */
const PERMISSION = /^[a-z-]+=(\*|self|\((\s*(self|src|"https:\/\/[^"\s]+"))*\s*\))$/;
/** Firefox keeps the answer to a preflight for a day at most, the others for less. */
const LONGEST_PREFLIGHT_SECONDS = 86_400;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', '*'];
const REFERRER_POLICIES = [
  ...['no-referrer', 'no-referrer-when-downgrade', 'origin', 'origin-when-cross-origin', 'same-origin'],
  ...['strict-origin', 'strict-origin-when-cross-origin'],
];

function* headerProblems(headers: Readonly<Record<string, unknown>>): Iterable<HeaderProblem> {
  const { accessControlAllowMethods: methods, accessControlMaxAge: age, referrerPolicy } = headers;
  for (const [index, method] of (Array.isArray(methods) ? methods : []).entries()) {
    if (METHODS.includes(String(method))) continue;
    yield { field: `accessControlAllowMethods[${index}]`, message: `"${String(method)}" is no method of HTTP` };
  }
  if (typeof age === 'number' && age < 0) yield { field: 'accessControlMaxAge', message: `${age} s are no time` };
  if (typeof age === 'number' && age > LONGEST_PREFLIGHT_SECONDS)
    yield { field: 'accessControlMaxAge', message: `${age} s: no browser keeps an answer longer than a day` };
  if (referrerPolicy !== undefined && !REFERRER_POLICIES.includes(String(referrerPolicy))) {
    const harm = referrerPolicy === 'unsafe-url' ? 'tells every page what was looked at' : 'is no policy';
    yield { field: 'referrerPolicy', message: `"${String(referrerPolicy)}" ${harm}` };
  }
  const permissions = headers.permissionsPolicy;
  const odd = String(permissions ?? '')
    .split(',')
    .map((part) => part.trim())
    .find((part) => part !== '' && !PERMISSION.test(part));
  if (odd) yield { field: 'permissionsPolicy', message: `"${odd}" is no permission, which is written as in camera=()` };
  const origins = headers.accessControlAllowOriginList;
  if (Array.isArray(origins) && !origins.includes('*') && headers.addVaryHeader !== true) {
    const message = 'a cache may hand the answer for a page of one origin to one of another';
    yield { field: 'addVaryHeader', message };
  }
  for (const list of ['accessControlAllowOriginList']) {
    for (const [index, origin] of (Array.isArray(headers[list]) ? headers[list] : []).entries()) {
      if (/^(\*|https?:\/\/[a-z0-9.-]+(:\d+)?)$/.test(String(origin))) continue;
      yield {
        field: `${list}[${index}]`,
        message: `"${String(origin)}" is no origin, which is scheme and host without a path`,
      };
    }
  }
}

function holds401(text: string): boolean {
  const [from, to = from] = text.split('-').map(Number);
  return from! <= 401 && to! >= 401;
}

function isExpression(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/** The route that answers a page: that of the longest path. */
function routeOf(routes: readonly PublicRoute[], host: string, page: string): PublicRoute | undefined {
  const covers = ({ path = '/' }: PublicRoute) => path === '/' || page === path || page.startsWith(`${path}/`);
  const candidates = routes.filter((route) => route.host === host && covers(route));
  return candidates.sort((a, b) => (b.path ?? '').length - (a.path ?? '').length)[0];
}

function* signInProblems(text: string, hosts: ReadonlySet<string>, routes: readonly PublicRoute[]): Iterable<string> {
  const option = (name: string) => new RegExp(`^\\s*${name}\\s*=\\s*"([^"]*)"`, 'm').exec(text)?.[1];
  const redirect = option('redirect_url');
  const prefix = option('proxy_prefix') ?? '/oauth2';
  const [, host = '', path = ''] = /^https:\/\/([^/]+)(\/.*)?$/.exec(redirect ?? '') ?? [];
  if (redirect !== undefined && (path !== `${prefix}/callback` || !hosts.has(host)))
    yield `redirect_url "${redirect}" is not ${prefix}/callback of a host that has a route`;
  else if (redirect !== undefined) {
    const route = routeOf(routes, host, path);
    if (route?.specs?.some(({ forwardAuth }) => forwardAuth))
      yield `redirect_url "${redirect}" leads to ${route.service}, which asks for a session before there is one`;
  }
  const scope = option('scope');
  if (scope !== undefined && !scope.split(/\s+/).includes('email'))
    yield `scope "${scope}" asks for no email, by which people are let in`;
  const cookie = option('cookie_name') ?? '';
  // Source: https://www.rfc-editor.org/rfc/rfc6265#section-4.1.1.
  if (/[^!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(cookie)) yield `cookie_name "${cookie}" is no name of a cookie`;
  if (cookie.startsWith('__Host-'))
    yield `cookie_name ${cookie}: a browser takes a __Host- cookie for one host alone, and cookie_domains names more`;
}
