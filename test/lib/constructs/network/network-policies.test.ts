import type { LooseObject } from '../../../fixtures/loose';
import { internet, podsElsewhere, serviceEndpoint, tcp, udp } from '../../../../lib/constructs/network/endpoint';
import { NetworkPolicies } from '../../../../lib/constructs/network/network-policies';
import { objectsOf, sampleComponent } from '../sample';

const nameServer = podsElsewhere('dns', 'kube-system', { 'k8s-app': 'kube-dns' }, [...udp(53), ...tcp(53)]);
const proxy = podsElsewhere('proxy', 'kube-system', { app: 'proxy' }, tcp(8443));

function policies(declare: (component: ReturnType<typeof sampleComponent>) => void) {
  const component = sampleComponent('network');
  declare(component);
  new NetworkPolicies(component, { connections: () => component.connections, nameServer });
  return objectsOf(component);
}

it('nothing declared means nothing allowed', () => {
  expect(policies(() => undefined).map(({ metadata, spec }) => [metadata.name, spec])).toEqual([
    ['default-deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }],
  ]);
});

it('each declared connection is allowed at both ends, from outside and to outside', () => {
  const peer = (name: string) => serviceEndpoint(name, 1).peer;
  const objects = policies((component) => {
    component.connects([serviceEndpoint('store', 5432)], peer('shop'));
    component.connects([serviceEndpoint('store', 5432)], peer('office'));
    component.connects([serviceEndpoint('shop', 8080)], proxy.peer);
    component.connects([internet('world', tcp(443))], peer('shop'));
  });
  const specs = Object.fromEntries(objects.map(({ metadata, spec }) => [metadata.name, spec]));
  const inNamespace = (app: object) => ({
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
    podSelector: { matchLabels: app },
  });
  const podsOf = (name: string) => ({ podSelector: { matchLabels: { 'app.kubernetes.io/name': name } } });
  const port = (number: number, protocol = 'TCP') => ({ port: number, protocol });
  const names = { to: [inNamespace({ 'k8s-app': 'kube-dns' })], ports: [port(53, 'UDP'), port(53)] };
  const toStore = { to: [podsOf('store')], ports: [port(5432)] };
  const ranges = ['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'];
  const toWorld = { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ranges } }], ports: [port(443)] };
  const both = { policyTypes: ['Ingress', 'Egress'] };
  expect(specs).toEqual({
    'default-deny': { podSelector: {}, ...both },
    office: { ...podsOf('office'), ...both, egress: [names, toStore] },
    shop: {
      ...podsOf('shop'),
      ...both,
      egress: [names, toStore, toWorld],
      ingress: [{ from: [inNamespace({ app: 'proxy' })], ports: [port(8080)] }],
    },
    store: {
      ...podsOf('store'),
      ...both,
      ingress: [{ from: [podsOf('shop'), podsOf('office')], ports: [port(5432)] }],
    },
  });
});

it('who calls nobody may not even ask for names', () => {
  const objects = policies((component) =>
    component.connects([serviceEndpoint('store', 5432)], serviceEndpoint('shop', 1).peer),
  );
  const store: LooseObject = objects.find(({ metadata }) => metadata.name === 'store')!;
  expect(store.spec).not.toHaveProperty('egress');
  expect(store.spec.policyTypes).toContain('Egress');
});
