import { Middleware as TraefikMiddleware, type MiddlewareSpec } from '../../../imports/traefik.io';
import type { Component } from '../component';

/** A middleware as an ingress names it. */
export interface MiddlewareReference {
  /** As an annotation of Traefik names it: `<namespace>-<name>@kubernetescrd`. */
  readonly reference: string;
}

/**
 * How Traefik's annotations refer to a middleware under the provider's option `safeNaming`: namespace and name are joined by
 * an underscore, which neither can contain, so that no middleware of another namespace can have the same name.
 */
export function middlewareReference(namespace: string, name: string): MiddlewareReference {
  return { reference: `${namespace}_${name}@kubernetescrd` };
}

/** A Traefik middleware that ingresses can put into their chain. */
export class Middleware extends TraefikMiddleware implements MiddlewareReference {
  readonly reference: string;

  constructor(component: Component, name: string, spec: MiddlewareSpec) {
    super(component, name, { metadata: component.objectMetadata(name), spec });
    this.reference = middlewareReference(component.componentNamespace, name).reference;
  }
}
