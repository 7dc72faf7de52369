import type { App } from 'cdk8s';
import type { RuleException } from '../lib/constructs/platform-model';
import type { WorkloadSettings, WorkloadVariant } from '../lib/kubernetes/workload-variant';
import { DatabaseMigration } from './database-migration';
import { DjangoApiWorkload } from './django-api';
import { IdaesWorkload } from './idaes';
import { separateOutput, type Platform } from './platform';

/**
 * One variant of the workloads under experiment: Deployment and autoscaler of the API and of the solver, and the migration
 * that must precede a new API. Everything else of the two components is in `dist/platform`.
 */
export function renderWorkloads(platform: Platform, variant: WorkloadVariant<'django-api' | 'idaes'>): App {
  const output = separateOutput(platform);
  new DatabaseMigration(output);
  new DjangoApiWorkload(output, variant.settings['django-api']);
  new IdaesWorkload(output, variant.settings.idaes);
  return output.app;
}

/** Beyond this many millicores at the maximum of replicas, not all pods fit beside the rest of the platform. */
const ROOM_MILLICORES = 20_000;

/**
 * Some rows of the experiments ask for more than the nodes hold: the tables of the specification have them, and the plan
 * lists what to expect of them. They are rendered all the same, each with an exception of its own.
 */
export function overcommitment({ name, settings }: WorkloadVariant): RuleException[] {
  const asked = Object.values(settings).reduce((sum, workload) => sum + mostMillicores(workload), 0);
  if (asked <= ROOM_MILLICORES) return [];
  return Object.keys(settings).map((workload) => ({
    rule: 'pods-fit-the-nodes',
    object: `workloads/${name}/Deployment/${workload}`,
    reason: 'A row of the experiments that shows what happens when the maximum of replicas cannot be reached.',
  }));
}

function mostMillicores({ cpuMillicores, replicas }: WorkloadSettings): number {
  return cpuMillicores * (typeof replicas === 'number' ? replicas : replicas.maxReplicas);
}
