import { k8s } from '../typed-kinds';
import type { Component, DeclaredConnection } from '../component';
import { LateBound } from '../late-bound';
import type { Endpoint, EndpointPort, Peer } from './endpoint';
import { toPolicyPeers, toPorts } from './network-policies';

/** Pods of other software in a namespace of its own, and who calls them besides the components. */
export interface GuardedPods {
  /** Whose pods they are, and on which ports they may be called. */
  readonly endpoint: Endpoint;
  /** Parties that no component declares, with the ports that they open. */
  readonly others: readonly {
    /** Who opens them. */
    readonly from: Peer;
    /** Ports of the guarded pods. */
    readonly ports: readonly EndpointPort[];
  }[];
}

/** Whose callers are named. */
export interface CallersOfOthersProps {
  /** Each gets a policy of its own. */
  readonly guarded: readonly GuardedPods[];
  /** Asked when the policies are rendered; callers with their namespace. */
  readonly connections: () => readonly DeclaredConnection[];
}

/**
 * Network policies that name who may open connections to pods of other software: those that are declared, and the listed others.
 * They say nothing of what those pods call, and nothing of other pods of their namespace.
 */
export class CallersOfOthers extends LateBound {
  constructor(
    private readonly component: Component,
    private readonly props: CallersOfOthersProps,
  ) {
    super(component, 'callers-of-others');
  }

  protected override makeObjects(): void {
    const connections = this.props.connections();
    for (const { endpoint, others } of this.props.guarded) {
      const { name, namespace, pods } = endpoint.peer;
      const declared = connections
        .filter(({ to }) => to.peer.namespace === namespace && isSame(to.peer.pods, pods))
        .map(({ from, to }) => ({ from, ports: to.ports }));
      new k8s.KubeNetworkPolicy(this, name, {
        metadata: this.component.objectMetadata(`${name}-callers`, { namespace }),
        spec: {
          podSelector: { matchLabels: { ...pods } },
          policyTypes: ['Ingress'],
          ingress: [...declared, ...others].map(({ from, ports }) => ({
            from: toPolicyPeers(from),
            ports: toPorts({ ports }),
          })),
        },
      });
    }
  }
}

function isSame(a: Peer['pods'], b: Peer['pods']): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
