import type { Variant, VariedField, WorkloadName } from '../../../experiments/plan';
import type { LooseObject } from '../../fixtures/loose';

/** Where a varied field of the plan shows in the manifests. */
const SHOWS_IN: Readonly<Record<VariedField, readonly RegExp[]>> = {
  // A number in place of an autoscaler.
  replicas: [/^Deployment spec\.replicas$/, /^HorizontalPodAutoscaler /],
  cpuMillicores: [/^Deployment spec\.template\.spec\.containers\.\d+\.resources\.requests\.cpu$/],
  targetCpuPercent: [/^HorizontalPodAutoscaler spec\.metrics\.0\.resource\.target\.averageUtilization$/],
  minReplicas: [/^HorizontalPodAutoscaler spec\.minReplicas$/],
  scaleUp: [/^HorizontalPodAutoscaler spec\.behavior\.scaleUp\./],
  signals: [/^HorizontalPodAutoscaler spec\.metrics\./],
  // Beside CPU, which stays as it is.
  floor: [/^HorizontalPodAutoscaler spec\.metrics\.1\.external\./, /^HorizontalPodAutoscaler spec\.metrics\.1\.type$/],
  tolerancePercent: [/^HorizontalPodAutoscaler spec\.behavior\.scale(Up|Down)\.tolerance$/],
  scaleDownStabilisationSeconds: [/^HorizontalPodAutoscaler spec\.behavior\.scaleDown\.stabilizationWindowSeconds$/],
};

/** Whether a variant declares that it varies the field, told as {@link leavesOf} does. */
export function isDeclared(variant: Variant, field: string): boolean {
  const [workload, ...rest] = field.split(' ');
  const declared = variant.varies[workload as WorkloadName] ?? [];
  return declared.some((one) => SHOWS_IN[one].some((pattern) => pattern.test(rest.join(' '))));
}

/** Every leaf of manifests, by `<object> <kind> <path>`. */
export function leavesOf(objects: readonly LooseObject[]): Map<string, string> {
  const leaves = new Map<string, string>();
  for (const object of objects) collect(object, `${object.metadata.name} ${object.kind} `, leaves);
  return leaves;
}

/** The leaves that two sets of manifests do not hold alike. */
export function differing(one: readonly LooseObject[], other: readonly LooseObject[]): string[] {
  const [left, right] = [leavesOf(one), leavesOf(other)];
  return [...new Set([...left.keys(), ...right.keys()])].filter((field) => left.get(field) !== right.get(field));
}

function collect(value: unknown, path: string, leaves: Map<string, string>): void {
  if (value === null || typeof value !== 'object') {
    leaves.set(path, JSON.stringify(value));
    return;
  }
  for (const [key, child] of Object.entries(value))
    collect(child, path.endsWith(' ') ? `${path}${key}` : `${path}.${key}`, leaves);
}
