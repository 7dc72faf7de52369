import { MiddlewareSpecErrorsServicePort } from '../../../imports/traefik.io';
import type { Component } from '../component';
import type { ServiceEndpoint } from '../network/endpoint';
import { Middleware } from './middleware';

/** Usual name of the middleware that asks; ingresses name it unless they are told otherwise. */
export const FORWARDER = 'oauth-forwarder';

/** Who decides whether a request may pass. */
export interface ForwardAuthProps {
  /** Name of the middleware that asks. @default {@link FORWARDER} */
  readonly forwarderName?: string;
  /** Name of the middleware that shows the sign-in page. */
  readonly signInName: string;
  /** OAuth2 Proxy. */
  readonly authority: ServiceEndpoint;
  /** Path prefix of its own pages. @default /oauth2 */
  readonly prefix?: string;
  /** Name of its session cookie, which it renews on the answer. */
  readonly sessionCookie: string;
}

/**
 * Authentication by OAuth2 Proxy as two middlewares. `forwarder` asks for each request and passes its 401 on as it is;
 * `signIn`, put before it, replaces that 401 by the sign-in page. Front ends want both, APIs only the forwarder.
 * https://oauth2-proxy.github.io/oauth2-proxy/configuration/integration
 */
export class ForwardAuth {
  readonly forwarder: Middleware;
  readonly signIn: Middleware;

  constructor(component: Component, props: ForwardAuthProps) {
    const { authority, prefix = '/oauth2', sessionCookie } = props;
    const origin = `http://${authority.host}.${component.componentNamespace}.svc.cluster.local:${authority.port}`;
    this.signIn = new Middleware(component, props.signInName, {
      errors: {
        status: ['401'],
        service: { name: authority.host, port: MiddlewareSpecErrorsServicePort.fromNumber(authority.port) },
        query: `${prefix}/sign_in?rd={url}`,
      },
    });
    this.forwarder = new Middleware(component, props.forwarderName ?? FORWARDER, {
      forwardAuth: {
        address: `${origin}${prefix}/auth`,
        // Traefik removes every request header that matches before it sets those of the answer: none can be forged.
        authResponseHeadersRegex: '^X-Auth-Request-',
        addAuthCookiesToResponse: [sessionCookie],
      },
    });
  }
}
