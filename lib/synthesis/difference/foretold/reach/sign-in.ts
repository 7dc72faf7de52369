import { isKind } from '../../../../checks/objects/kinds';
import { asTexts, podSpecOf } from '../../../../checks/objects/pod-template';
import { placeObjects, publicRoutes, Scope, type PublicRoute } from '../../../../checks';
import type { KubernetesObject, RenderedFile } from '../../../../kubernetes/object';
import type { Effected, ObjectPair } from '../consequence';

/** An effect with the object that it is about. */
export interface RouteEffect extends Effected {
  /** File that the object is in. */
  readonly file: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** Options of Traefik's middlewares that ask who is there. */
const ASKS_WHO = ['forwardAuth', 'basicAuth', 'digestAuth'] as const;

/**
 * Routes from outside that are new, are gone, or ask for sign-in no longer. All objects of both sides are looked at, because a
 * route loses its sign-in by its own chain, by a chain that it names, or by the middleware at its end.
 */
export function routeEffects(before: readonly RenderedFile[], after: readonly RenderedFile[]): RouteEffect[] {
  const old = new Map<string, PublicRoute>();
  for (const route of publicRoutes(new Scope(placeObjects(before)))) old.set(route.name, route);
  const scope = new Scope(placeObjects(after));
  const fresh = publicRoutes(scope);
  const names = new Set(fresh.map(({ name }) => name));
  const gone = [...old.values()].filter(
    // Of an object that goes as a whole, its removal tells.
    ({ name, at }) => !names.has(name) && scope.find(at.object.kind, at.namespace, at.object.metadata.name),
  );
  return [
    ...fresh.flatMap((route) => effectsOf(old.get(route.name), route).map((effect) => placed(effect, route))),
    ...gone.map((route) => placed({ effect: 'stops', field: '', sentence: `${route.name} answers 404 from now on` }, route)),
  ];
} // prettier-ignore

function placed(effect: Effected, { at }: PublicRoute): RouteEffect {
  const { kind, metadata } = at.object;
  return { ...effect, file: at.file.path, kind, name: metadata.name, namespace: at.namespace };
}

function effectsOf(was: PublicRoute | undefined, is: PublicRoute): Effected[] {
  const target = is.service ?? 'what is behind it';
  const guards = guardsOf(is);
  if (!was) {
    const how = guards.length > 0 ? 'behind sign-in' : 'to everybody, without sign-in';
    return [{ effect: 'way-in', field: is.field, sentence: `${is.name} opens ${target} to the internet, ${how}` }];
  }
  const lost = guardsOf(was).filter((guard) => !guards.includes(guard));
  if (guards.length === 0 && lost.length > 0) {
    const sentence = `${is.name} no longer asks for sign-in: everybody on the internet reaches ${target}`;
    return [{ effect: 'sign-in', field: is.chainField, sentence }];
  }
  if (lost.length > 0) {
    const sentence = `${is.name} asks another authority for sign-in: ${guards.join(', ')} instead of ${lost.join(', ')}`;
    return [{ effect: 'sign-in', field: is.chainField, sentence }];
  }
  const found: Effected[] = [];
  if (lists(was).length > lists(is).length) {
    const sentence = `${is.name} no longer asks where a request comes from`;
    found.push({ effect: 'way-in', field: is.chainField, sentence });
  }
  const origins = originsOf(is).filter((one) => !originsOf(was).includes(one));
  if (origins.length > 0) {
    const sentence = `${is.name} lets pages of ${origins.join(', ')} call it with the session of whoever is signed in`;
    found.push({ effect: 'way-in', field: is.chainField, sentence });
  }
  if (believes(is) && !believes(was)) {
    const sentence = `${is.name} believes what a request says of where it comes from (trustForwardHeader)`;
    found.push({ effect: 'way-in', field: is.chainField, sentence });
  }
  const [before, after] = [was, is].map(entryPointsOf) as [string, string];
  if (before !== after) {
    const sentence = `${is.name} is served on ${after}, instead of ${before}`;
    found.push({ effect: 'way-in', field: 'metadata.annotations', sentence });
  }
  if (isReordered(was, is)) {
    const sentence = `requests of ${is.name} pass its middlewares in another order, and the order decides what they do`;
    found.push({ effect: 'stops', field: is.chainField, sentence });
  }
  if (was.service !== is.service) {
    const sentence = `${is.name} leads to ${target} instead of ${was.service ?? 'what was behind it'}`;
    found.push({ effect: 'way-in', field: is.field, sentence });
  }
  return found;
}

/** What along a route asks who is there, with the address that decides. */
function guardsOf({ specs = [] }: PublicRoute): string[] {
  return specs.flatMap((spec) =>
    ASKS_WHO.flatMap((option) => {
      const settings: { address?: unknown; secret?: unknown } | undefined = spec[option];
      return settings === undefined ? [] : [`${option} ${String(settings.address ?? settings.secret ?? '')}`.trim()];
    }),
  );
}

function lists({ specs = [] }: PublicRoute): unknown[] {
  return specs.flatMap((spec) => spec.ipAllowList ?? spec.ipWhiteList ?? []);
}

/** Foreign pages that a browser lets call a route. */
function originsOf({ specs = [] }: PublicRoute): string[] {
  return specs.flatMap(({ headers }) => [
    ...asTexts(headers?.accessControlAllowOriginList),
    ...asTexts(headers?.accessControlAllowOriginListRegex),
  ]);
}

function believes({ specs = [] }: PublicRoute): boolean {
  return specs.some(({ forwardAuth }) => forwardAuth?.trustForwardHeader === true);
}

const ENTRY_POINTS = 'traefik.ingress.kubernetes.io/router.entrypoints';

function entryPointsOf({ at: { object } }: PublicRoute): string {
  const listed = isKind(object, 'IngressRoute', 'IngressRouteTCP', 'IngressRouteUDP') ? object.spec?.entryPoints : [];
  const named = object.metadata.annotations?.[ENTRY_POINTS]?.split(',') ?? asTexts(listed);
  return named.length === 0 ? 'every entry point' : `the entry point ${[...named].sort().join(' and ')}`;
}

/** The same middlewares, differently arranged. */
function isReordered({ specs: was = [] }: PublicRoute, { specs: is = [] }: PublicRoute): boolean {
  const [before, after] = [was, is].map((specs) => specs.map((one) => JSON.stringify(one))) as [string[], string[]];
  return before.join() !== after.join() && [...before].sort().join() === [...after].sort().join();
}

/**
 * Settings of OAuth2 Proxy that decide who is let in, by the name that they have in its file; variables and arguments have the
 * same in their own spelling: https://oauth2-proxy.github.io/oauth2-proxy/configuration/overview
 */
const WHO_IS_LET_IN =
  /^(email_domains?|authenticated_emails_file|skip_auth_\w+|trusted_ips?|allowed_groups?|allowed_roles?|google_groups?|htpasswd_file|api_routes?|provider|oidc_issuer_url|insecure_oidc_\w+|ssl_insecure_skip_verify)$/;

/** Who may sign in, where it is said by the program that signs people in and not by a route. */
export function signInSettings({ was, is }: ObjectPair): Effected[] {
  if (!was || !is) return [];
  const [before, after] = [deciding(was), deciding(is)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => {
      const [from, to] = [before, after].map((side) => side.get(name) ?? 'unset');
      const field = is.kind === 'ConfigMap' ? 'data' : 'spec.template.spec.containers';
      return { effect: 'sign-in', field, sentence: `others are let in: ${name} goes from ${from} to ${to}` };
    });
}

function deciding(object: KubernetesObject): Map<string, string> {
  const found = new Map<string, string>();
  const add = (name: string, value: string) => {
    const plain = name.toLowerCase().replaceAll('-', '_');
    if (WHO_IS_LET_IN.test(plain)) found.set(plain, value.trim());
  };
  if (isKind(object, 'ConfigMap')) {
    const files = Object.entries(object.data ?? {}).filter(([name]) => /oauth2.*\.(cfg|toml)$/.test(name));
    for (const [, text] of files)
      for (const [, name, value] of text.matchAll(/^\s*(\w+)\s*=\s*(.*)$/gm)) add(name!, value!);
  }
  for (const container of podSpecOf(object)?.containers ?? []) {
    for (const { name, value } of container.env ?? [])
      if (name?.startsWith('OAUTH2_PROXY_')) add(name.slice('OAUTH2_PROXY_'.length), String(value));
    if (!String(container.image).includes('oauth2-proxy')) continue;
    for (const argument of [...asTexts(container.command), ...asTexts(container.args)]) {
      const [, name, value = 'true'] = /^--?([\w-]+)(?:=(.*))?$/.exec(argument) ?? [];
      if (name !== undefined) add(name, value);
    }
  }
  return found;
}
