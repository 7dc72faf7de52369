import { ForwardAuth } from '../../../../lib/constructs/gateway/forward-auth';
import { Middleware } from '../../../../lib/constructs/gateway/middleware';
import { PublicIngress, type PublicIngressProps } from '../../../../lib/constructs/gateway/public-ingress';
import { podsElsewhere, serviceEndpoint, tcp } from '../../../../lib/constructs/network/endpoint';
import { only, sampleComponent } from '../sample';

const controller = podsElsewhere('traefik', 'kube-system', { app: 'traefik' }, tcp(8443));
const shop = serviceEndpoint('shop', 8080);

function ingress(props: Partial<PublicIngressProps>) {
  const component = sampleComponent('gateway');
  new PublicIngress(component, 'shop', { routes: [{ host: 'shop.example.org', to: shop }], controller, ...props });
  return component;
}

it('keeps the order of the middlewares, and has one rule for each host with all its paths', () => {
  const component = sampleComponent('gateway');
  const { signIn, forwarder } = new ForwardAuth(component, {
    signInName: 'sign-in',
    forwarderName: 'forwarder',
    authority: serviceEndpoint('proxy', 4180),
    prefix: '/auth',
    sessionCookie: 'session',
  });
  const headers = new Middleware(component, 'headers', { headers: { frameDeny: true } });
  new PublicIngress(component, 'shop', {
    routes: [
      { host: 'shop.example.org', to: shop },
      { host: 'shop.example.org', path: '/api', to: serviceEndpoint('api', 8000) },
      { host: 'office.example.org', to: shop },
    ],
    middlewares: [headers, signIn, forwarder],
    controller,
  });
  const { metadata, spec } = only(component, 'Ingress');
  expect(metadata.annotations?.['traefik.ingress.kubernetes.io/router.middlewares']).toBe(
    'space_headers@kubernetescrd,space_sign-in@kubernetescrd,space_forwarder@kubernetescrd',
  );
  const backend = (name: string, number: number) => ({ service: { name, port: { number } } });
  const shopAtRoot = { path: '/', pathType: 'Prefix', backend: backend('shop', 8080) };
  expect(spec.rules).toEqual([
    {
      host: 'shop.example.org',
      http: { paths: [shopAtRoot, { path: '/api', pathType: 'Prefix', backend: backend('api', 8000) }] },
    },
    { host: 'office.example.org', http: { paths: [shopAtRoot] } },
  ]);
  expect(spec.tls).toEqual([{ hosts: ['shop.example.org', 'office.example.org'] }]);
  expect(component.edges).toEqual([
    { from: 'traefik', to: 'shop', port: 8080, protocol: 'TCP' },
    { from: 'traefik', to: 'api', port: 8000, protocol: 'TCP' },
  ]);
});

it('without arguments asks for sign-in, on the TLS entry point', () => {
  const { metadata, spec } = only(ingress({}), 'Ingress');
  expect(metadata.annotations).toEqual({
    'argocd.argoproj.io/sync-wave': '3',
    'traefik.ingress.kubernetes.io/router.entrypoints': 'websecure',
    'traefik.ingress.kubernetes.io/router.middlewares': 'space_oauth-forwarder@kubernetescrd',
  });
  expect(spec.tls).toEqual([{ hosts: ['shop.example.org'] }]);
});

it.each([
  [[], 'ingress shop: it has no route; name at least one host and its service.'],
  [
    [{ host: 'https://shop.example.org/', to: shop }],
    'ingress shop: "https://shop.example.org/" is not a host name; write it as in api.example.org, without scheme or path.',
  ],
])('refuses routes %j', (routes, sentence) => {
  expect(() => ingress({ routes })).toThrow(new Error(sentence));
});
