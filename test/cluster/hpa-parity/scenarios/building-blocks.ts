import type {
  Behavior,
  HorizontalPodAutoscalerSpecification,
  MetricSpecification,
} from '../../../../lib/kubernetes/horizontal-pod-autoscaler';
import type { ScalingPolicy } from '../../../../lib/kubernetes/workload-variant';
import type { Step } from '../scenario';

/**
 * Windows and periods lie well between two ages that a sample can have (`MARGINS`), so that no verdict hangs on a few
 * milliseconds. Syncs every 3 s would put the default period of 15 s on the fifth of them.
 */
const STEPS = 12;

export const pods = (value: number, periodSeconds: number): ScalingPolicy => ({ type: 'Pods', value, periodSeconds });
export const percent = (value: number, periodSeconds: number): ScalingPolicy => ({
  type: 'Percent',
  value,
  periodSeconds,
});

export function cpuTarget(averageUtilization: number): MetricSpecification {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } };
}

export function autoscaler(
  behavior?: Behavior,
  more: Partial<HorizontalPodAutoscalerSpecification> = {},
): HorizontalPodAutoscalerSpecification {
  return { minReplicas: 1, maxReplicas: 12, metrics: [cpuTarget(50)], ...(behavior && { behavior }), ...more };
}

export const PROMPT: Behavior = { scaleDown: { stabilizationWindowSeconds: 0 } };

/** The load is shared by the pods: total millicores per step, divided among however many there are. */
export const shared = (totals: readonly number[]): Step[] => totals.map((total) => ({ value: total, cpu: -1 }));
export const constant = (cpu: number, more: Step = {}): Step[] =>
  Array.from({ length: STEPS }, () => ({ cpu, ...more }));
export const repeated = (steps: readonly Step[]): Step[] =>
  Array.from({ length: STEPS }, (_, index) => steps[index % steps.length]);

/** A small deterministic noise, one value per step. */
export function noise(seed: number, low: number, high: number): number[] {
  let state = seed;
  return Array.from({ length: STEPS }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.round(low + ((high - low) * state) / 2147483648);
  });
}

export const STEP_UP = [40, 40, 300, 300, 300, 300, 300, 300, 300, 300, 300, 300];
export const STEP_DOWN = [400, 400, 400, 60, 60, 60, 60, 60, 60, 60, 60, 60];
export const RAMP_UP = [40, 80, 120, 160, 200, 240, 280, 320, 360, 400, 440, 480];
export const RAMP_DOWN = [...RAMP_UP].reverse();
export const PULSE = [100, 100, 500, 500, 100, 100, 100, 500, 500, 100, 100, 100];
