import { BASELINE, clusterVariants, EXPERIMENTS, type VariedField, type WorkloadName } from '../../../experiments/plan';
import { renderWorkloads } from '../../../charts/workloads';
import { platform } from '../../../charts/platform';
import { join } from 'node:path';
import { readInventory } from '../../../facts/inventory';

/** Where a varied field of the plan shows in the manifests. */
const SHOWS_IN: Readonly<Record<VariedField, readonly RegExp[]>> = {
  // A number in place of an autoscaler; one pod alone has nothing to be spread from or kept available with.
  replicas: [
    /^Deployment spec\.replicas$/,
    /^HorizontalPodAutoscaler /,
    /^PodDisruptionBudget /,
    /^Deployment spec\.template\.spec\.topologySpreadConstraints\./,
  ],
  cpuMillicores: [/^Deployment spec\.template\.spec\.containers\.\d+\.resources\.requests\.cpu$/],
  targetCpuPercent: [/^HorizontalPodAutoscaler spec\.metrics\.0\.resource\.target\.averageUtilization$/],
  minReplicas: [/^HorizontalPodAutoscaler spec\.minReplicas$/],
  scaleUp: [/^HorizontalPodAutoscaler spec\.behavior\.scaleUp\./],
  scaleDownStabilisationSeconds: [/^HorizontalPodAutoscaler spec\.behavior\.scaleDown\.stabilizationWindowSeconds$/],
};

const inventory = readInventory(join(__dirname, '../../../ansible/inventory/hosts.yml'));
const baseline = fieldsOf({ name: 'production', settings: BASELINE });

describe('every variant', () => {
  const variants = clusterVariants(EXPERIMENTS);

  it.each(variants.map((variant) => [variant.name, variant] as const))(
    '%s differs from the baseline only where it declares to',
    (_, variant) => {
      const fields = fieldsOf(variant);
      const differing = [...new Set([...fields.keys(), ...baseline.keys()])].filter(
        (field) => fields.get(field) !== baseline.get(field),
      );
      const undeclared = differing.filter((field) => {
        const [workload, ...rest] = field.split(' ');
        const declared = variant.varies[workload as WorkloadName] ?? [];
        return !declared.some((one) => SHOWS_IN[one].some((pattern) => pattern.test(rest.join(' '))));
      });
      expect(undeclared).toEqual([]);
    },
  );

  it('shows each of its declared fields somewhere in the plan, so that no declaration is idle', () => {
    for (const experiment of EXPERIMENTS.filter(({ name }) => name !== 'benchmark')) {
      const changed = experiment.variants.some((variant) => {
        const fields = fieldsOf(variant);
        return [...fields].some(([field, value]) => baseline.get(field) !== value);
      });
      expect([experiment.name, changed]).toEqual([experiment.name, true]);
    }
  });

  it('has a name of its own', () => {
    expect(new Set(variants.map(({ name }) => name)).size).toBe(variants.length);
  });
});

/** Every leaf of a variant's manifests, by `<object> <kind> <path>`. */
function fieldsOf(variant: Parameters<typeof renderWorkloads>[1]): Map<string, string> {
  const fields = new Map<string, string>();
  for (const chart of renderWorkloads(platform(inventory), variant).charts)
    for (const object of chart.toJson() as { kind: string; metadata: { name: string } }[])
      collect(object, `${object.metadata.name} ${object.kind} `, fields);
  return fields;
}

function collect(value: unknown, path: string, fields: Map<string, string>): void {
  if (value === null || typeof value !== 'object') {
    fields.set(path, JSON.stringify(value));
    return;
  }
  for (const [key, child] of Object.entries(value))
    collect(child, path.endsWith(' ') ? `${path}${key}` : `${path}.${key}`, fields);
}
