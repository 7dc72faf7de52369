import type { Autoscaling } from '../../plan';
import {
  declaredSpecification,
  HorizontalPodAutoscaler,
  metricKey,
  SIGNAL_METRICS,
  type ControllerSettings,
  type MetricSpecification,
} from '../../../lib/kubernetes/horizontal-pod-autoscaler';
import { scheduledFloor, type GatewaySignals } from './gateway-signals';
import type { MetricsPipeline } from './metrics-pipeline';
import type { Workload } from './workload';

type ExternalMetric = Extract<MetricSpecification, { type: 'External' }>;

/** Runs the controller's syncs for one workload of the simulated cluster. */
export class AutoscalerLoop {
  private readonly algorithm: HorizontalPodAutoscaler;
  private readonly external: readonly ExternalMetric[];

  constructor(
    private readonly workload: Workload,
    private readonly autoscaling: Autoscaling,
    settings: ControllerSettings,
    private readonly metrics: MetricsPipeline,
    private readonly signals: GatewaySignals,
    /** When the load is at its highest, seconds of the trial. */
    private readonly peak: number,
  ) {
    const specification = declaredSpecification(autoscaling, workload.name);
    this.external = specification.metrics.filter((metric) => metric.type === 'External');
    // A variant with a tolerance of its own runs where the gate is open (see `needs` of its experiment).
    const configurableTolerance = settings.configurableTolerance || autoscaling.tolerancePercent !== undefined;
    this.algorithm = new HorizontalPodAutoscaler(specification, { ...settings, configurableTolerance });
  }

  sync(now: number): void {
    const { workload } = this;
    const { cpuMillicores, memoryMiB } = workload.settings;
    const decision = this.algorithm.sync({
      now: now * 1000,
      specReplicas: workload.desired,
      statusReplicas: workload.current,
      pods: workload.pods.map((pod) => pod.observe(cpuMillicores, memoryMiB)),
      readings: { resource: this.metrics.read(workload.pods), external: this.externalReadings(now) },
    });
    if (decision.rescaled) workload.scale(decision.replicas, now);
  }

  private externalReadings(now: number): Record<string, number[]> {
    const { floor } = this.autoscaling;
    return Object.fromEntries(
      this.external.flatMap((metric) => {
        const { name } = metric.external.metric;
        const value =
          name === SIGNAL_METRICS.floor && floor !== undefined
            ? scheduledFloor(floor, this.peak, now)
            : this.signals.read(name, this.workload.name, now);
        return value === undefined ? [] : [[metricKey(metric), [value]]];
      }),
    );
  }
}
