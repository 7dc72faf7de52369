import { groupBy } from '../../primitives/group-by';
import { k8s } from '../typed-kinds';
import type { Component, DeclaredConnection } from '../component';
import { LateBound } from '../late-bound';
import type { Endpoint, Peer } from './endpoint';

/** What the policies are computed from. */
export interface NetworkPoliciesProps {
  /** Asked when the policies are rendered, so that components may declare before and after. */
  readonly connections: () => readonly DeclaredConnection[];
  /** The cluster's name server, which everything that calls anything needs. */
  readonly nameServer: Endpoint;
}

/**
 * Network policies of a namespace: everything is denied, in and out, and each component is allowed exactly the declared
 * connections. One policy per component, so that a reviewer reads at one place whom it may talk to.
 */
export class NetworkPolicies extends LateBound {
  constructor(
    private readonly component: Component,
    private readonly props: NetworkPoliciesProps,
  ) {
    super(component, 'network-policies');
  }

  protected override makeObjects(): void {
    const { component, props } = this;
    const connections = props.connections();
    new k8s.KubeNetworkPolicy(this, 'default-deny', {
      metadata: component.objectMetadata('default-deny'),
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    });
    for (const peer of ownPeers(connections)) {
      const incoming = connections.filter(({ to }) => to.peer.name === peer.name);
      const outgoing = connections.filter(({ from }) => from.name === peer.name).map(({ to }) => to);
      new k8s.KubeNetworkPolicy(this, peer.name, {
        metadata: component.objectMetadata(peer.name, { labelName: peer.name }),
        spec: {
          podSelector: { matchLabels: { ...peer.pods } },
          policyTypes: ['Ingress', 'Egress'],
          ingress: incoming.length > 0 ? toIngressRules(incoming) : undefined,
          egress: outgoing.length > 0 ? [props.nameServer, ...outgoing].map(toEgressRule) : undefined,
        },
      });
    }
  }
}

/** Peers of this namespace, by name, each once. */
function ownPeers(connections: readonly DeclaredConnection[]): Peer[] {
  const peers = connections.flatMap(({ from, to }) => [from, to.peer]).filter((peer) => peer.pods && !peer.namespace);
  const byName = new Map(peers.map((peer) => [peer.name, peer]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** One rule for each set of ports, with everybody who may open them. */
function toIngressRules(incoming: readonly DeclaredConnection[]): k8s.NetworkPolicyIngressRule[] {
  const byPorts = groupBy(incoming, ({ to }) => JSON.stringify(to.ports));
  return [...byPorts.values()].map((connections) => ({
    from: connections.flatMap(({ from }) => toPolicyPeers(from)),
    ports: toPorts(connections[0].to),
  }));
}

function toEgressRule(endpoint: Endpoint): k8s.NetworkPolicyEgressRule {
  return { to: toPolicyPeers(endpoint.peer), ports: toPorts(endpoint) };
}

/** A party as policies select it. */
export function toPolicyPeers(peer: Peer): k8s.NetworkPolicyPeer[] {
  if (peer.addresses) {
    const { include, except } = peer.addresses;
    return include.map((cidr) => ({ ipBlock: { cidr, except: except ? [...except] : undefined } }));
  }
  return [
    {
      namespaceSelector: peer.namespace
        ? { matchLabels: { 'kubernetes.io/metadata.name': peer.namespace } }
        : undefined,
      podSelector: { matchLabels: { ...peer.pods } },
    },
  ];
}

/** Ports as policies name them. */
export function toPorts(endpoint: Pick<Endpoint, 'ports'>): k8s.NetworkPolicyPort[] {
  return endpoint.ports.map(({ port, protocol }) => ({ port: k8s.IntOrString.fromNumber(port), protocol }));
}
