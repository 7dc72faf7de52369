import { IPv4 } from 'ipaddr.js';
import { podsOfK3s } from '../objects/k3s-pods';
import type { PlacedOf } from '../objects/kinds';
import { asList, asTexts } from '../objects/pod-template';
import type { Scope } from '../objects/scope';
import { wiringRule, type Rule, type Violation } from '../rule';
import { peersOf, standsFor, type PolicyPeer } from '../wiring/edges';

/** Rules of policies over pods that K3s brings: once a policy selects one, whoever it does not name is refused. */
export const guardedPodRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'guarded-pods-admit-their-callers',
      why: 'A policy over the name server or Traefik refuses whoever it does not name, and nothing here shows who that was.',
      remedy:
        'name every caller among `others` of guardedPods in charts/network.ts, and leave what the pods call to K3s',
    },
    function* (scope, { inventory, reviewed }) {
      for (const at of scope.ofKind('NetworkPolicy')) {
        const labels = guardedLabels(at);
        if (!labels) continue;
        if (asTexts(at.object.spec?.policyTypes).includes('Egress') && asList(at.object.spec?.egress).length === 0)
          yield {
            at,
            field: 'spec.policyTypes',
            message: `${nameOf(labels)} may call nobody, not even what it serves`,
          };
        if (!asTexts(at.object.spec?.policyTypes).includes('Ingress')) continue;
        const admitted = peersOf(at, 'ingress');
        yield* refusedPods(scope, at, labels, { admitted, pods: reviewed.networks.pods });
        yield* refusedMachines(at, labels, admitted, inventory.hosts);
        if (labels['k8s-app'] === 'kube-dns' && !admitted.some(({ block }) => holds(block, reviewed.networks.pods)))
          yield {
            at,
            field: 'spec.ingress',
            message: `pods of charts, which no policy here names, ask for names too, and nothing admits ${reviewed.networks.pods}`,
          };
      }
    },
  ),
];

type Labels = Readonly<Record<string, string>>;

/** Labels of the pods of K3s that a policy selects. */
function guardedLabels({ namespace, object }: PlacedOf<'NetworkPolicy'>): Labels | undefined {
  const labels = object.spec?.podSelector?.matchLabels ?? {};
  return namespace === 'kube-system' && podsOfK3s(labels) ? labels : undefined;
}

const nameOf = (labels: Labels) => Object.values(labels)[0]!;

/** Pods whose own policy lets them call the guarded ones, and that are not let in. */
function* refusedPods(
  scope: Scope,
  at: PlacedOf<'NetworkPolicy'>,
  labels: Labels,
  { admitted, pods }: { admitted: readonly PolicyPeer[]; pods: string },
): Iterable<Violation> {
  const refused = new Set<string>();
  for (const caller of scope.ofKind('NetworkPolicy')) {
    const own = caller.object.spec?.podSelector?.matchLabels ?? {};
    for (const peer of peersOf(caller, 'egress')) {
      if (!standsFor(peer, caller.namespace, at.namespace, labels)) continue;
      for (const { port, protocol } of peer.ports) {
        const isIn = admitted.some(
          (each) =>
            opens(each, port, protocol) &&
            (standsFor(each, at.namespace, caller.namespace, own) || holds(each.block, pods)),
        );
        if (!isIn) refused.add(`${caller.object.metadata.name} on ${port}/${protocol}`);
      }
    }
  }
  if (refused.size > 0)
    yield { at, field: 'spec.ingress', message: `nothing here admits ${[...refused].join(', ')} to ${nameOf(labels)}` };
}

/** Where clients of the LAN, and programs of the machines themselves, must come in. */
const OPEN_TO_MACHINES: Readonly<Record<string, readonly (readonly [port: number, protocol: string])[]>> = {
  traefik: [[8443, 'TCP']],
  'kube-dns': [
    [53, 'UDP'],
    [53, 'TCP'],
  ],
};

function* refusedMachines(
  at: PlacedOf<'NetworkPolicy'>,
  labels: Labels,
  admitted: readonly PolicyPeer[],
  hosts: readonly { readonly name: string; readonly address: string }[],
): Iterable<Violation> {
  for (const [port, protocol] of OPEN_TO_MACHINES[nameOf(labels)] ?? []) {
    const refused = hosts.filter(
      ({ address }) => !admitted.some((peer) => opens(peer, port, protocol) && holds(peer.block, `${address}/32`)),
    );
    if (refused.length === 0) continue;
    const names = refused.map(({ name, address }) => `${name} (${address})`).join(', ');
    yield {
      at,
      field: 'spec.ingress',
      message: `nothing here admits ${names} to ${nameOf(labels)} on ${port}/${protocol}`,
    };
  }
}

function opens(peer: PolicyPeer, port: number | string | undefined, protocol: string): boolean {
  return peer.ports.some((each) => each.port === port && each.protocol === protocol);
}

/** Whether a range of addresses holds another one. */
function holds(block: string | undefined, other: string): boolean {
  if (block === undefined || !IPv4.isValidCIDR(block) || !IPv4.isValidCIDR(other)) return false;
  const [[address, bits], [inner, innerBits]] = [IPv4.parseCIDR(block), IPv4.parseCIDR(other)];
  return innerBits >= bits && inner.match(address, bits);
}
