import type { RuleException, Tree } from '../lib/constructs/platform-model';
import { Autoscaler } from '../lib/constructs/workload/autoscaler';
import type { KubernetesObject } from '../lib/kubernetes/object';
import { cpuQuantity } from '../lib/kubernetes/quantity';
import type { WorkloadSettings, WorkloadVariant } from '../lib/kubernetes/workload-variant';
import { DatabaseMigration } from './database-migration';
import { djangoApi, DjangoApiWorkload } from './django-api';
import { idaes, IdaesWorkload } from './idaes';
import { AhuoraComponent, separateOutput, type Platform } from './platform';

/** Name of a workload that experiments vary. */
type WorkloadName = 'django-api' | 'idaes';

/** The variants' own settings, with the fields that each sets on purpose. */
export type PlatformVariant = WorkloadVariant<WorkloadName> & {
  /** Fields that it changes of its baseline, by workload. */
  readonly varies?: Readonly<Partial<Record<WorkloadName, readonly string[]>>>;
};

/** Folder of what all variants share. */
const BASE = 'workloads/base';

/**
 * The folders of the workloads under experiment: what all variants share, with the requests of `baseline`, and the migration
 * before it; and per variant its autoscalers in full, and a patch with the fields of Deployments that its row declares.
 */
export function workloadTrees(
  platform: Platform,
  baseline: Readonly<Record<WorkloadName, WorkloadSettings>>,
  variants: readonly PlatformVariant[],
  beside: readonly Tree[] = [],
): { base: Tree; variants: Tree[] } {
  return {
    base: { directory: BASE, app: renderBase(platform, baseline), kustomization: {} },
    variants: variants.map((variant) => ({
      directory: `workloads/${variant.name}`,
      app: renderAutoscalers(platform, variant),
      alongside: ['platform', ...beside.map(({ directory }) => directory)],
      kustomization: { base: BASE, patches: patchesOf(platform, variant) },
    })),
  };
}

function renderBase(platform: Platform, baseline: Readonly<Record<WorkloadName, WorkloadSettings>>): Tree['app'] {
  const output = separateOutput(platform);
  new DatabaseMigration(output);
  new DjangoApiWorkload(output, { ...baseline['django-api'], replicas: 'elsewhere' });
  new IdaesWorkload(output, { ...baseline.idaes, replicas: 'elsewhere' });
  return output.app;
}

/** One file for each workload that is autoscaled. */
function renderAutoscalers(platform: Platform, { settings }: PlatformVariant): Tree['app'] {
  const output = separateOutput(platform);
  for (const workload of [djangoApi.host, idaes.host] as WorkloadName[]) {
    if (!settings[workload])
      throw new Error(
        `charts: a component has the endpoint "${workload}", and the variants of experiments/plan know only ${Object.keys(settings).join(' and ')}; give the endpoint the name of its workload.`,
      );
    const { replicas } = settings[workload];
    if (typeof replicas === 'number') continue;
    new Autoscaler(new AhuoraComponent(output, workload), `${workload}-autoscaler`, workload, replicas);
  }
  return output.app;
}

/** The declared fields that stand in the Deployment; those of an autoscaler stand in its own file. */
function patchesOf(platform: Platform, { settings, varies = {} }: PlatformVariant): KubernetesObject[] {
  return (Object.keys(settings) as WorkloadName[]).flatMap((workload) => {
    const { replicas, cpuMillicores } = settings[workload];
    const declares = varies[workload] ?? [];
    const request = { containers: [{ name: workload, resources: { requests: { cpu: cpuQuantity(cpuMillicores) } } }] };
    const spec = {
      ...(typeof replicas === 'number' && { replicas }),
      ...(declares.includes('cpuMillicores') && { template: { spec: request } }),
    };
    if (Object.keys(spec).length === 0) return [];
    const metadata = { name: workload, namespace: platform.settings.namespace };
    return [{ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec }];
  });
}

/**
 * Some rows of the experiments ask for more than the nodes hold, which depends on the inventory; they are rendered all the
 * same. Production has no such exception.
 */
export function overcommitment({ name, settings }: PlatformVariant): RuleException[] {
  return Object.keys(settings).map((workload) => ({
    rule: 'pods-fit-the-nodes',
    object: `workloads/${name}/Deployment/${workload}`,
    reason: 'A row of the experiments that shows what happens when the maximum of replicas cannot be reached.',
    onlyWhereNeeded: true,
  }));
}
