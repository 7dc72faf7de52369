import type { k8s } from '../../constructs/typed-kinds';
import type { Written } from '../../kubernetes/kinds/written';
import type { ObjectOf } from '../../kubernetes/kinds/core-kinds';
import { asList } from './pod-template';

export type Direction = 'egress' | 'ingress';
export type WrittenPeer = Written<k8s.NetworkPolicyPeer>;

/** One rule of a NetworkPolicy, alike for both directions. */
export interface PolicyRule {
  /** Path of the rule, such as `spec.ingress[0]`. */
  readonly field: string;
  /** Path of its peers, such as `spec.ingress[0].from`. */
  readonly peersField: string;
  readonly peers: readonly WrittenPeer[];
  readonly ports: readonly Written<k8s.NetworkPolicyPort>[];
}

/** The rules of one direction, in their order; a rule that is empty or null means everybody, on every port. */
export function policyRulesOf({ spec }: ObjectOf<'NetworkPolicy'>, direction: Direction): PolicyRule[] {
  const rules = spec?.[direction];
  if (!Array.isArray(rules)) return [];
  return rules.map((rule: Written<k8s.NetworkPolicyIngressRule & k8s.NetworkPolicyEgressRule> | null, index) => {
    const field = `spec.${direction}[${index}]`;
    return {
      field,
      peersField: `${field}.${direction === 'ingress' ? 'from' : 'to'}`,
      peers: asList(direction === 'ingress' ? rule?.from : rule?.to),
      ports: asList(rule?.ports),
    };
  });
}
