import type { WorkloadName } from '../../plan';
import type { ProcessModel } from '../model/system-model';
import type { TrialSetup } from '../trial/trial-simulation';

/**
 * The same trial where every node is full of other pods that compute: a pod of ours has the share that its request buys and
 * nothing else, played as a limit; loading takes longer by as much. Gateway, pooler and database stay as they are.
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
