import type { Experiment } from './experiment';
import { BASELINE, type Variant, type WorkloadName, type WorkloadSettings } from './variant';

/** One doubt about a variant, with the arithmetic that leads to it. */
export interface FeasibilityFinding {
  readonly kind: 'unschedulable' | 'unreachable-target' | 'alike';
  readonly experiment: string;
  readonly variant: string;
  /** Workloads concerned. */
  readonly workloads: readonly WorkloadName[];
  readonly message: string;
}

/** What a node offers to pods, millicores. */
export interface NodeCapacity {
  readonly name: string;
  readonly cores: number;
  readonly reserveMillicores: number;
}

/**
 * The cluster's seven nodes, with what K3s and the operating system keep (0.5 cores on the server, 0.2 on an agent).
 * A test holds this equal to the Ansible inventory and to the reserve that synthesis counts with.
 */
export const CLUSTER_NODES: readonly NodeCapacity[] = [
  { name: 'control', cores: 4, reserveMillicores: 500 },
  ...[1, 2, 3, 4, 5, 6].map((number) => ({ name: `worker-${number}`, cores: 4, reserveMillicores: 200 })),
];

/**
 * CPU that one pod uses at the very most, millicores: a process of Granian or of the solver holds one interpreter lock
 * and so tops out a little below one core.
 */
export const POD_CEILING_MILLICORES = 950;

/** The autoscaler does nothing within 10 % of its target (kube-controller-manager's default tolerance). */
const TOLERANCE = 0.1;

const WORKLOADS: readonly WorkloadName[] = ['django-api', 'idaes'];

/** Every doubt about a plan. None of them forbids a run: the tables are the specification's, and some values exist to be shown pointless. */
export function feasibilityFindings(
  plan: readonly Experiment[],
  nodes: readonly NodeCapacity[] = CLUSTER_NODES,
): FeasibilityFinding[] {
  const each = plan.flatMap((experiment) =>
    experiment.variants
      .filter(({ site }) => site === 'cluster')
      .flatMap((variant) => [...unschedulable(experiment, variant, nodes), ...unreachableTargets(experiment, variant)]),
  );
  return [...each, ...alike(plan)];
}

function unschedulable(experiment: Experiment, variant: Variant, nodes: readonly NodeCapacity[]): FeasibilityFinding[] {
  const loaded = WORKLOADS.map((workload) => ({ workload, ...demand(variant.settings[workload]) }));
  const asked = loaded.reduce((sum, { pods, cpuMillicores }) => sum + pods * cpuMillicores, 0);
  const cores = nodes.reduce((sum, node) => sum + node.cores, 0);
  const free = nodes.map((node) => node.cores * 1000 - node.reserveMillicores);
  const short = [...loaded]
    .sort((a, b) => b.cpuMillicores - a.cpuMillicores)
    .map((one) => ({ ...one, placed: place(one.pods, one.cpuMillicores, free) }))
    .filter(({ pods, placed }) => placed < pods);
  if (short.length === 0) return [];
  const pods = loaded.map((one) => `${one.pods} × ${one.cpuMillicores}m (${one.workload})`).join(' + ');
  const room = short
    .map(({ workload, placed, pods: wanted }) => `${placed} of ${wanted} pods of ${workload}`)
    .join(' and ');
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
function demand({ replicas, cpuMillicores }: WorkloadSettings): { pods: number; cpuMillicores: number } {
  return { pods: typeof replicas === 'number' ? replicas : replicas.maxReplicas, cpuMillicores };
}

function place(pods: number, cpuMillicores: number, free: number[]): number {
  let placed = 0;
  for (let node = 0; node < free.length && placed < pods; node++)
    for (; placed < pods && free[node]! >= cpuMillicores; placed++) free[node]! -= cpuMillicores;
  return placed;
}

function unreachableTargets(experiment: Experiment, variant: Variant): FeasibilityFinding[] {
  const stuck = WORKLOADS.filter((workload) => variant.varies[workload] !== undefined).flatMap((workload) => {
    const { replicas, cpuMillicores } = variant.settings[workload];
    if (typeof replicas === 'number') return [];
    const highest = (100 * POD_CEILING_MILLICORES) / cpuMillicores;
    const needed = replicas.targetCpuPercent * (1 + TOLERANCE);
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
function alike(plan: readonly Experiment[]): FeasibilityFinding[] {
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
  kind: FeasibilityFinding['kind'],
  experiment: Experiment,
  variant: Variant,
  workloads: readonly WorkloadName[],
  message: string,
): FeasibilityFinding {
  return { kind, experiment: `${experiment.name} ${experiment.testType}`, variant: variant.name, workloads, message };
}

function round(value: number): string {
  return String(Number(value.toFixed(1)));
}

/** Every variant that runs on the cluster and so has manifests. */
export function clusterVariants(plan: readonly Experiment[]): Variant[] {
  return plan.flatMap(({ variants }) => variants.filter(({ site }) => site === 'cluster'));
}
