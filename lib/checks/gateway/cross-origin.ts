import { filesOf } from '../objects/calls';
import type { PlacedOf } from '../objects/kinds';
import { wiringRule, type Rule } from '../rule';
import type { MiddlewareSpec } from './middlewares';
import { publicRoutes } from './routes';

/** Rules of what browsers may do from a page of another host, and of the cookie that says who somebody is. */
export const crossOriginRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'pages-may-call-their-api',
      why: 'A browser hides every answer of the API from a page that the API does not name, or asks it without the session.',
      remedy: 'name the hosts of pages with https, allow credentials, and what pages send',
    },
    function* (scope) {
      const routes = publicRoutes(scope);
      const pages = new Set(routes.filter(showsPages).flatMap(({ host }) => host ?? []));
      const seen = new Set<string>();
      for (const { at, specs = [], chainField } of routes) {
        const asksForSession = specs.some(({ forwardAuth }) => forwardAuth);
        const headers = specs.find(({ headers }) => headers?.accessControlAllowMethods)?.headers;
        if (!headers || !asksForSession || pages.size === 0) continue;
        for (const message of problemsIn(headers, pages)) {
          const key = `${at.label} ${message}`;
          if (!seen.has(key)) yield { at, field: chainField, message: `by its CORS middleware ${message}` };
          seen.add(key);
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'sessions-are-renewed',
      why: 'A session that is renewed by a cookie which Traefik does not pass on ends in the middle of work.',
      remedy: 'give addAuthCookiesToResponse the cookie_name of the authority',
    },
    function* (scope) {
      const names = new Set<string>();
      for (const pod of scope.pods) {
        for (const { text } of filesOf(scope, pod)) {
          const name = /^\s*cookie_name\s*=\s*"([^"]*)"/m.exec(text)?.[1];
          if (name !== undefined) names.add(name);
        }
      }
      if (names.size === 0) return;
      for (const at of scope.ofKind('Middleware')) yield* otherCookies(at, names);
    },
  ),
];

function* otherCookies(at: PlacedOf<'Middleware'>, names: ReadonlySet<string>) {
  const cookies = at.object.spec?.forwardAuth?.addAuthCookiesToResponse ?? [];
  for (const [index, cookie] of cookies.entries()) {
    if (names.has(String(cookie))) continue;
    const message = `no authority gives a cookie ${String(cookie)}; there is ${[...names].join(', ')}`;
    yield { at, field: `spec.forwardAuth.addAuthCookiesToResponse[${index}]`, message };
  }
}

/** A route that answers with the sign-in page shows pages itself. */
const showsPages = ({ specs }: { specs?: readonly MiddlewareSpec[] }) => specs?.some(({ errors }) => errors) === true;

type Headers = NonNullable<MiddlewareSpec['headers']>;

function* problemsIn(headers: Headers, pages: ReadonlySet<string>): Iterable<string> {
  const list = (name: keyof Headers) => {
    const values: unknown = headers[name];
    return Array.isArray(values) ? values.map(String) : [];
  };
  if (headers.accessControlAllowCredentials !== true)
    yield 'credentials are not allowed, so no session comes with a call';
  const origins = list('accessControlAllowOriginList');
  for (const host of pages)
    if (!origins.includes(`https://${host}`)) yield `https://${host}, which shows pages, is no origin`;
  const wide = [...origins.filter((origin) => origin.includes('*')), ...list('accessControlAllowOriginListRegex')];
  if (wide.length > 0) yield `${wide[0]} lets pages of strangers call with the session`;
  const plain = origins.find((origin) => origin.startsWith('http://'));
  if (plain) yield `${plain} calls with the session, and whoever is on the way, or on that machine, answers for it`;
  const methods = list('accessControlAllowMethods');
  const missing = ['GET', 'POST'].find((method) => !methods.includes(method) && !methods.includes('*'));
  if (missing) yield `${missing} is no method that pages may use`;
  const allowed = list('accessControlAllowHeaders').map((header) => header.toLowerCase());
  if (!allowed.includes('content-type')) yield 'Content-Type may not be sent, and so no JSON';
  // Django's is X-CSRFToken: https://docs.djangoproject.com/en/stable/howto/csrf/#using-csrf-protection-with-ajax
  if (!allowed.some((header) => header === '*' || /csrf|xsrf/.test(header)))
    yield 'no header may be sent that proves a request to be none of a stranger (X-CSRFToken), so Django refuses what changes data';
}
