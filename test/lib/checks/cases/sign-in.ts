import type { Loose } from '../../../fixtures/loose';
import { find, type SoundPlatform } from '../sound-platform';
import { type Case } from './case';

const CHAIN = 'traefik.ingress.kubernetes.io/router.middlewares';
const ENTRY = 'traefik.ingress.kubernetes.io/router.entrypoints';
const annotations = (p: SoundPlatform, ingress: string) => find(p, `Ingress/${ingress}`).metadata.annotations;

function route(kind: string, spec: object, apiVersion = 'traefik.io/v1alpha1') {
  return (p: SoundPlatform): Loose =>
    p.files[2]!.objects.push({ apiVersion, kind, metadata: { name: 'side-door', namespace: 'shop' }, spec });
}

export const signInCases: readonly Case[] = [
  {
    rule: 'public-routes-ask-for-sign-in',
    when: 'an ingress names no middleware',
    breakIt: (p) => delete annotations(p, 'pages')[CHAIN],
    object: 'Ingress/pages',
    field: 'spec.rules[0].http.paths[0].backend',
    message: /shop\.example\.com\/ reaches web without forwardAuth/,
  },
  {
    rule: 'public-routes-ask-for-sign-in',
    when: 'the chain has everything but forwardAuth',
    breakIt: (p) => (annotations(p, 'api')[CHAIN] = 'shop-cors@kubernetescrd'),
    object: 'Ingress/api',
    message: /without forwardAuth/,
  },
  {
    rule: 'public-routes-ask-for-sign-in',
    when: 'an IngressRoute is added beside the ingresses',
    breakIt: route('IngressRoute', {
      entryPoints: ['websecure'],
      routes: [{ kind: 'Rule', match: 'Host(`x.example.com`)', services: [{ name: 'web', port: 80 }] }],
      tls: {},
    }),
    object: 'IngressRoute/side-door',
    field: 'spec.routes[0].services[0]',
    message: /reaches web without forwardAuth/,
  },
  {
    rule: 'public-routes-ask-for-sign-in',
    when: 'a route of plain TCP is added',
    breakIt: route('IngressRouteTCP', {
      entryPoints: ['websecure'],
      routes: [{ match: 'HostSNI(`*`)', services: [{ name: 'database', port: 5432 }] }],
      tls: { passthrough: true },
    }),
    object: 'IngressRouteTCP/side-door',
    message: /cannot ask for sign-in/,
  },
  {
    rule: 'public-routes-ask-for-sign-in',
    when: 'a route of the Gateway API is added',
    breakIt: route(
      'HTTPRoute',
      { hostnames: ['x.example.com'], rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] },
      'gateway.networking.k8s.io/v1',
    ),
    object: 'HTTPRoute/side-door',
    message: /reaches web without forwardAuth/,
  },
  {
    rule: 'public-routes-ask-for-sign-in',
    when: 'an ingress has a default back end',
    breakIt: (p) => {
      delete annotations(p, 'pages')[CHAIN];
      find(p, 'Ingress/pages').spec.defaultBackend = { service: { name: 'web', port: { number: 80 } } };
    },
    object: 'Ingress/pages',
    field: 'spec.defaultBackend',
    message: /every host reaches web/,
  },
  {
    rule: 'sign-in-is-not-behind-itself',
    when: 'the authority is asked before its own pages',
    breakIt: (p) => {
      find(p, 'Ingress/pages').spec.rules[0].http.paths[0].backend.service = {
        name: 'gatekeeper',
        port: { number: 4180 },
      };
    },
    object: 'Ingress/pages',
    field: `metadata.annotations["${CHAIN}"]`,
    message: /leads to gatekeeper, which decides about sign-in/,
  },
  {
    rule: 'forward-auth-asks-for-a-session',
    when: 'a page is asked that answers 200 to everybody',
    breakIt: (p) => (find(p, 'Middleware/ask').spec.forwardAuth.address = 'http://gatekeeper.shop.svc:4180/ping'),
    object: 'Middleware/ask',
    field: 'spec.forwardAuth.address',
    message: /not the page that answers 401/,
  },
  {
    rule: 'forward-auth-asks-for-a-session',
    when: 'the cookie is kept from the authority',
    breakIt: (p) => (find(p, 'Middleware/ask').spec.forwardAuth.authRequestHeaders = ['Accept']),
    object: 'Middleware/ask',
    field: 'spec.forwardAuth.authRequestHeaders',
    message: /nobody has a session/,
  },
  {
    rule: 'forward-auth-asks-for-a-session',
    when: 'forwarded headers of clients are believed',
    breakIt: (p) => (find(p, 'Middleware/ask').spec.forwardAuth.trustForwardHeader = true),
    object: 'Middleware/ask',
    field: 'spec.forwardAuth.trustForwardHeader',
    message: /is believed/,
  },
  {
    rule: 'routes-use-the-gateway',
    when: 'the class is another',
    breakIt: (p) => (find(p, 'Ingress/api').spec.ingressClassName = 'nginx'),
    object: 'Ingress/api',
    field: 'spec.ingressClassName',
    message: /the ingress class is nginx/,
  },
  {
    rule: 'routes-use-the-gateway',
    when: 'the entry point is that of plain HTTP',
    breakIt: (p) => (annotations(p, 'api')[ENTRY] = 'web'),
    object: 'Ingress/api',
    field: `metadata.annotations["${ENTRY}"]`,
    message: /the entry point is web/,
  },
  {
    rule: 'routes-use-the-gateway',
    when: 'an annotation is misspelt',
    breakIt: (p) => (annotations(p, 'api')['traefik.ingress.kubernetes.io/router.middleware'] = 'x'),
    object: 'Ingress/api',
    message: /no use for this annotation/,
  },
  {
    rule: 'routes-use-the-gateway',
    when: 'a host has no TLS',
    breakIt: (p) => (find(p, 'Ingress/api').spec.tls[0].hosts = ['other.example.com']),
    object: 'Ingress/api',
    field: 'spec.tls',
    message: /api\.shop\.example\.com of spec\.rules\[0\] has no TLS/,
  },
];
