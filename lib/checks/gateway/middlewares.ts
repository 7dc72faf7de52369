import { asList } from '../objects/pod-template';
import type { PlacedObject } from '../objects/placed-object';
import type { PlacedOf } from '../objects/kinds';
import type * as Traefik from '../../../imports/traefik.io';
import type { Written } from '../../kubernetes/kinds/written';
import type { Scope } from '../objects/scope';

/** The annotation by which an Ingress names its middlewares. */
export const ROUTER_MIDDLEWARES = 'traefik.ingress.kubernetes.io/router.middlewares';

/** A chain of middlewares as one route names it. */
export interface MiddlewareChain {
  readonly at: PlacedObject;
  readonly field: string;
  /** In the order in which a request passes them. */
  readonly references: readonly NamedMiddleware[];
}

/** A middleware as it is named; without namespace and name when the text has not the form that Traefik reads. */
export interface NamedMiddleware {
  readonly text: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** Every chain of middlewares: of Ingresses, of routes of IngressRoutes, and of chain middlewares. */
export function* chainsIn(scope: Scope): Iterable<MiddlewareChain> {
  for (const at of scope.ofKind('Ingress')) {
    const references = referencesOfIngress(at, scope);
    if (references.length === 0) continue;
    yield { at, field: `metadata.annotations["${ROUTER_MIDDLEWARES}"]`, references };
  }
  for (const at of scope.ofKind('IngressRoute')) {
    for (const [index, route] of asList(at.object.spec?.routes).entries()) {
      yield { at, field: `spec.routes[${index}].middlewares`, references: namedReferences(route.middlewares, at) };
    }
  }
  for (const at of scope.ofKind('Middleware')) {
    if (!at.object.spec?.chain) continue;
    const references = namedReferences(at.object.spec.chain.middlewares, at);
    yield { at, field: 'spec.chain.middlewares', references };
  }
}

/** The middlewares that an Ingress names, in the order in which a request passes them. */
export function referencesOfIngress(at: PlacedObject, scope: Scope): NamedMiddleware[] {
  const text = at.object.metadata.annotations?.[ROUTER_MIDDLEWARES];
  return text ? text.split(',').map((part) => parseReference(part.trim(), scope)) : [];
}

/** What a middleware does, by the name of the option that says it. */
export type MiddlewareSpec = Written<Traefik.MiddlewareSpec>;

/** Specs in the order in which a request passes them, chains within chains spelled out. */
export function specsAlong(
  scope: Scope,
  references: readonly NamedMiddleware[],
  seen: ReadonlySet<PlacedObject> = new Set(),
): MiddlewareSpec[] {
  return references.flatMap((reference) => {
    const at = resolveMiddleware(scope, reference);
    if (!at || seen.has(at)) return [];
    const { chain } = at.object.spec ?? {};
    return chain
      ? specsAlong(scope, namedReferences(chain.middlewares, at), new Set([...seen, at]))
      : [at.object.spec ?? {}];
  });
}

/** References by name and namespace; the namespace of the object that names them is meant when none is given. */
export function namedReferences(
  list: readonly { readonly name?: string; readonly namespace?: string }[] | undefined,
  at: PlacedObject,
): NamedMiddleware[] {
  return asList(list).map(({ name, namespace }) => ({
    text: String(name),
    namespace: namespace ?? at.namespace,
    name,
  }));
}

/** The middleware a reference means, if it is among the objects. */
export function resolveMiddleware(
  scope: Scope,
  { namespace, name }: NamedMiddleware,
): PlacedOf<'Middleware'> | undefined {
  if (namespace === undefined || name === undefined) return undefined;
  return scope.find('Middleware', namespace, name);
}

/**
 * The form is `<namespace>_<name>@kubernetescrd` under Traefik's option `safeNaming`, and `<namespace>-<name>@kubernetescrd`
 * without it; there both may contain dashes, so the split that exists is meant.
 */
function parseReference(text: string, scope: Scope): NamedMiddleware {
  const joined = /^([a-z0-9_-]+)@kubernetescrd$/.exec(text)?.[1];
  if (!joined) return { text };
  const splits = [...joined.matchAll(separatorIn(scope))].map(({ index }) => ({
    text,
    namespace: joined.slice(0, index),
    name: joined.slice(index + 1),
  }));
  return splits.find((split) => resolveMiddleware(scope, split)) ?? { text };
}

/** What joins namespace and name, by the settings of Traefik where they are among the objects; else both are read. */
function separatorIn(scope: Scope): RegExp {
  const values = scope.ofKind('HelmChartConfig', 'HelmChart').map((at) => String(at.object.spec?.valuesContent ?? ''));
  const option = values.map((text) => /kubernetescrd\.safenaming(?:=|:\s*)(true|false)/i.exec(text)?.[1]).find(Boolean);
  return option === 'true' ? /_/g : option === 'false' ? /-/g : /[-_]/g;
}
