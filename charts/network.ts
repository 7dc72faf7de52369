import type { App } from 'cdk8s';
import { LOAD_GENERATORS } from '../facts/namespaces';
import { componentsOf, connectionsOf } from '../lib/constructs/model-parts';
import { CallersOfOthers, type GuardedPods } from '../lib/constructs/network/callers-of-others';
import { podsElsewhere, tcp, type Peer } from '../lib/constructs/network/endpoint';
import { NetworkPolicies } from '../lib/constructs/network/network-policies';
import { nameServer, traefik } from './external';
import { AhuoraComponent, type Platform } from './platform';

/**
 * Default deny, and one policy for each component of the platform and of `workloads` from what it declares. Beside them who may
 * open Traefik and the name server of K3s: whatever pod reaches Traefik is believed about where a client is.
 */
export class Network extends AhuoraComponent {
  /** @param further what is rendered elsewhere and calls pods of K3s too */
  constructor(platform: Platform, workloads: App, further: readonly App[] = []) {
    super(platform, 'network', 'foundation');
    const connections = () => connectionsOf(componentsOf(platform.app, workloads));
    new NetworkPolicies(this, { connections, nameServer });
    this.except({
      rule: 'pods-of-others-are-known',
      object: 'NetworkPolicy/traefik-callers',
      reason: 'The runner makes the namespace of its generators for a load, and removes it after that.',
    });
    new CallersOfOthers(this, {
      guarded: guardedPods(platform),
      connections: () =>
        componentsOf(platform.app, workloads, ...further).flatMap((component) =>
          connectionsOf([component]).map(({ from, to }) => ({
            from: { namespace: component.componentNamespace, ...from },
            to,
          })),
        ),
    });
  }
}

/** Traefik's entry points as its pod has them: plain HTTP, which leads on to the other, and TLS. */
const ENTRY_POINTS = tcp(8000, 8443);

/**
 * - Clients of the LAN come under their own address (`externalTrafficPolicy: Local`) or a K3s load balancer pod's, load under
 *   its pods'.
 * - Every pod and node asks for names: no pod is named, since a young one would wait until the policies know it.
 */
function guardedPods({ inventory, settings }: Platform): GuardedPods[] {
  const include = inventory.network ? [inventory.network] : inventory.hosts.map(({ address }) => `${address}/32`);
  const lan: Peer = { name: 'lan', addresses: { include } };
  const pods: Peer = { name: 'pods', addresses: { include: [settings.podNetwork] } };
  return [
    {
      endpoint: traefik,
      others: [
        { from: lan, ports: ENTRY_POINTS },
        { from: loadBalancer.peer, ports: ENTRY_POINTS },
        { from: { name: 'load-generators', ...LOAD_GENERATORS }, ports: tcp(8443) },
      ],
    },
    { endpoint: nameServer, others: [pods, lan].map((from) => ({ from, ports: nameServer.ports })) },
  ];
}

/** The pods of K3s' service load balancer: https://docs.k3s.io/networking/networking-services#service-load-balancer. */
const loadBalancer = podsElsewhere(
  'svclb-traefik',
  'kube-system',
  { 'svccontroller.k3s.cattle.io/svcname': 'traefik' },
  ENTRY_POINTS,
);
