import type { Autoscaling, ScalingPolicy, ScheduledFloor } from '../workload-variant';
import {
  DEFAULT_SCALE_DOWN,
  type HorizontalPodAutoscalerSpecification,
  type MetricSpecification,
  type ScalingRules,
} from './specification';

/** The rules as a manifest declares them: nothing is left to a default. */
export interface DeclaredSpecification extends HorizontalPodAutoscalerSpecification {
  readonly minReplicas: number;
  readonly metrics: DeclaredMetric[];
  readonly behavior: { readonly scaleUp: DeclaredRules; readonly scaleDown: DeclaredRules };
}

type DeclaredMetric = Extract<MetricSpecification, { type: 'Resource' | 'External' }>;

interface DeclaredRules extends ScalingRules {
  readonly policies?: ScalingPolicy[];
}

/** External metrics that autoscalers look at; the label `workload` of a series says which Deployment it is
 * about, those of {@link floorLabels} which floor. */
export const SIGNAL_METRICS = {
  'in-flight': 'requests_in_flight',
  'request-rate': 'requests_per_second',
  floor: 'scheduled_replicas',
} as const;

/**
 * The specification of an autoscaler, every rule of its behaviour written out, so that nothing depends on defaults
 * (https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#configurable-scaling-behavior).
 *
 * @param workload name of the Deployment, which signals beyond CPU are read for
 */
export function declaredSpecification(scaling: Autoscaling, workload: string): DeclaredSpecification {
  const { signals = ['cpu'], floor } = scaling;
  return {
    minReplicas: scaling.minReplicas,
    maxReplicas: scaling.maxReplicas,
    metrics: [
      ...signals.map((signal) =>
        signal === 'cpu'
          ? cpuMetric(scaling.targetCpuPercent)
          : sharedMetric(SIGNAL_METRICS[signal.kind], { workload }, signal.perPod),
      ),
      // One pod for each unit of the floor, however many there are now.
      ...(floor === undefined ? [] : [sharedMetric(SIGNAL_METRICS.floor, floorLabels(floor), 1)]),
    ],
    behavior: {
      scaleUp: { ...scaleUp(scaling.scaleUp), ...toleranceOf(scaling) },
      scaleDown: {
        stabilizationWindowSeconds: scaling.scaleDownStabilisationSeconds,
        selectPolicy: DEFAULT_SCALE_DOWN.selectPolicy,
        policies: [...DEFAULT_SCALE_DOWN.policies],
        ...toleranceOf(scaling),
      },
    },
  };
}

function cpuMetric(averageUtilization: number): DeclaredMetric {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } };
}

/** Labels of the series that states a floor: each floor has a series of its own, so that manifests tell which one they follow. */
export function floorLabels({ replicas, leadSeconds }: ScheduledFloor): Record<string, string> {
  return { replicas: String(replicas), lead_seconds: String(leadSeconds) };
}

/** An amount that the pods share: the gateway counts requests before it has chosen a pod for them. */
function sharedMetric(name: string, matchLabels: Record<string, string>, perPod: number): DeclaredMetric {
  return {
    type: 'External',
    external: {
      metric: { name, selector: { matchLabels } },
      target: { type: 'AverageValue', averageValue: thousandths(perPod) },
    },
  };
}

function toleranceOf({ tolerancePercent }: Autoscaling): Pick<DeclaredRules, 'tolerance'> {
  return tolerancePercent === undefined ? {} : { tolerance: thousandths(tolerancePercent / 100) };
}

/** A quantity as the API server itself writes it: whole units without a suffix. */
function thousandths(amount: number): string {
  const milli = Math.round(amount * 1000);
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
}

function scaleUp(policies: Autoscaling['scaleUp']): DeclaredRules {
  if (policies.length === 0) return { selectPolicy: 'Disabled' };
  return {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: policies.map(({ type, value, periodSeconds }) => ({ type, value, periodSeconds })),
  };
}
