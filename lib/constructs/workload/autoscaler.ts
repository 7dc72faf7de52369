import { k8s } from 'cdk8s-plus-28';
import type { Component } from '../component';
import { declaredSpecification } from '../../kubernetes/horizontal-pod-autoscaler';
import type { Autoscaling } from '../../kubernetes/workload-variant';

/**
 * A HorizontalPodAutoscaler (autoscaling/v2) on CPU, see {@link declaredSpecification}.
 *
 * @throws Error when the bounds, the target or a policy make no sense.
 */
export class Autoscaler extends k8s.KubeHorizontalPodAutoscalerV2 {
  constructor(component: Component, id: string, deployment: string, scaling: Autoscaling) {
    refuseInvalid(deployment, scaling);
    super(component, id, {
      metadata: component.objectMetadata(deployment, { labelName: deployment }),
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment },
        ...declaredSpecification(scaling),
      },
    });
  }
}

function refuseInvalid(deployment: string, scaling: Autoscaling): void {
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
