import { App } from 'cdk8s';
import { CallersOfOthers } from '../../../../lib/constructs/network/callers-of-others';
import { podsElsewhere, serviceEndpoint, tcp } from '../../../../lib/constructs/network/endpoint';
import { Component } from '../../../../lib/constructs/component';
import { bindLate } from '../../../../lib/constructs/late-bound';

const controller = podsElsewhere('controller', 'system', { app: 'controller' }, tcp(8443));
const figures = podsElsewhere('figures', 'system', { app: 'controller' }, tcp(9100));

test('pods of others are opened to whom it is declared for, by their namespace, and to the listed ones; nothing else is said', () => {
  const app = new App();
  const network = new Component(app, 'network', { namespace: 'shop', partOf: 'shop', syncWave: 0 });
  const from = (name: string) => ({ name, namespace: 'shop', pods: { app: name } });
  const lan = { name: 'lan', addresses: { include: ['192.0.2.0/24'] } };
  new CallersOfOthers(network, {
    guarded: [{ endpoint: controller, others: [{ from: lan, ports: tcp(8000) }] }],
    connections: () => [
      { from: from('tunnel'), to: controller },
      // Other ports of the same pods.
      { from: from('metrics'), to: figures },
      { from: from('tunnel'), to: serviceEndpoint('web', 80) },
    ],
  });
  bindLate(app);
  const policies = network.toJson() as { metadata: object; spec: object }[];
  const pods = (name: string) => ({
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } },
    podSelector: { matchLabels: { app: name } },
  });
  const port = (number: number) => [{ port: number, protocol: 'TCP' }];
  expect(policies).toEqual([
    expect.objectContaining({
      metadata: expect.objectContaining({ name: 'controller-callers', namespace: 'system' }),
      spec: {
        podSelector: { matchLabels: { app: 'controller' } },
        policyTypes: ['Ingress'],
        ingress: [
          { from: [pods('tunnel')], ports: port(8443) },
          { from: [pods('metrics')], ports: port(9100) },
          { from: [{ ipBlock: { cidr: '192.0.2.0/24' } }], ports: port(8000) },
        ],
      },
    }),
  ]);
});
