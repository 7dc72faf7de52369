import type { PlacedObject } from '../objects/placed-object';
import type { PlacedOf } from '../objects/kinds';
import { asList } from '../objects/pod-template';
import type { Scope } from '../objects/scope';
import {
  namedReferences,
  referencesOfIngress,
  ROUTER_MIDDLEWARES,
  specsAlong,
  type MiddlewareSpec,
} from './middlewares';

/** One way from outside to one service. */
export interface PublicRoute {
  readonly at: PlacedObject;
  /** Where the service is named. */
  readonly field: string;
  /** What it is called in messages. */
  readonly name: string;
  /** Of an Ingress: the host, and the path below which requests are led here. */
  readonly host?: string;
  readonly path?: string;
  /** The Service behind it; absent where the kind names something else. */
  readonly service?: string;
  /** What a request passes, in order; absent for kinds that know no middleware of HTTP. */
  readonly specs?: readonly MiddlewareSpec[];
  /** Where the middlewares are named. */
  readonly chainField: string;
}

/** Kinds of the Gateway API, whose filters know nothing of Traefik's forwardAuth but by an extension. */
const GATEWAY_API_ROUTES = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'] as const;

/** Every way from outside to a service, whatever kind of object opens it. */
export function publicRoutes(scope: Scope): PublicRoute[] {
  return [
    ...scope.ofKind('Ingress').flatMap((at) => ofIngress(scope, at)),
    ...scope.ofKind('IngressRoute').flatMap((at) => ofIngressRoute(scope, at)),
    ...scope.ofKind('IngressRouteTCP', 'IngressRouteUDP').flatMap((at) => ofPlainRoute(at)),
    ...scope.ofKind(...GATEWAY_API_ROUTES).flatMap((at) => ofGatewayApi(scope, at)),
  ];
}

function ofIngress(scope: Scope, at: PlacedOf<'Ingress'>): PublicRoute[] {
  const specs = specsAlong(scope, referencesOfIngress(at, scope));
  const chainField = `metadata.annotations["${ROUTER_MIDDLEWARES}"]`;
  const rules = asList(at.object.spec?.rules).flatMap((rule, index) =>
    asList(rule.http?.paths).map((path, position) => ({
      at,
      field: `spec.rules[${index}].http.paths[${position}].backend`,
      name: `${rule.host ?? '*'}${path.path ?? '/'}`,
      host: rule.host,
      path: path.path ?? '/',
      service: path.backend?.service?.name,
      specs,
      chainField,
    })),
  );
  const fallback = at.object.spec?.defaultBackend;
  if (!fallback) return rules;
  return [
    ...rules,
    { at, field: 'spec.defaultBackend', name: 'every host', service: fallback.service?.name, specs, chainField },
  ];
}

function ofIngressRoute(scope: Scope, at: PlacedOf<'IngressRoute'>): PublicRoute[] {
  return asList(at.object.spec?.routes).flatMap((route, index) => {
    const chainField = `spec.routes[${index}].middlewares`;
    const specs = specsAlong(scope, namedReferences(route.middlewares, at));
    const base = { at, name: String(route.match ?? 'the route'), specs, chainField };
    const services = asList(route.services);
    if (services.length === 0) return [{ ...base, field: `spec.routes[${index}]` }];
    return services.map(({ name, kind }, position) => ({
      ...base,
      field: `spec.routes[${index}].services[${position}]`,
      service: kind === 'TraefikService' ? undefined : name,
    }));
  });
}

function ofPlainRoute(at: PlacedOf<'IngressRouteTCP' | 'IngressRouteUDP'>): PublicRoute[] {
  return asList(at.object.spec?.routes).flatMap((route, index) =>
    asList(route.services).map((_, position) => ({
      at,
      field: `spec.routes[${index}].services[${position}]`,
      name: `${at.object.kind} ${at.object.metadata.name}`,
      chainField: `spec.routes[${index}]`,
    })),
  );
}

function ofGatewayApi(scope: Scope, at: PlacedOf<(typeof GATEWAY_API_ROUTES)[number]>): PublicRoute[] {
  const isHttp = at.object.kind === 'HTTPRoute';
  return asList(at.object.spec?.rules).map((rule, index) => {
    const filters = asList(rule.filters).map(({ extensionRef }) => ({ ...extensionRef }));
    const chainField = `spec.rules[${index}].filters`;
    return {
      at,
      field: `spec.rules[${index}].backendRefs`,
      name: `${at.object.kind} ${at.object.metadata.name}`,
      service: asList(rule.backendRefs)[0]?.name,
      specs: isHttp ? specsAlong(scope, namedReferences(filters, at)) : undefined,
      chainField,
    };
  });
}
