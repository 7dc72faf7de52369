import {
  BASELINE,
  type Variant,
  type VariedField,
  type WorkloadName,
  type WorkloadSettings,
} from '../../experiments/plan';

/**
 * Where the fields that a variant declares, and sets to something else than the baseline, are found in the live objects: paths as
 * `changedFields` gives them.
 */
export function declaredPaths(variant: Variant): string[] {
  return Object.entries(variant.varies)
    .flatMap(([workload, fields]) =>
      fields
        .filter((field) => differs(variant, workload as WorkloadName, field))
        .flatMap((field) => PATHS[field](workload)),
    )
    .sort();
}

const PATHS: Readonly<Record<VariedField, (workload: string) => string[]>> = {
  // The baseline is autoscaled: a fixed count takes the autoscaler away.
  replicas: (workload) => [`Deployment/${workload}.replicas`, `HorizontalPodAutoscaler/${workload}`],
  cpuMillicores: (workload) => [`Deployment/${workload}.template.spec.containers[0].resources.requests.cpu`],
  targetCpuPercent: (workload) => [`HorizontalPodAutoscaler/${workload}.metrics[0].resource.target.averageUtilization`],
  minReplicas: (workload) => [`HorizontalPodAutoscaler/${workload}.minReplicas`],
  scaleUp: (workload) => [`HorizontalPodAutoscaler/${workload}.behavior.scaleUp.policies`],
  signals: (workload) => [`HorizontalPodAutoscaler/${workload}.metrics`],
  floor: (workload) => [`HorizontalPodAutoscaler/${workload}.metrics`],
  tolerancePercent: (workload) =>
    ['scaleUp', 'scaleDown'].map((rules) => `HorizontalPodAutoscaler/${workload}.behavior.${rules}.tolerance`),
  scaleDownStabilisationSeconds: (workload) => [
    `HorizontalPodAutoscaler/${workload}.behavior.scaleDown.stabilizationWindowSeconds`,
  ],
};

function differs(variant: Variant, workload: WorkloadName, field: VariedField): boolean {
  return (
    JSON.stringify(valueOf(variant.settings[workload], field)) !== JSON.stringify(valueOf(BASELINE[workload], field))
  );
}

function valueOf(settings: WorkloadSettings, field: VariedField): unknown {
  if (field === 'replicas' || field === 'cpuMillicores') return settings[field];
  return typeof settings.replicas === 'number' ? undefined : settings.replicas[field];
}
