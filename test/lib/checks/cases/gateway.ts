import { type Case } from './case';
import { find, type SoundPlatform } from '../sound-platform';

export const gatewayCases: readonly Case[] = [
  {
    rule: 'cors-names-its-origins',
    when: 'every page may read answers with the cookies of whoever opens it',
    breakIt: (p) =>
      Object.assign(find(p, 'Middleware/cors').spec.headers, {
        accessControlAllowCredentials: true,
        accessControlAllowOriginList: ['https://shop.example.com', '*'],
      }),
    object: 'Middleware/cors',
    field: 'spec.headers.accessControlAllowOriginList[1]',
    message: /"\*" stands for every origin/,
  },
  {
    rule: 'sign-in-page-wraps-authentication',
    when: 'errors comes after forwardAuth',
    breakIt: (p) => setChain(p, 'pages', 'shop-ask@kubernetescrd,shop-sign-in@kubernetescrd'),
    object: 'Ingress/pages',
    field: 'metadata.annotations["traefik.ingress.kubernetes.io/router.middlewares"]',
    message: /the errors middleware comes after forwardAuth/,
  },
  {
    rule: 'cors-answers-before-authentication',
    when: 'CORS comes after forwardAuth',
    breakIt: (p) => setChain(p, 'api', 'shop-ask@kubernetescrd,shop-cors@kubernetescrd'),
    object: 'Ingress/api',
    field: 'metadata.annotations["traefik.ingress.kubernetes.io/router.middlewares"]',
    message: /the CORS middleware comes after forwardAuth/,
  },
  {
    rule: 'cors-answers-before-authentication',
    when: 'the wrong order is inside a chain middleware',
    breakIt: chainInWrongOrder,
    object: 'Ingress/api',
    message: /the CORS middleware comes after forwardAuth/,
  },
  {
    rule: 'middlewares-exist',
    when: 'a middleware is misspelt',
    breakIt: (p) => setChain(p, 'api', 'shop-cors@kubernetescrd,shop-asks@kubernetescrd'),
    object: 'Ingress/api',
    message: /no middleware shop-asks@kubernetescrd/,
  },
  {
    rule: 'middlewares-exist',
    when: 'the provider suffix is missing',
    breakIt: (p) => setChain(p, 'api', 'shop-cors,shop-ask@kubernetescrd'),
    object: 'Ingress/api',
    message: /no middleware shop-cors/,
  },
  {
    rule: 'middlewares-exist',
    when: 'names are joined by a dash and Traefik is told to use safe naming',
    breakIt: (p) => p.files[2]!.objects.push(safeNaming()),
    object: 'Ingress/api',
    message: /no middleware shop-cors@kubernetescrd/,
  },
  {
    rule: 'hosts-are-unique',
    when: 'two ingresses have one host',
    breakIt: (p) => (find(p, 'Ingress/api').spec.rules[0].host = 'shop.example.com'),
    object: 'Ingress/api',
    field: 'spec.rules[0].host',
    message: /belongs to Ingress\/pages in platform\/gateway\.yaml already/,
  },
  {
    rule: 'ingresses-name-a-host',
    when: 'a rule is for every host',
    breakIt: (p) => delete find(p, 'Ingress/api').spec.rules[0].host,
    object: 'Ingress/api',
    field: 'spec.rules[0].host',
    message: /names no host/,
  },
];

function setChain(platform: SoundPlatform, ingress: string, chain: string): void {
  find(platform, `Ingress/${ingress}`).metadata.annotations['traefik.ingress.kubernetes.io/router.middlewares'] = chain;
}

function chainInWrongOrder(platform: SoundPlatform): void {
  const spec = { chain: { middlewares: [{ name: 'ask' }, { name: 'cors' }] } };
  platform.files[2]!.objects.push({
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'Middleware',
    metadata: { name: 'all', namespace: 'shop' },
    spec,
  });
  setChain(platform, 'api', 'shop-all@kubernetescrd');
}

function safeNaming(): object {
  const valuesContent = 'additionalArguments:\n  - --providers.kubernetescrd.safenaming=true\n';
  return {
    apiVersion: 'helm.cattle.io/v1',
    kind: 'HelmChartConfig',
    metadata: { name: 'traefik', namespace: 'kube-system' },
    spec: { valuesContent },
  };
}
