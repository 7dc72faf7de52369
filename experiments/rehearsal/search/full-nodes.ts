import type { WorkloadName } from '../../plan';
import type { ProcessModel } from '../model/system-model';
import type { TrialSetup } from '../trial/trial-simulation';

/**
 * The same trial where every node is full of other pods that compute without pause. A pod is then sure of the share that
 * its request buys and of nothing else, which is played as a limit of that size; loading takes longer by as much. Gateway,
 * pooler and database stay as they are.
 * Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#how-pods-with-resource-limits-are-run
 */
export function onFullNodes(input: TrialSetup): TrialSetup {
  const { processes } = input.model;
  const sureOf = (workload: WorkloadName): ProcessModel => {
    const { limitMillicores = Infinity } = processes[workload];
    return {
      ...processes[workload],
      limitMillicores: Math.min(limitMillicores, input.settings[workload].cpuMillicores),
    };
  };
  return {
    ...input,
    model: { ...input.model, processes: { 'django-api': sureOf('django-api'), idaes: sureOf('idaes') } },
  };
}
