import { kept } from '../objects/kept';
import type { PlacedObject } from '../objects/placed-object';
import { asList, type PodTemplate } from '../objects/pod-template';
import type { PlacedOf } from '../objects/kinds';
import { policyRulesOf, type Direction } from '../objects/policy-rules';
import type { Scope } from '../objects/scope';

type Labels = Readonly<Record<string, string>>;

/** A party that a NetworkPolicy names. */
export interface PolicyPeer {
  readonly at: PlacedObject;
  readonly field: string;
  readonly pods?: Labels;
  /** Name of the namespace where it is not the policy's own. */
  readonly namespace?: string;
  /** Address block, CIDR. */
  readonly block?: string;
  readonly ports: readonly { readonly port?: number | string; readonly protocol: string }[];
}

/** Whom the policies that select a pod let it call. */
export function egressOf(scope: Scope, namespace: string, labels: Labels): PolicyPeer[] {
  return policiesOf(scope, namespace, labels).flatMap((at) => peersOf(at, 'egress'));
}

/** Who may call a pod by the policies that select it. */
export function ingressOf(scope: Scope, namespace: string, labels: Labels): PolicyPeer[] {
  return policiesOf(scope, namespace, labels).flatMap((at) => peersOf(at, 'ingress'));
}

/** The peers of one direction of a policy, with the ports of their rule. */
export function peersOf(at: PlacedOf<'NetworkPolicy'>, direction: Direction): readonly PolicyPeer[] {
  return readPeers[direction](at, direction);
}

/** Each policy is read once, however many variants are applied beside it. */
const readPeers = { egress: kept(peersIn), ingress: kept(peersIn) };

function peersIn(at: PlacedOf<'NetworkPolicy'>, direction: Direction): readonly PolicyPeer[] {
  return policyRulesOf(at.object, direction).flatMap((rule) => {
    const ports = rule.ports.map(({ port, protocol = 'TCP' }) => ({ port, protocol }));
    return rule.peers.map((peer, position) => ({
      at,
      field: `${rule.peersField}[${position}]`,
      pods: peer.podSelector?.matchLabels,
      namespace: peer.namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'],
      block: peer.ipBlock?.cidr,
      ports,
    }));
  });
}

/** Whether a peer of a policy in `home` stands for a pod with these labels in a namespace. */
export function standsFor(peer: PolicyPeer, home: string, namespace: string, labels: Labels): boolean {
  if (!peer.pods || (peer.namespace ?? home) !== namespace) return false;
  return Object.entries(peer.pods).every(([key, value]) => labels[key] === value);
}

/** Port of the pods behind a port of a Service. */
export function podPortOf(service: PlacedOf<'Service'>, port: number, pod: PodTemplate): number | undefined {
  const entry = asList(service.object.spec?.ports).find((candidate) => candidate.port === port);
  if (!entry) return undefined;
  const target = entry.targetPort ?? entry.port;
  if (typeof target === 'number') return target;
  return pod.containers.flatMap(({ spec }) => asList(spec.ports)).find(({ name }) => name === target)?.containerPort;
}

const selecting = kept((_: Scope) => new Map<string, readonly PlacedOf<'NetworkPolicy'>[]>());

/** Policies that select a pod by name; the one for all pods of the namespace is left out. */
export function policiesOf(scope: Scope, namespace: string, labels: Labels): readonly PlacedOf<'NetworkPolicy'>[] {
  const found = selecting(scope);
  const key = `${namespace}\n${JSON.stringify(labels)}`;
  const policies =
    found.get(key) ??
    scope.ofKind('NetworkPolicy').filter((at) => {
      const wanted = Object.entries(at.object.spec?.podSelector?.matchLabels ?? {});
      return at.namespace === namespace && wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value);
    });
  found.set(key, policies);
  return policies;
}
