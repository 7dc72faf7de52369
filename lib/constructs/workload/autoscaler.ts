import { k8s } from 'cdk8s-plus-28';
import type { Component } from '../component';
import type { Autoscaling, ScalingPolicy } from '../../kubernetes/workload-variant';

/**
 * A HorizontalPodAutoscaler (autoscaling/v2) on CPU with every rule of its behaviour written out, so that nothing depends
 * on defaults (https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#configurable-scaling-behavior).
 * Scale-down may remove all surplus pods at once after its window, as Kubernetes itself does.
 *
 * @throws Error when the bounds, the target or a policy make no sense.
 */
export class Autoscaler extends k8s.KubeHorizontalPodAutoscalerV2 {
  constructor(component: Component, id: string, deployment: string, scaling: Autoscaling) {
    refuseNonsense(deployment, scaling);
    super(component, id, {
      metadata: component.objectMetadata(deployment, { labelName: deployment }),
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment },
        minReplicas: scaling.minReplicas,
        maxReplicas: scaling.maxReplicas,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: scaling.targetCpuPercent } },
          },
        ],
        behavior: {
          scaleUp: toScaleUp(scaling.scaleUp),
          scaleDown: {
            stabilizationWindowSeconds: scaling.scaleDownStabilisationSeconds,
            selectPolicy: 'Max',
            policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
          },
        },
      },
    });
  }
}

function toScaleUp(policies: readonly ScalingPolicy[]): k8s.HpaScalingRulesV2 {
  if (policies.length === 0) return { selectPolicy: 'Disabled' };
  return {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: policies.map(({ type, value, periodSeconds }) => ({ type, value, periodSeconds })),
  };
}

function refuseNonsense(deployment: string, scaling: Autoscaling): void {
  const where = `${deployment}: replicas`;
  wholeNumber(`${where}.minReplicas`, scaling.minReplicas, 1, 1000);
  wholeNumber(`${where}.maxReplicas`, scaling.maxReplicas, 1, 1000);
  wholeNumber(`${where}.targetCpuPercent`, scaling.targetCpuPercent, 1, 1000);
  wholeNumber(`${where}.scaleDownStabilisationSeconds`, scaling.scaleDownStabilisationSeconds, 0, 3600);
  scaling.scaleUp.forEach(({ value, periodSeconds }, index) => {
    wholeNumber(`${where}.scaleUp[${index}].value`, value, 1, 100_000);
    wholeNumber(`${where}.scaleUp[${index}].periodSeconds`, periodSeconds, 1, 1800);
  });
  if (scaling.minReplicas > scaling.maxReplicas) {
    throw new Error(
      `${where}: minReplicas ${scaling.minReplicas} is above maxReplicas ${scaling.maxReplicas}; lower the one or raise the other.`,
    );
  }
}

function wholeNumber(field: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new Error(`${field}: ${value} is not a whole number from ${least} to ${most}; the API server would refuse it.`);
}
