import { internet, podsElsewhere, serviceEndpoint, tcp, udp } from '../../../../lib/constructs/network/endpoint';
import { NetworkPolicies } from '../../../../lib/constructs/network/network-policies';
import { yamlOf } from '../yaml-of';
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
  expect(yamlOf(objects)).toMatchSnapshot();
});

it('who calls nobody may not even ask for names', () => {
  const objects = policies((component) =>
    component.connects([serviceEndpoint('store', 5432)], serviceEndpoint('shop', 1).peer),
  );
  const store = objects.find(({ metadata }) => metadata.name === 'store')!;
  expect(store.spec).not.toHaveProperty('egress');
  expect(store.spec.policyTypes).toContain('Egress');
});
