import { k8s } from '../typed-kinds';
import type { Component } from '../component';
import type { Endpoint, ServiceEndpoint } from '../network/endpoint';
import { FORWARDER } from './forward-auth';
import { middlewareReference, type MiddlewareReference } from './middleware';

/** Requests of one host, below one path, go to one service. */
export interface Route {
  /** Public name, such as `api.example.org`. */
  readonly host: string;
  /** @default / */
  readonly path?: string;
  /** What answers. */
  readonly to: ServiceEndpoint;
}

/** An entry from outside. */
export interface PublicIngressProps {
  /** Hosts and paths, each with the endpoint that answers. */
  readonly routes: readonly Route[];
  /**
   * In the order in which a request passes them.
   *
   * @default the forwarder of {@link ForwardAuth} in the same namespace: only who is signed in may pass
   */
  readonly middlewares?: readonly MiddlewareReference[];
  /** The routes lead to the authority that decides about sign-in, which must not ask itself. @default false */
  readonly leadsToAuthority?: boolean;
  /** The ingress controller's pods, which open the connections to the services. */
  readonly controller: Endpoint;
}

/**
 * An Ingress for Traefik on its TLS entry point, behind sign-in unless it is told otherwise. The certificate is the controller's own (self-signed): the trusted one
 * is presented outside, by the tunnel's operator.
 *
 * @throws Error when there is no route or a host is not a DNS name.
 */
export class PublicIngress {
  readonly ingress: k8s.KubeIngress;

  constructor(component: Component, name: string, props: PublicIngressProps) {
    const { routes, controller } = props;
    const middlewares = props.middlewares ?? (props.leadsToAuthority ? [] : [defaultForwarder(component)]);
    refuseBadHosts(name, routes);
    this.ingress = new k8s.KubeIngress(component, `${name}-ingress`, {
      metadata: component.objectMetadata(name, {
        annotations: {
          'traefik.ingress.kubernetes.io/router.entrypoints': 'websecure',
          ...(middlewares.length > 0 ? { [CHAIN]: middlewares.map(({ reference }) => reference).join(',') } : {}),
        },
      }),
      spec: {
        ingressClassName: 'traefik',
        rules: hostsOf(routes).map((host) => ({ host, http: { paths: pathsOf(host, routes) } })),
        tls: [{ hosts: hostsOf(routes) }],
      },
    });
    for (const service of new Set(routes.map(({ to }) => to))) component.connects([service], controller.peer);
  }
}

const CHAIN = 'traefik.ingress.kubernetes.io/router.middlewares';
const DNS_NAME = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z]{2,}$/;

function defaultForwarder(component: Component): MiddlewareReference {
  return middlewareReference(component.componentNamespace, FORWARDER);
}

function hostsOf(routes: readonly Route[]): string[] {
  return [...new Set(routes.map(({ host }) => host))];
}

function pathsOf(host: string, routes: readonly Route[]): k8s.HttpIngressPath[] {
  return routes
    .filter((route) => route.host === host)
    .map(({ path, to }) => ({
      path: path ?? '/',
      pathType: 'Prefix',
      backend: { service: { name: to.host, port: { number: to.port } } },
    }));
}

function refuseBadHosts(name: string, routes: readonly Route[]): void {
  if (routes.length === 0) throw new Error(`ingress ${name}: it has no route; name at least one host and its service.`);
  for (const { host } of routes) {
    if (!DNS_NAME.test(host)) {
      throw new Error(
        `ingress ${name}: "${host}" is not a host name; write it as in api.example.org, without scheme or path.`,
      );
    }
  }
}
