import { Middleware as TraefikMiddleware, type MiddlewareSpec } from '../../imports/traefik.io';
import type { Component } from '../component';

/** A Traefik middleware that ingresses can put into their chain. */
export class Middleware extends TraefikMiddleware {
  /**
   * The name by which Traefik's annotations refer to it, under the provider's option `safeNaming`: namespace and name are joined by
   * an underscore, which neither can contain, so that no middleware of another namespace can have the same.
   */
  readonly reference: string;

  constructor(component: Component, name: string, spec: MiddlewareSpec) {
    super(component, name, { metadata: component.objectMetadata(name), spec });
    this.reference = `${component.componentNamespace}_${name}@kubernetescrd`;
  }
}
