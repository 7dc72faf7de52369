import { HelmChartConfig } from '../imports/helm.cattle.io';
import { FORWARDER, ForwardAuth } from '../lib/constructs/gateway/forward-auth';
import { Middleware, middlewareReference, type MiddlewareReference } from '../lib/constructs/gateway/middleware';
import { PublicIngress } from '../lib/constructs/gateway/public-ingress';
import { djangoApi } from './django-api';
import { traefik } from './external';
import { frontEnd } from './front-end';
import { oauth2Proxy, SESSION_COOKIE } from './oauth2-proxy';
import { AhuoraComponent, type Platform } from './platform';
import { traefikValues } from './traefik-values';

/** What browsers may send to the API from the front end's pages. */
const API_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const API_HEADERS = ['Accept', 'Authorization', 'Content-Type', 'X-CSRFToken', 'X-Requested-With'];

/** Lets only signed-in users pass and answers others with a plain 401: for hosts that a component publishes itself. */
export function signedInOnly({ settings }: Platform): MiddlewareReference {
  return middlewareReference(settings.namespace, FORWARDER);
}

/**
 * The way in: three ingresses with their middlewares in order, and the settings of K3s' own Traefik. The fourth
 * middleware, `secure-headers`, belongs to the entry point, so that it also guards routes of software that isn't ours.
 */
export class Gateway extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'gateway', 'gateway');
    const { hosts } = platform.settings;
    const secureHeaders = new Middleware(this, 'secure-headers', {
      headers: {
        // Who somebody is, is said by OAuth2 Proxy alone: whatever a client says of it is removed before any route.
        customRequestHeaders: Object.fromEntries(IDENTITY_HEADERS.map((header) => [header, ''])),
        stsSeconds: 31_536_000,
        contentTypeNosniff: true,
        frameDeny: true,
        referrerPolicy: 'strict-origin-when-cross-origin',
        // What no page here needs. Where scripts come from and whom they call is known to the front end's build alone, and
        // a form-action would stop the sign-in page, whose form is redirected to the provider.
        contentSecurityPolicy: "base-uri 'self'; object-src 'none'; frame-ancestors 'none'",
        permissionsPolicy: 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
      },
    });
    const { signIn, forwarder } = new ForwardAuth(this, {
      signInName: 'oauth-signin',
      authority: oauth2Proxy,
      sessionCookie: SESSION_COOKIE,
    });
    const cors = new Middleware(this, 'django-cors', {
      headers: {
        accessControlAllowMethods: API_METHODS,
        accessControlAllowHeaders: API_HEADERS,
        accessControlAllowCredentials: true,
        accessControlAllowOriginList: [`https://${hosts.frontEnd}`],
        accessControlMaxAge: 600,
        addVaryHeader: true,
      },
    });
    // Sign-in surrounds the forwarder, or it would never see its 401.
    new PublicIngress(this, 'front-end', {
      routes: [{ host: hosts.frontEnd, to: frontEnd }],
      middlewares: [signIn, forwarder],
      controller: traefik,
    });
    // CORS comes first: a preflight carries no cookie and must be answered before anybody asks for one.
    new PublicIngress(this, 'api', {
      routes: [{ host: hosts.api, to: djangoApi }],
      middlewares: [cors, forwarder],
      controller: traefik,
    });
    // The sign-in page is shown on the front end's own address, so its links lead below /oauth2 there.
    new PublicIngress(this, 'auth', {
      routes: [
        { host: hosts.auth, to: oauth2Proxy },
        { host: hosts.frontEnd, path: '/oauth2', to: oauth2Proxy },
      ],
      leadsToAuthority: true,
      controller: traefik,
    });
    new HelmChartConfig(this, 'traefik', {
      metadata: this.objectMetadata('traefik', { namespace: 'kube-system' }),
      spec: { valuesContent: traefikValues(platform.settings, secureHeaders.reference) },
    });
  }
}

const IDENTITY_HEADERS = [
  'X-Auth-Request-User',
  'X-Auth-Request-Email',
  'X-Auth-Request-Groups',
  'X-Auth-Request-Preferred-Username',
  'X-Auth-Request-Access-Token',
  'X-Auth-Request-Redirect',
  'X-Forwarded-User',
  'X-Forwarded-Email',
  'X-Forwarded-Groups',
  'X-Forwarded-Preferred-Username',
];
