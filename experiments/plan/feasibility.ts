import { committedInventory } from '../../facts/inventory';
import { nodesOfCluster, type NodeCapacity } from '../../lib/kubernetes/node-capacity';
import { byDifficulty, firstFit } from '../../lib/kubernetes/placement';
import type { Experiment } from './experiment';
import { refuseTwins } from './trial';
import { BASELINE, WORKLOADS, type Variant, type WorkloadName, type WorkloadSettings } from './variant';

/** One warning about a variant, with the arithmetic that leads to it. */
export interface FeasibilityWarning {
  readonly kind: 'unschedulable' | 'unreachable-target' | 'alike';
  readonly experiment: string;
  readonly variant: string;
  /** Workloads concerned. */
  readonly workloads: readonly WorkloadName[];
  readonly message: string;
}

/**
 * CPU that one pod uses at the very most, millicores: a process of Granian or of the solver holds one interpreter lock
 * and so tops out a little below one core.
 */
export const POD_CEILING_MILLICORES = 950;

/** The autoscaler does nothing within 10 % of its target (kube-controller-manager's default tolerance). */
const TOLERANCE_PERCENT = 10;

/** Every warning about a plan. None of them forbids a run: the tables are the specification's, and some values exist to be shown pointless. */
export function feasibilityWarnings(
  plan: readonly Experiment[],
  nodes: readonly NodeCapacity[] = nodesOfCluster(committedInventory()),
): FeasibilityWarning[] {
  const each = plan.flatMap((experiment) =>
    experiment.variants
      .filter(({ site }) => site === 'cluster')
      .flatMap((variant) => [...unschedulable(experiment, variant, nodes), ...unreachableTargets(experiment, variant)]),
  );
  return [...each, ...alike(plan)];
}

function unschedulable(experiment: Experiment, variant: Variant, nodes: readonly NodeCapacity[]): FeasibilityWarning[] {
  const loaded = WORKLOADS.map((workload) => ({ workload, nodes, ...demand(variant.settings[workload]) }));
  const asked = loaded.reduce((sum, { count, cpuMillicores }) => sum + count * cpuMillicores, 0);
  const cores = nodes.reduce((sum, node) => sum + node.cores, 0);
  const place = firstFit(nodes);
  const short = [...loaded]
    .sort(byDifficulty)
    .map((one) => ({ ...one, placed: place(one) }))
    .filter(({ count, placed }) => placed < count);
  if (short.length === 0) return [];
  const pods = loaded.map((one) => `${one.count} × ${one.cpuMillicores}m (${one.workload})`).join(' + ');
  const room = short.map(({ workload, placed, count }) => `${placed} of ${count} pods of ${workload}`).join(' and ');
  const message = `${pods} = ${asked / 1000} of ${cores} cores; after each node's reserve there is room for ${room} at most.`;
  return [
    finding(
      'unschedulable',
      experiment,
      variant,
      short.map(({ workload }) => workload),
      message,
    ),
  ];
}

/** Pods at the most, and what each asks for. */
function demand({ replicas, cpuMillicores, memoryMiB }: WorkloadSettings) {
  return { count: typeof replicas === 'number' ? replicas : replicas.maxReplicas, cpuMillicores, memoryMiB };
}

function unreachableTargets(experiment: Experiment, variant: Variant): FeasibilityWarning[] {
  const stuck = WORKLOADS.filter((workload) => variant.varies[workload] !== undefined).flatMap((workload) => {
    const { replicas, cpuMillicores } = variant.settings[workload];
    // Another signal than CPU is not bounded by what a pod can use of it.
    if (typeof replicas === 'number' || replicas.signals?.some((signal) => signal !== 'cpu')) return [];
    const highest = (100 * POD_CEILING_MILLICORES) / cpuMillicores;
    const needed = replicas.targetCpuPercent * (1 + (replicas.tolerancePercent ?? TOLERANCE_PERCENT) / 100);
    return highest > needed ? [] : [{ workload, highest, needed, target: replicas.targetCpuPercent, cpuMillicores }];
  });
  if (stuck.length === 0) return [];
  const [{ highest, needed, target, cpuMillicores }] = stuck as [(typeof stuck)[0]];
  const message =
    `a pod tops out at ${POD_CEILING_MILLICORES}m, which is ${round(highest)} % of ${cpuMillicores}m; scaling up from a target of ` +
    `${target} % takes more than ${round(needed)} %, so no pod is ever added.`;
  return [
    finding(
      'unreachable-target',
      experiment,
      variant,
      stuck.map(({ workload }) => workload),
      message,
    ),
  ];
}

/** Variants whose manifests are the same, so that their trials differ in name alone. */
function alike(plan: readonly Experiment[]): FeasibilityWarning[] {
  const first = new Map<string, string>([[JSON.stringify(BASELINE), 'production']]);
  return plan.flatMap((experiment) =>
    experiment.variants
      .filter(({ site }) => site === 'cluster')
      .flatMap((variant) => {
        const settings = JSON.stringify(variant.settings);
        const twin = first.get(settings);
        if (twin === undefined) first.set(settings, variant.name);
        return twin === undefined
          ? []
          : [finding('alike', experiment, variant, [], `renders as ${twin} does: 0 fields differ.`)];
      }),
  );
}

function finding(
  kind: FeasibilityWarning['kind'],
  experiment: Experiment,
  variant: Variant,
  workloads: readonly WorkloadName[],
  message: string,
): FeasibilityWarning {
  return { kind, experiment: `${experiment.name} ${experiment.testType}`, variant: variant.name, workloads, message };
}

function round(value: number): string {
  return String(Number(value.toFixed(1)));
}

/** Every variant that runs on the cluster and so has manifests, each once: experiments may share one. */
export function clusterVariants(plan: readonly Experiment[]): Variant[] {
  refuseTwins(plan);
  const rows = plan.flatMap(({ variants }) => variants.filter(({ site }) => site === 'cluster'));
  return [...new Map(rows.map((variant) => [variant.name, variant])).values()];
}
