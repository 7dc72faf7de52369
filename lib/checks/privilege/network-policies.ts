import type { k8s } from '../../constructs/typed-kinds';
import type { Written } from '../../kubernetes/kinds/written';
import { isPlaced, type PlacedOf } from '../objects/kinds';
import { policyRulesOf, type Direction, type WrittenPeer } from '../objects/policy-rules';
import { IPv4, isValidCIDR } from 'ipaddr.js';
import type { PlacedObject } from '../objects/placed-object';
import { asTexts, asList } from '../objects/pod-template';
import { peersOf } from '../wiring/edges';
import { objectRule, wiringRule, type Rule, type Violation } from '../rule';

/** Rules of who may open a connection to whom. */
export const networkPolicyRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'namespaces-deny-by-default',
      why: 'Without a policy that selects every pod, a pod that no other policy names talks to anybody.',
      remedy: 'add a NetworkPolicy with an empty podSelector, both policyTypes and no rule',
    },
    function* (scope) {
      const namespaces = new Map<string, PlacedObject>();
      for (const at of [...scope.pods.map((pod) => pod.at), ...scope.ofKind('NetworkPolicy')]) {
        if (!isSystem(at.namespace) && !namespaces.has(at.namespace)) namespaces.set(at.namespace, at);
      }
      const denied = (namespace: string, direction: 'Ingress' | 'Egress') =>
        scope.ofKind('NetworkPolicy').some((at) => at.namespace === namespace && deniesAll(at, direction));
      for (const [namespace, at] of namespaces) {
        for (const direction of ['Ingress', 'Egress'] as const) {
          if (denied(namespace, direction)) continue;
          const message = `nothing in the namespace ${namespace} denies ${direction.toLowerCase()} by default`;
          yield { at: scope.find('Namespace', '', namespace) ?? at, field: 'metadata.name', message };
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'pods-have-a-network-policy',
      why: 'A pod that only the default selects reaches nothing, and nobody has said whom it may call.',
      remedy: 'declare its connections, so that a NetworkPolicy selects it',
    },
    function* (scope) {
      const selected = new Set<PlacedObject>();
      for (const at of scope.ofKind('NetworkPolicy')) {
        const labels = at.object.spec?.podSelector?.matchLabels ?? {};
        if (Object.keys(labels).length === 0) continue;
        for (const pod of scope.podsMatching(at.namespace, labels)) selected.add(pod.at);
      }
      for (const pod of scope.pods) {
        if (selected.has(pod.at) || isSystem(pod.namespace)) continue;
        yield { at: pod.at, field: 'metadata.labels', message: 'no NetworkPolicy says whom these pods may talk to' };
      }
    },
  ),
  wiringRule(
    {
      id: 'who-is-believed-is-known',
      why: 'Traefik believes pods about where a client is: a pod that may open it can speak for anybody.',
      remedy:
        'let a NetworkPolicy of kube-system that selects Traefik name the tunnel and the LAN, and no network of pods',
    },
    function* (scope, { reviewed }) {
      const config = scope.ofKind('HelmChartConfig').find(({ object }) => object.metadata.name === 'traefik');
      if (!config || !/trustedips=/i.test(String(config.object.spec?.valuesContent))) return;
      const policies = scope
        .ofKind('NetworkPolicy')
        .filter(({ namespace, object }) => namespace === config.namespace && selectsTraefik(object.spec?.podSelector));
      if (!policies.some(({ object }) => asTexts(object.spec?.policyTypes).includes('Ingress'))) {
        const message = 'no NetworkPolicy says who may open Traefik, and every pod is believed';
        yield { at: config, field: 'spec.valuesContent: additionalArguments', message };
      }
      const [pods, bits] = IPv4.parseCIDR(reviewed.networks.pods);
      for (const at of policies) {
        for (const { block, field, ports } of peersOf(at, 'ingress')) {
          if (block === undefined || !IPv4.isValidCIDR(block)) continue;
          if (!ports.some(({ port }) => port === TLS_ENTRY)) {
            const message = `${block} may open ${ports.map(({ port }) => port).join(', ')}, and not ${TLS_ENTRY}, where every page is`;
            yield {
              at,
              field,
              message,
              remedy: `add ${TLS_ENTRY}, the entry point websecure, to the ports of the rule`,
            };
          }
          const [address, length] = IPv4.parseCIDR(block);
          if (!address.match(pods, Math.min(length, bits))) continue;
          yield { at, field, message: `${block} holds addresses of pods, any of which would be believed` };
        }
      }
    },
  ),
  objectRule(
    {
      id: 'network-policies-name-parties',
      why: 'A rule without a party or port admits everybody, and undoes the default for what it selects.',
      remedy: 'name the pods and ports that are meant',
    },
    function* (at) {
      if (!isPlaced(at, 'NetworkPolicy')) return;
      const { spec = {} } = at.object;
      if (isEmptySelector(spec.podSelector) && asList(spec.ingress).length + asList(spec.egress).length > 0) {
        yield { at, field: 'spec.podSelector', message: 'every pod of the namespace is given what the rules admit' };
      }
      for (const direction of ['ingress', 'egress'] as const) {
        if (spec[direction] && !asTexts(spec.policyTypes).some((type) => type.toLowerCase() === direction)) {
          yield { at, field: 'spec.policyTypes', message: `the rules for ${direction} are not among the policyTypes` };
        }
        for (const { field, peersField, peers, ports } of policyRulesOf(at.object, direction)) {
          if (peers.length === 0) yield { at, field: peersField, message: `${WHO[direction]} everybody` };
          if (ports.length === 0) {
            yield { at, field: `${field}.ports`, message: 'every port is open' };
          }
          for (const [position, port] of ports.entries()) {
            if (port.port !== undefined && port.endPort === undefined) continue;
            yield { at, field: `${field}.ports[${position}]`, message: 'a range of ports, or every one, is open' };
          }
          for (const [position, peer] of peers.entries()) {
            yield* judgePeer(at, `${peersField}[${position}]`, peer, direction);
          }
        }
      }
    },
  ),
];

/** The port of Traefik's pod for TLS. */
const TLS_ENTRY = 8443;

function selectsTraefik(selector: { matchLabels?: Readonly<Record<string, string>> } | undefined): boolean {
  return selector?.matchLabels?.['app.kubernetes.io/name'] === 'traefik';
}

const WHO: Readonly<Record<Direction, string>> = { ingress: 'connections come from', egress: 'connections go to' };

/** Networks that are not the internet; an address block that contains one of them lets pods reach nodes and each other. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '100.64.0.0/10'];

function* judgePeer(at: PlacedObject, field: string, peer: WrittenPeer, direction: Direction): Iterable<Violation> {
  const { ipBlock, namespaceSelector, podSelector } = peer;
  if (ipBlock) {
    const blocks: unknown[] = [ipBlock.cidr, ...asTexts(ipBlock.except)];
    const wrong = blocks.find((block) => !isValidCIDR(String(block)));
    if (wrong !== undefined)
      yield { at, field: `${field}.ipBlock`, message: `"${String(wrong)}" is not a range of addresses` };
    const everywhere = /\/[0-7]$/.test(String(ipBlock.cidr));
    if (everywhere && direction === 'ingress') {
      yield { at, field: `${field}.ipBlock.cidr`, message: `connections come from all of ${ipBlock.cidr}` };
    }
    const open = PRIVATE.find((network) => !asTexts(ipBlock.except).includes(network));
    if (everywhere && open) {
      yield { at, field: `${field}.ipBlock.except`, message: `${open} is a private network, and it is not left out` };
    }
    return;
  }
  if (isEmptySelector(namespaceSelector)) {
    yield { at, field: `${field}.namespaceSelector`, message: 'pods of every namespace are meant' };
  }
  if (isEmptySelector(podSelector) || (namespaceSelector && !podSelector)) {
    const message = 'every pod is meant, whatever it runs';
    yield { at, field: podSelector ? `${field}.podSelector` : field, message };
  }
}

function deniesAll({ object: { spec = {} } }: PlacedOf<'NetworkPolicy'>, direction: 'Ingress' | 'Egress'): boolean {
  return (
    isEmptySelector(spec.podSelector) &&
    asTexts(spec.policyTypes).includes(direction) &&
    asList(direction === 'Ingress' ? spec.ingress : spec.egress).length === 0
  );
}

/** Namespaces of Kubernetes' own, where a denial of everything was never tried. */
function isSystem(namespace: string): boolean {
  return namespace === '' || namespace.startsWith('kube-');
}

function isEmptySelector(selector: Written<k8s.LabelSelector> | null | undefined): boolean {
  if (selector === undefined || selector === null) return false;
  return Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;
}
