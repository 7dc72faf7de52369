import { parseQuantity } from '../quantity';
import type { HorizontalPodAutoscalerSpecification, MetricSpecification, MetricTarget } from './specification';

/** Amounts that each kind of metric may be compared with; one of them has to be there. */
const TARGETS: Readonly<Record<MetricSpecification['type'], readonly (keyof MetricTarget)[]>> = {
  Resource: ['averageUtilization', 'averageValue'],
  ContainerResource: ['averageUtilization', 'averageValue'],
  Pods: ['averageValue'],
  Object: ['value', 'averageValue'],
  External: ['value', 'averageValue'],
};

/** Fields of {@link MetricSpecification} by type. */
const FIELDS: Readonly<Record<MetricSpecification['type'], string>> = {
  Resource: 'resource',
  ContainerResource: 'containerResource',
  Pods: 'pods',
  Object: 'object',
  External: 'external',
};

/**
 * Refuses what the API server would refuse of metrics and tolerances: a missing amount would become a number of replicas.
 * Source: `validateMetricSpec`, `validateMetricTarget`, `validate…Source` and `validateScalingRules` of
 * pkg/apis/autoscaling/validation/validation.go.
 *
 * @throws Error with one sentence that names the field.
 */
export function refuseInvalid({ metrics = [], behavior }: HorizontalPodAutoscalerSpecification): void {
  metrics.forEach((metric, index) => refuseMetric(metric, `spec.metrics[${index}]`));
  for (const direction of ['scaleUp', 'scaleDown'] as const) {
    const tolerance = behavior?.[direction]?.tolerance;
    if (tolerance === undefined || (parseQuantity(tolerance) ?? -1) >= 0) continue;
    throw new Error(
      `spec.behavior.${direction}.tolerance: "${tolerance}" is not a quantity of 0 or more; write a share such as 50m for 5 %.`,
    );
  }
}

function refuseMetric(metric: MetricSpecification, where: string): void {
  const field = FIELDS[metric.type] as string | undefined;
  if (field === undefined) {
    throw new Error(
      `${where}.type: "${metric.type}" is no type of metric; write one of ${Object.keys(FIELDS).join(', ')}.`,
    );
  }
  const source = (
    metric as unknown as Record<string, { readonly target?: MetricTarget; readonly metric?: { name: string } }>
  )[field];
  if (source?.target === undefined)
    throw new Error(`${where}.${field}: has no target; write what to compare the metric with.`);
  if (source.metric?.name === '') throw new Error(`${where}.${field}.metric.name: is empty; write the metric's name.`);
  refuseTarget(source.target, TARGETS[metric.type], `${where}.${field}.target`);
}

function refuseTarget(target: MetricTarget, allowed: readonly (keyof MetricTarget)[], where: string): void {
  const given = allowed.filter((field) => target[field] !== undefined);
  if (given.length === 0) throw new Error(`${where}: has no amount; write ${allowed.join(' or ')}.`);
  if (given.length > 1 && !(given.includes('value') && target.type === 'Value')) {
    throw new Error(`${where}: has both ${given.join(' and ')}; leave one of them.`);
  }
  for (const field of ['value', 'averageValue'] as const) {
    const amount = target[field];
    if (amount === undefined || (parseQuantity(amount) ?? 0) > 0) continue;
    throw new Error(`${where}.${field}: "${amount}" is not a quantity above 0; write one such as 4 or 500m.`);
  }
  const { averageUtilization } = target;
  if (averageUtilization === undefined || (Number.isInteger(averageUtilization) && averageUtilization >= 1)) return;
  throw new Error(
    `${where}.averageUtilization: ${averageUtilization} is not a whole percentage above 0; write one such as 50.`,
  );
}
