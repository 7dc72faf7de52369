import { deployment, pod, type Case } from './case';
import { find } from '../sound-platform';

export const workloadsCases: readonly Case[] = [
  {
    rule: 'replicas-are-left-to-the-autoscaler',
    when: 'an HPA and spec.replicas both set the pods',
    breakIt: (p) => (find(p, deployment).spec.replicas = 2),
    object: deployment,
    field: 'spec.replicas',
    message: /HorizontalPodAutoscaler\/web sets it too/,
  },
  {
    rule: 'autoscalers-state-their-behaviour',
    when: 'the behaviour is left to the cluster',
    breakIt: (p) => delete find(p, 'HorizontalPodAutoscaler/web').spec.behavior.scaleUp,
    object: 'HorizontalPodAutoscaler/web',
    field: 'spec.behavior.scaleUp',
    message: /scales up is not stated/,
  },
  {
    rule: 'autoscaler-bounds-are-in-order',
    when: 'the minimum is above the maximum',
    breakIt: (p) => (find(p, 'HorizontalPodAutoscaler/web').spec.minReplicas = 9),
    object: 'HorizontalPodAutoscaler/web',
    field: 'spec.minReplicas',
    message: /floor of 9 is above the ceiling of 8/,
  },
  {
    rule: 'replicated-pods-have-a-disruption-budget',
    when: 'the budget is missing',
    breakIt: (p) => p.files[1]!.objects.pop(),
    object: deployment,
    message: /up to 8 pods run, and no PodDisruptionBudget/,
  },
  {
    rule: 'replicated-pods-have-a-disruption-budget',
    when: 'the budget lets no pod be moved',
    breakIt: (p) =>
      (find(p, 'PodDisruptionBudget/web').spec = { minAvailable: 2, selector: find(p, deployment).spec.selector }),
    object: 'PodDisruptionBudget/web',
    field: 'spec.minAvailable',
    message: /no node can be drained/,
  },
  {
    rule: 'replicated-pods-are-spread',
    when: 'nothing spreads the pods',
    breakIt: (p) => delete pod(p).topologySpreadConstraints,
    object: deployment,
    message: /nothing spreads the pods/,
  },
  {
    rule: 'selectors-are-own-labels',
    when: 'the selector is a path hash',
    breakIt: (p) => (find(p, deployment).spec.selector.matchLabels = { 'cdk8s.io/metadata.addr': 'web-c8a3' }),
    object: deployment,
    field: 'spec.selector.matchLabels',
    message: /hash of the construct's path/,
  },
];
