import type { Autoscaling } from '../../plan';
import {
  declaredSpecification,
  HorizontalPodAutoscaler,
  type ControllerSettings,
} from '../../../lib/kubernetes/horizontal-pod-autoscaler';
import type { MetricsPipeline } from './metrics-pipeline';
import type { Workload } from './workload';

/** Runs the controller's syncs for one workload of the simulated cluster. */
export class AutoscalerLoop {
  private readonly algorithm: HorizontalPodAutoscaler;

  constructor(
    private readonly workload: Workload,
    autoscaling: Autoscaling,
    settings: ControllerSettings,
    private readonly metrics: MetricsPipeline,
  ) {
    this.algorithm = new HorizontalPodAutoscaler(declaredSpecification(autoscaling), settings);
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
