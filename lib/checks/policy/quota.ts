import type { PlacedOf } from '../objects/kinds';
import { asList } from '../objects/pod-template';
import { parseQuantity } from '../../kubernetes/quantity';
import { scopeRule, type Rule } from '../rule';

/** Rules of what a namespace's quota permits. */
export const quotaRules: readonly Rule[] = [
  scopeRule(
    {
      id: 'services-fit-the-quota',
      why: "The API server refuses a Service beyond its namespace's quota, and the sync stops there.",
      remedy: 'make the Service a ClusterIP one, or raise the quota',
    },
    function* (scope) {
      for (const quota of scope.ofKind('ResourceQuota')) {
        const services = scope.ofKind('Service').filter(({ namespace }) => namespace === quota.namespace);
        for (const [resource, count] of Object.entries(COUNTED)) {
          const hard = parseQuantity(quota.object.spec?.hard?.[resource]);
          if (hard !== undefined && hard > 0) {
            const message = `${hard} ${resource} are permitted, each of which opens a port of every node past sign-in`;
            yield { at: quota, field: `spec.hard["${resource}"]`, message, remedy: 'permit none' };
          }
          const users = services.filter((service) => count(service) > 0);
          const used = users.reduce((sum, service) => sum + count(service), 0);
          if (hard === undefined || used <= hard) continue;
          for (const at of users) {
            yield {
              at,
              field: 'spec.type',
              message: `${quota.label} permits ${hard} ${resource}, and ${used} are asked for`,
            };
          }
        }
      }
    },
  ),
];

/**
 * What a Service takes of each quota. A load balancer also has node ports, unless it says otherwise.
 * Source: https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-on-object-count
 */
const COUNTED: Readonly<Record<string, (service: PlacedOf<'Service'>) => number>> = {
  'services.loadbalancers': ({ object }) => Number(object.spec?.type === 'LoadBalancer'),
  'services.nodeports': ({ object }) => {
    const { type, ports, allocateLoadBalancerNodePorts = true } = object.spec ?? {};
    const hasNodePorts = type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts === true);
    return hasNodePorts ? asList(ports).length : 0;
  },
};
