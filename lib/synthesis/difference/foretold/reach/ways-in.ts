import { isKind } from '../../../../checks/objects/kinds';
import { asList, podSpecOf } from '../../../../checks/objects/pod-template';
import { policyRulesOf, type WrittenPeer, type PolicyRule } from '../../../../checks/objects/policy-rules';
import type { ObjectOf } from '../../../../kubernetes/kinds/core-kinds';
import type { KubernetesObject } from '../../../../kubernetes/object';
import { isDeepStrictEqual } from 'node:util';
import { compareFields } from '../../compare';
import type { Effected, ObjectPair } from '../consequence';

/** What can be reached after a change and could not before, or could and cannot: policies, Services and ports of nodes. */
export function waysIn(pair: ObjectPair, isDenied: (namespace: string) => boolean): Effected[] {
  const { was, is } = pair;
  if (isKind(is ?? was, 'NetworkPolicy')) {
    const policies = {
      was: isKind(was, 'NetworkPolicy') ? was : undefined,
      is: isKind(is, 'NetworkPolicy') ? is : undefined,
    };
    return [...policy(policies, isDenied), ...cutOff(policies, isDenied)];
  }
  if (isKind(is, 'Service')) return service(isKind(was, 'Service') ? was : undefined, is);
  return hostPorts(pair);
}

function wayIn(field: string, sentence: string): Effected {
  return { effect: 'way-in', field, sentence };
}

type Policy = ObjectOf<'NetworkPolicy'>;

interface Policies {
  readonly was?: Policy;
  readonly is?: Policy;
}

const DIRECTIONS = [
  { type: 'Ingress', rules: 'ingress', sentence: 'lets in' },
  { type: 'Egress', rules: 'egress', sentence: 'lets out to' },
] as const;

function policy({ was, is }: Policies, isDenied: (namespace: string) => boolean): Effected[] {
  const namespace = (is ?? was)?.metadata.namespace ?? '';
  if (!is) {
    if (!was) return [];
    const denied = isDenied(namespace);
    const isDenial = DIRECTIONS.some(
      ({ type, rules }) => isolates(was, type) && policyRulesOf(was, rules).length === 0,
    );
    if (isDenial && !denied) return [wayIn('', 'what it denied is open now')];
    return denied ? [] : [wayIn('', 'pods that no other policy selects can be reached, and reach, everything now')];
  }
  // A policy that comes first narrows what was open; beside a denial it opens what it names.
  if (!was && !isDenied(namespace)) return [];
  if (was && !isDeepStrictEqual(was.spec?.podSelector, is.spec?.podSelector))
    return [wayIn('spec.podSelector', 'the policy selects other pods: what it let in, it lets in to those')];
  return DIRECTIONS.flatMap(({ type, rules, sentence }): Effected[] => {
    if (was && isolates(was, type) && !isolates(is, type))
      return [wayIn('spec.policyTypes', `${type.toLowerCase()} of the pods is no longer bounded by it`)];
    if (!isolates(is, type)) return [];
    const before = was && isolates(was, type) ? policyRulesOf(was, rules) : [];
    if (was && !isolates(was, type)) return []; // It narrows what was open.
    return policyRulesOf(is, rules).flatMap((rule) =>
      ways(rule)
        .filter((way) => !before.some((other) => ways(other).some((known) => includes(known, way))))
        .map((way) => wayIn(rule.field, `it ${sentence} ${inWords(way)}`)),
    );
  });
}

/** What a policy let in or out and lets no longer: whoever still calls so fails. */
function cutOff({ was, is }: Policies, isDenied: (namespace: string) => boolean): Effected[] {
  const denied = isDenied((is ?? was)?.metadata.namespace ?? '');
  const stops = (field: string, sentence: string): Effected => ({ effect: 'stops', field, sentence });
  if (!is) return denied && !isDenyingAll(was) ? [stops('', 'its pods are cut off: what it let in and out is refused now')] : [];
  if (!was) {
    if (isDenyingAll(is)) return [stops('', 'from now on pods of the namespace are reached only where another policy says so')];
    return denied ? [] : [stops('', 'its pods were open, and from now on are reached, and reach, only what it names')];
  }
  if (!isDeepStrictEqual(was.spec?.podSelector, is.spec?.podSelector) && denied)
    return [stops('spec.podSelector', 'the pods that it selected are cut off, unless another policy selects them')];
  return DIRECTIONS.flatMap(({ type, rules, sentence }): Effected[] => {
    if (!isolates(is, type)) return [];
    if (!isolates(was, type)) return [stops('spec.policyTypes', `${type.toLowerCase()} of its pods was open, and is bounded now`)];
    const left = policyRulesOf(is, rules).flatMap(ways);
    const lost = policyRulesOf(was, rules)
      .flatMap(ways)
      .filter((way) => !left.some((known) => includes(known, way)));
    if (lost.length === 0) return [];
    const shown = lost.slice(0, 3).map(inWords).join('; ');
    const more = lost.length > 3 ? ` and ${lost.length - 3} more` : '';
    return [stops(`spec.${rules}`, `it no longer ${sentence} ${shown}${more}: what still calls so fails`)];
  });
} // prettier-ignore

/** Upstream's default: ingress always, egress where there are egress rules. */
function isolates({ spec }: Policy, type: string): boolean {
  const types = spec?.policyTypes ?? ['Ingress', ...(spec?.egress ? ['Egress'] : [])];
  return types.includes(type);
}

type Port = PolicyRule['ports'][number];

interface Way {
  /** Undefined: everybody. */
  readonly peer?: WrittenPeer;
  /** Undefined: every port. */
  readonly port?: Port;
}

function ways({ peers, ports }: PolicyRule): Way[] {
  return (peers.length > 0 ? peers : [undefined]).flatMap((peer) =>
    (ports.length > 0 ? ports : [undefined]).map((port) => ({ peer, port })),
  );
}

function includes(wide: Way, narrow: Way): boolean {
  const isPeer = wide.peer === undefined || isDeepStrictEqual(wide.peer, narrow.peer) || hasException(wide.peer, narrow.peer);
  return isPeer && (wide.port === undefined || isDeepStrictEqual(portOf(wide.port), portOf(narrow.port)));
} // prettier-ignore

/** The same network, less more. */
function hasException(wide: WrittenPeer | undefined, narrow: WrittenPeer | undefined): boolean {
  if (!wide?.ipBlock || !narrow?.ipBlock || wide.ipBlock.cidr !== narrow.ipBlock.cidr) return false;
  const left = narrow.ipBlock.except ?? [];
  return (wide.ipBlock.except ?? []).every((one) => left.includes(one));
}

function portOf(port: Port | undefined): unknown {
  return port === undefined ? undefined : { protocol: 'TCP', ...port };
}

function inWords({ peer, port }: Way): string {
  const labels = (selector: WrittenPeer['podSelector']) =>
    Object.entries(selector?.matchLabels ?? {})
      .map(([key, value]) => `${key.split('/').at(-1)}=${value}`)
      .join(', ') || 'all';
  const who = !peer
    ? 'everybody'
    : peer.ipBlock
      ? `${peer.ipBlock.cidr}${peer.ipBlock.except ? ` less ${peer.ipBlock.except.length} networks` : ''}`
      : [
          peer.podSelector && `pods ${labels(peer.podSelector)}`,
          peer.namespaceSelector && `of namespaces ${labels(peer.namespaceSelector)}`,
        ]
          .filter(Boolean)
          .join(' ');
  if (!port) return `${who}, on every port`;
  return `${who}, on ${port.protocol ?? 'TCP'} ${port.port ?? 'every port'}${port.endPort ? ` to ${port.endPort}` : ''}`;
}

function service(was: ObjectOf<'Service'> | undefined, is: ObjectOf<'Service'>): Effected[] {
  const [before, after] = [was, is].map((one) => one?.spec?.type ?? 'ClusterIP') as [string, string];
  const found: Effected[] = [];
  if (after !== before && ['NodePort', 'LoadBalancer'].includes(after))
    found.push(wayIn('spec.type', `a Service of type ${after} listens on every node, beside the gateway and its sign-in`));
  const known = was?.spec?.externalIPs ?? [];
  for (const address of is.spec?.externalIPs ?? []) {
    if (!known.includes(address)) found.push(wayIn('spec.externalIPs', `nodes take in what is sent to ${address}`));
  }
  return found;
} // prettier-ignore

function hostPorts({ was, is }: ObjectPair): Effected[] {
  const ports = (object: KubernetesObject | undefined) =>
    asList(podSpecOf(object)?.containers).flatMap((one) => asList(one.ports).flatMap(({ hostPort }) => hostPort ?? []));
  const before = new Set(ports(was));
  return ports(is)
    .filter((port) => !before.has(port))
    .map((port) => wayIn('spec.template.spec.containers', `port ${port} of its nodes is open`));
}

/** Whether a policy denies whatever no other policy allows, to all pods of its namespace. */
export function isDenyingAll(object: KubernetesObject | undefined): boolean {
  if (!isKind(object, 'NetworkPolicy') || !isolates(object, 'Ingress')) return false;
  return (
    compareFields(object.spec?.podSelector ?? {}, {}).length === 0 && policyRulesOf(object, 'ingress').length === 0
  );
}
