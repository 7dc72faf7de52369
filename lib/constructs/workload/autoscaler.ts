import { ApiObject } from 'cdk8s';
import { k8s } from '../typed-kinds';
import type { Component } from '../component';
import { declaredSpecification } from '../../kubernetes/horizontal-pod-autoscaler';
import type { Autoscaling } from '../../kubernetes/workload-variant';

/**
 * A HorizontalPodAutoscaler (autoscaling/v2), see {@link declaredSpecification}. The typed object of the core API is of 1.28
 * and leaves out the tolerance, which came later; the schema check holds the object against the cluster's version.
 *
 * @throws Error when the bounds, the target or a policy make no sense.
 */
export class Autoscaler extends ApiObject {
  constructor(component: Component, id: string, deployment: string, scaling: Autoscaling) {
    refuseInvalid(deployment, scaling);
    super(component, id, {
      ...k8s.KubeHorizontalPodAutoscalerV2.GVK,
      metadata: component.objectMetadata(deployment, { labelName: deployment }),
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment },
        ...declaredSpecification(scaling, deployment),
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
  refuseInvalidSignals(where, scaling);
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

function refuseInvalidSignals(where: string, { signals, floor, tolerancePercent, maxReplicas }: Autoscaling): void {
  if (signals?.length === 0) throw new Error(`${where}.signals: names no signal; write 'cpu', or leave it out.`);
  signals?.forEach((signal, index) => {
    if (signal === 'cpu' || (Number.isFinite(signal.perPod) && signal.perPod >= 0.001)) return;
    throw new Error(
      `${where}.signals[${index}].perPod: ${signal.perPod} is not an amount of 0.001 or more for each pod.`,
    );
  });
  if (floor !== undefined) {
    wholeNumber(`${where}.floor.replicas`, floor.replicas, 1, maxReplicas);
    wholeNumber(`${where}.floor.leadSeconds`, floor.leadSeconds, 0, 86_400);
  }
  if (tolerancePercent !== undefined) wholeNumber(`${where}.tolerancePercent`, tolerancePercent, 0, 99);
}

function wholeNumber(field: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new Error(`${field}: ${value} is not a whole number from ${least} to ${most}; the API server would refuse it.`);
}
