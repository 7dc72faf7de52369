import type { Autoscaling, ScalingPolicy } from '../workload-variant';
import { DEFAULT_SCALE_DOWN, type HorizontalPodAutoscalerSpecification, type ScalingRules } from './specification';

/** The rules as a manifest declares them: nothing is left to a default. */
export interface DeclaredSpecification extends HorizontalPodAutoscalerSpecification {
  readonly minReplicas: number;
  readonly metrics: DeclaredMetric[];
  readonly behavior: { readonly scaleUp: DeclaredRules; readonly scaleDown: DeclaredRules };
}

interface DeclaredMetric {
  readonly type: 'Resource';
  readonly resource: {
    readonly name: 'cpu';
    readonly target: { readonly type: 'Utilization'; readonly averageUtilization: number };
  };
}

interface DeclaredRules extends ScalingRules {
  readonly policies?: ScalingPolicy[];
}

/**
 * The specification of an autoscaler on CPU, every rule of its behaviour written out, so that nothing depends on defaults
 * (https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#configurable-scaling-behavior).
 * Scale-down may remove all surplus pods at once after its window, as Kubernetes itself does.
 */
export function declaredSpecification(scaling: Autoscaling): DeclaredSpecification {
  return {
    minReplicas: scaling.minReplicas,
    maxReplicas: scaling.maxReplicas,
    metrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: scaling.targetCpuPercent } },
      },
    ],
    behavior: {
      scaleUp: scaleUp(scaling.scaleUp),
      scaleDown: {
        stabilizationWindowSeconds: scaling.scaleDownStabilisationSeconds,
        selectPolicy: DEFAULT_SCALE_DOWN.selectPolicy,
        policies: [...DEFAULT_SCALE_DOWN.policies],
      },
    },
  };
}

function scaleUp(policies: Autoscaling['scaleUp']): DeclaredRules {
  if (policies.length === 0) return { selectPolicy: 'Disabled' };
  return {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: policies.map(({ type, value, periodSeconds }) => ({ type, value, periodSeconds })),
  };
}
