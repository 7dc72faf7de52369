import type { Autoscaling } from '../../plan';
import {
  HorizontalPodAutoscaler,
  type ControllerSettings,
  type HorizontalPodAutoscalerSpecification,
} from '../../../lib/kubernetes/horizontal-pod-autoscaler';
import type { MetricsPipeline } from './metrics-pipeline';
import type { Workload } from './workload';

/** The autoscaler of a variant, as its manifest declares it: CPU against the request, one window, one list of policies. */
export function autoscalerSpecification(autoscaling: Autoscaling): HorizontalPodAutoscalerSpecification {
  return {
    minReplicas: autoscaling.minReplicas,
    maxReplicas: autoscaling.maxReplicas,
    metrics: [
      {
        type: 'Resource',
        resource: {
          name: 'cpu',
          target: { type: 'Utilization', averageUtilization: autoscaling.targetCpuPercent },
        },
      },
    ],
    behavior: {
      scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: autoscaling.scaleUp },
      scaleDown: { stabilizationWindowSeconds: autoscaling.scaleDownStabilisationSeconds },
    },
  };
}

/** Runs the controller's syncs for one workload of the simulated cluster. */
export class Autoscaler {
  private readonly algorithm: HorizontalPodAutoscaler;

  constructor(
    private readonly workload: Workload,
    autoscaling: Autoscaling,
    settings: ControllerSettings,
    private readonly metrics: MetricsPipeline,
  ) {
    this.algorithm = new HorizontalPodAutoscaler(autoscalerSpecification(autoscaling), settings);
  }

  sync(now: number): void {
    const { workload } = this;
    const { cpuMillicores, memoryMiB } = workload.settings;
    const decision = this.algorithm.sync({
      now: now * 1000,
      specReplicas: workload.desired,
      statusReplicas: workload.current,
      pods: workload.pods.map((pod) => pod.observe(cpuMillicores, memoryMiB)),
      readings: { resource: this.metrics.read(workload.pods) },
    });
    if (decision.rescaled) workload.scale(decision.replicas, now);
  }
}
