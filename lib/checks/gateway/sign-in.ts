import { isPlaced, type PlacedOf } from '../objects/kinds';
import { asTexts, asList } from '../objects/pod-template';
import type { Scope } from '../objects/scope';
import { objectRule, wiringRule, type Rule } from '../rule';
import { ROUTER_MIDDLEWARES } from './middlewares';
import { publicRoutes } from './routes';

/** Rules that keep every way in behind sign-in. */
export const signInRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'public-routes-ask-for-sign-in',
      why: 'A route without authentication lets everybody on the internet reach the service behind it.',
      remedy: 'put the forwardAuth middleware into its chain, or except it with a reason that reviewers see',
    },
    function* (scope) {
      const authorities = authoritiesIn(scope);
      for (const route of publicRoutes(scope)) {
        if (route.specs?.some(({ forwardAuth }) => forwardAuth !== undefined)) continue;
        if (route.service !== undefined && authorities.has(`${route.at.namespace}/${route.service}`)) continue;
        const message = route.specs
          ? `${route.name} reaches ${route.service ?? 'what is behind it'} without forwardAuth`
          : `${route.name} cannot ask for sign-in, because routes of this kind know no forwardAuth`;
        yield { at: route.at, field: route.field, message };
      }
    },
  ),
  wiringRule(
    {
      id: 'sign-in-is-not-behind-itself',
      why: 'Who is asked to sign in before the sign-in page can never sign in.',
      remedy: 'give the route of the authority no forwardAuth middleware',
    },
    function* (scope) {
      const authorities = authoritiesIn(scope);
      for (const route of publicRoutes(scope)) {
        if (route.service === undefined || !authorities.has(`${route.at.namespace}/${route.service}`)) continue;
        if (!route.specs?.some(({ forwardAuth }) => forwardAuth !== undefined)) continue;
        const message = `${route.name} leads to ${route.service}, which decides about sign-in, and asks it first`;
        yield { at: route.at, field: route.chainField, message };
      }
    },
  ),
  wiringRule(
    {
      id: 'sign-in-pages-are-on-every-host',
      why: 'The sign-in page is shown on the host that was asked for, and its links lead nowhere when that host does not route them.',
      remedy: 'give the host a route with the first part of the path of the page, to the Service that shows it',
    },
    function* (scope) {
      const routes = publicRoutes(scope);
      for (const { at, specs = [], chainField, host } of routes) {
        const page = specs.find(({ errors }) => errors)?.errors as ErrorPage | undefined;
        const prefix = /^\/[^/?]+/.exec(String(page?.query ?? ''))?.[0];
        if (host === undefined || prefix === undefined) continue;
        const isRouted = routes.some(
          (route) => route.host === host && route.path === prefix && route.service === page?.service?.name,
        );
        if (isRouted) continue;
        const message = `${host} has no route ${prefix} to ${page?.service?.name}, which shows its sign-in page`;
        yield { at, field: chainField, message };
      }
    },
  ),
  objectRule(
    {
      id: 'forward-auth-asks-for-a-session',
      why: 'A page of the authority that answers 200 to everybody lets everybody pass.',
      remedy: 'ask /oauth2/auth of the authority over its Service, and leave trustForwardHeader unset',
    },
    function* (at) {
      const forwardAuth = isPlaced(at, 'Middleware') ? at.object.spec?.forwardAuth : undefined;
      if (!forwardAuth) return;
      const address = String(forwardAuth.address ?? '');
      const path = /^https?:\/\/[^/]+([^?#]*)/.exec(address)?.[1] ?? '';
      if (!/\/auth\/?$/.test(path)) {
        const message = `"${address}" is not the page that answers 401 without a session`;
        yield { at, field: 'spec.forwardAuth.address', message };
      }
      if (forwardAuth.trustForwardHeader === true) {
        const message = 'what a client says of where it comes from is believed';
        yield { at, field: 'spec.forwardAuth.trustForwardHeader', message };
      }
      const shown = asTexts(forwardAuth.authRequestHeaders);
      if (shown.length > 0 && !shown.some((header) => /^cookie$/i.test(header))) {
        const message = 'the cookie is not among the headers that the authority is shown, so nobody has a session';
        yield { at, field: 'spec.forwardAuth.authRequestHeaders', message };
      }
    },
  ),
  objectRule(
    {
      id: 'routes-use-the-gateway',
      why: 'Traefik ignores a class or entry point that it does not have, and plain HTTP shows the session cookie to all.',
      remedy: 'use ingressClassName traefik, the entry point websecure and TLS for every host',
    },
    function* (at) {
      if (isPlaced(at, 'Ingress')) {
        const { spec = {}, metadata } = at.object;
        if (spec.ingressClassName !== 'traefik') {
          const message = `the ingress class is ${spec.ingressClassName ?? 'not set'}, and only traefik is there`;
          yield { at, field: 'spec.ingressClassName', message };
        }
        const entry = metadata.annotations?.[ENTRY_POINTS];
        if (entry !== SECURE) {
          const message = `the entry point is ${entry ?? 'not set'}, and only ${SECURE} is for the public`;
          yield { at, field: `metadata.annotations["${ENTRY_POINTS}"]`, message };
        }
        for (const name of Object.keys(metadata.annotations ?? {})) {
          if (KNOWN_ANNOTATIONS.has(name) || name.startsWith('argocd.argoproj.io/') || !name.includes('/')) continue;
          yield { at, field: `metadata.annotations["${name}"]`, message: 'the gateway has no use for this annotation' };
        }
        for (const [index, { secretName }] of asList(spec.tls).entries()) {
          if (secretName === undefined) continue;
          const message = `the certificate is that of the gateway itself, and nothing makes the Secret ${secretName}`;
          yield { at, field: `spec.tls[${index}].secretName`, message, remedy: 'leave secretName out' };
        }
        const secured = new Set(asList(spec.tls).flatMap((tls) => tls.hosts ?? []));
        for (const [index, { host }] of asList(spec.rules).entries()) {
          if (!host || secured.has(host)) continue;
          yield { at, field: 'spec.tls', message: `the host ${host} of spec.rules[${index}] has no TLS` };
        }
      }
      if (isPlaced(at, 'IngressRoute', 'IngressRouteTCP')) {
        const { spec = {} } = at.object;
        const entries = asTexts(spec.entryPoints);
        if (entries.length !== 1 || entries[0] !== SECURE) {
          const message = `the entry points are ${entries.join(', ') || 'not set'}, and only ${SECURE} is for the public`;
          yield { at, field: 'spec.entryPoints', message };
        }
        if (!spec.tls) yield { at, field: 'spec.tls', message: 'the route has no TLS' };
      }
    },
  ),
];

interface ErrorPage {
  readonly query?: unknown;
  readonly service?: { readonly name?: string };
}

const ENTRY_POINTS = 'traefik.ingress.kubernetes.io/router.entrypoints';
const SECURE = 'websecure';
const KNOWN_ANNOTATIONS = new Set([ENTRY_POINTS, ROUTER_MIDDLEWARES, 'traefik.ingress.kubernetes.io/router.priority']);

/** `<namespace>/<service>` of every Service that some forwardAuth middleware asks. */
function authoritiesIn(scope: Scope): ReadonlySet<string> {
  return new Set(scope.ofKind('Middleware').flatMap((at) => authorityOf(at) ?? []));
}

function authorityOf(at: PlacedOf<'Middleware'>): string | undefined {
  const match = /^https?:\/\/([a-z0-9-]+)\.([a-z0-9-]+)/.exec(at.object.spec?.forwardAuth?.address ?? '');
  return match ? `${match[2]}/${match[1]}` : undefined;
}
