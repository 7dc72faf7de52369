import { isPlaced, type PlacedOf } from '../objects/kinds';
import { objectRule, podRule, scopeRule, wiringRule, type Rule } from '../rule';
import { asList, podField } from '../objects/pod-template';
import { kept } from '../objects/kept';
import type { PlacedObject } from '../objects/placed-object';
import type { Scope } from '../objects/scope';

/** Rules of workloads: how many pods, and what happens when nodes are drained. */
export const workloadRules: readonly Rule[] = [
  scopeRule(
    {
      id: 'replicas-are-left-to-the-autoscaler',
      why: 'Argo CD would set the number of pods back at every sync, against the autoscaler.',
      remedy: 'remove spec.replicas; minReplicas of the autoscaler is the floor',
    },
    function* (scope) {
      for (const autoscaler of scope.ofKind('HorizontalPodAutoscaler')) {
        const target = scaleTarget(scope, autoscaler);
        if (!target || fixedReplicas(target) === undefined) continue;
        yield {
          at: target,
          field: 'spec.replicas',
          message: `the number of pods is set, and ${autoscaler.label} sets it too`,
        };
      }
    },
  ),
  objectRule(
    {
      id: 'autoscalers-state-their-behaviour',
      why: 'Without a behavior the defaults of the cluster decide, and an experiment would vary what it does not name.',
      remedy: 'state behavior.scaleUp and behavior.scaleDown',
    },
    function* (at) {
      if (!isPlaced(at, 'HorizontalPodAutoscaler')) return;
      for (const direction of ['scaleUp', 'scaleDown'] as const) {
        if (at.object.spec?.behavior?.[direction]) continue;
        yield {
          at,
          field: `spec.behavior.${direction}`,
          message: `how the autoscaler scales ${direction === 'scaleUp' ? 'up' : 'down'} is not stated`,
        };
      }
    },
  ),
  objectRule(
    {
      id: 'autoscaler-bounds-are-in-order',
      why: 'The API server refuses an autoscaler whose floor is above its ceiling.',
      remedy: 'set minReplicas to at least 1 and at most maxReplicas',
    },
    function* (at) {
      if (!isPlaced(at, 'HorizontalPodAutoscaler')) return;
      const { minReplicas = 1, maxReplicas = minReplicas } = at.object.spec ?? {};
      if (minReplicas < 1) yield { at, field: 'spec.minReplicas', message: `the floor is ${minReplicas}` };
      if (minReplicas > maxReplicas) {
        yield {
          at,
          field: 'spec.minReplicas',
          message: `the floor of ${minReplicas} is above the ceiling of ${maxReplicas}`,
        };
      }
    },
  ),
  scopeRule(
    {
      id: 'replicated-pods-have-a-disruption-budget',
      why: 'Draining a node may otherwise stop all pods of a workload at once.',
      remedy: 'add a PodDisruptionBudget that selects the pods and lets at least one be moved',
    },
    function* (scope) {
      const budgeted = new Set<PlacedObject>();
      for (const budget of scope.ofKind('PodDisruptionBudget')) {
        const { spec } = budget.object;
        for (const { at } of scope.podsMatching(budget.namespace, spec?.selector?.matchLabels ?? {})) {
          budgeted.add(at);
          const { min } = replicasOf(scope, at);
          if (!neverAllows(spec, min)) continue;
          yield {
            at: budget,
            field: spec?.maxUnavailable === undefined ? 'spec.minAvailable' : 'spec.maxUnavailable',
            message: `the budget lets none of ${min} pods be moved, so no node can be drained`,
            remedy: 'write maxUnavailable: 1, which lets one pod at a time be moved however many there are',
          };
        }
      }
      for (const at of scope.ofKind('Deployment', 'StatefulSet')) {
        const { max } = replicasOf(scope, at);
        if (max <= 1 || budgeted.has(at)) continue;
        yield { at, message: `up to ${max} pods run, and no PodDisruptionBudget selects them` };
      }
    },
  ),
  scopeRule(
    {
      id: 'replicated-pods-are-spread',
      why: 'Pods of one workload on one node are lost together with it.',
      remedy: 'add topologySpreadConstraints over kubernetes.io/hostname',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        if (!['Deployment', 'StatefulSet'].includes(pod.at.object.kind) || replicasOf(scope, pod.at).max <= 1) continue;
        const constraints = asList(pod.spec.topologySpreadConstraints);
        const uncounted = constraints.findIndex(({ labelSelector }) =>
          Object.entries(labelSelector?.matchLabels ?? { none: '' }).some(([key, value]) => pod.labels[key] !== value),
        );
        if (uncounted >= 0) {
          const field = podField(pod, `topologySpreadConstraints[${uncounted}].labelSelector`);
          yield {
            at: pod.at,
            field,
            message: 'the pods have not the labels that are counted, so nothing spreads them',
          };
        }
        if (constraints.some(({ topologyKey }) => topologyKey === 'kubernetes.io/hostname')) continue;
        yield {
          at: pod.at,
          field: podField(pod, 'topologySpreadConstraints'),
          message: 'nothing spreads the pods over the nodes',
        };
      }
    },
  ),
  wiringRule(
    {
      id: 'selectors-mean-one-workload',
      why: 'Of two workloads that select the pods of each other, each deletes those of the other as too many.',
      remedy: 'select by a label that no other workload has, such as app.kubernetes.io/name',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        const selector = selectorOf(pod.at);
        if (!selector) continue;
        const other = scope.podsMatching(pod.namespace, selector).find(({ at }) => at.label !== pod.at.label);
        if (!other) continue;
        const message = `the selector means the pods of ${other.at.label} as well`;
        yield { at: pod.at, field: 'spec.selector.matchLabels', message };
      }
    },
  ),
  podRule(
    {
      id: 'selectors-are-own-labels',
      why: 'A selector cannot be changed later, so it must not depend on where a construct stands in the code.',
      remedy: 'select by app.kubernetes.io/name, and put that label on the pod template',
    },
    function* (pod) {
      const selector = selectorOf(pod.at);
      const hashed = Object.keys(selector ?? {}).find((key) => key.startsWith('cdk8s.io/'));
      if (hashed)
        yield {
          at: pod.at,
          field: 'spec.selector.matchLabels',
          message: `the selector uses ${hashed}, a hash of the construct's path`,
        };
      const changing = Object.keys(selector ?? {}).find((key) => CHANGING_LABELS.has(key));
      if (changing)
        yield {
          at: pod.at,
          field: 'spec.selector.matchLabels',
          message: `the selector uses ${changing}, which changes, and then the API server refuses the workload`,
        };
      if (selector && !selects(selector, pod.labels)) {
        yield {
          at: pod.at,
          field: 'spec.selector.matchLabels',
          message: 'the selector does not match the labels of its own pod template',
        };
      }
    },
  ),
];

/** Labels that say where an object comes from, and not what it is. */
const CHANGING_LABELS = new Set([
  ...['version', 'part-of', 'managed-by'].map((name) => `app.kubernetes.io/${name}`),
  'helm.sh/chart',
]);

/** Pods of a workload at the least and at the most: what its autoscaler may set, or else `spec.replicas`. */
export function replicasOf(scope: Scope, at: PlacedObject): { min: number; max: number } {
  const fixed = fixedReplicas(at) ?? 1;
  const autoscaler = autoscalersOf(scope).get(at);
  if (!autoscaler) return { min: fixed, max: fixed };
  return { min: autoscaler.object.spec?.minReplicas ?? 1, max: autoscaler.object.spec?.maxReplicas ?? 1 };
}

function fixedReplicas(at: PlacedObject): number | undefined {
  return isPlaced(at, 'Deployment', 'ReplicaSet', 'StatefulSet') ? at.object.spec?.replicas : undefined;
}

/** Labels by which a workload knows its pods. */
function selectorOf(at: PlacedObject): Readonly<Record<string, string>> | undefined {
  return isPlaced(at, 'DaemonSet', 'Deployment', 'Job', 'ReplicaSet', 'StatefulSet')
    ? at.object.spec?.selector?.matchLabels
    : undefined;
}

/** The autoscaler of each workload that has one, found once per scope. */
const autoscalersOf = kept((scope: Scope) => {
  const found = new Map<PlacedObject, PlacedAutoscaler>();
  for (const autoscaler of scope.ofKind('HorizontalPodAutoscaler')) {
    const target = scaleTarget(scope, autoscaler);
    if (target) found.set(target, autoscaler);
  }
  return found;
});

type PlacedAutoscaler = PlacedOf<'HorizontalPodAutoscaler'>;

function scaleTarget(scope: Scope, autoscaler: PlacedAutoscaler): PlacedObject | undefined {
  const { kind = '', name = '' } = autoscaler.object.spec?.scaleTargetRef ?? {};
  return scope.find(kind, autoscaler.namespace, name);
}

function selects(selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

function neverAllows(
  spec: { minAvailable?: number | string; maxUnavailable?: number | string } | undefined,
  min: number,
): boolean {
  if (spec?.maxUnavailable !== undefined) return spec.maxUnavailable === 0 || spec.maxUnavailable === '0%';
  if (typeof spec?.minAvailable === 'string') return spec.minAvailable === '100%';
  return (spec?.minAvailable ?? 0) >= min;
}
