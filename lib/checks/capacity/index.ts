import type { PodReservation } from '../../constructs/platform-model';
import type { PodTemplate } from '../objects/pod-template';
import { podField } from '../objects/pod-template';
import { scopeRule, type Rule, type Violation } from '../rule';
import type { Scope } from '../objects/scope';
import { K3S_ADD_ONS } from './add-ons';
import { nodesOfCluster, type NodeCapacity } from '../../kubernetes/node-capacity';
import { byDifficulty, firstFit, type PlacementDemand } from '../../kubernetes/placement';
import { nodeLabelsFor, podsOf, requestOf } from './requests';

/** Rules of what the nodes can carry. */
export const capacityRules: readonly Rule[] = [
  scopeRule(
    {
      id: 'pods-fit-the-nodes',
      why: 'Pods that no node has room for stay pending, and the autoscaler counts on replicas that never come.',
      remedy: 'lower the requests or the maximum of replicas, or add nodes to the inventory',
    },
    (scope, { inventory, reservations }) =>
      unplacedPods(scope, nodesOfCluster(inventory), [...K3S_ADD_ONS, ...reservations]),
  ),
];

interface PodDemand extends PlacementDemand {
  readonly pod: PodTemplate;
}

/**
 * Places every pod at its maximum number of replicas: first those that are not rendered here, which are there before ours,
 * then the others. What is left over is named.
 */
function* unplacedPods(
  scope: Scope,
  nodes: readonly NodeCapacity[],
  reservations: readonly PodReservation[],
): Iterable<Violation> {
  const demands = scope.pods.map((pod) => demandOfPod(scope, pod, nodes)).sort(byDifficulty);
  const elsewhere = reservations.map((one) => ({ ...one, ...demandOfReservation(one, nodes) })).sort(byDifficulty);
  const place = firstFit(nodes);
  const [first] = scope.pods;
  for (const { component, ...demand } of elsewhere) {
    const placed = place(demand);
    if (placed === demand.count || !first) continue;
    const message = `only ${placed} of ${demand.count} pods of ${component}, which is not rendered here, find room`;
    yield { at: first.at, message, remedy: 'lower what is reserved for it, or add nodes to the inventory' };
  }
  for (const demand of demands) {
    const placed = place(demand);
    if (placed === demand.count) continue;
    yield explain(demand, placed, [...demands, ...elsewhere], nodes);
  }
}

function demandOfPod(scope: Scope, pod: PodTemplate, nodes: readonly NodeCapacity[]): PodDemand {
  const { labels, hosts } = nodeLabelsFor(scope, pod);
  const eligible = labelled(nodes, labels).filter((node) => hosts?.includes(node.name) ?? true);
  const { max } = podsOf(scope, pod, eligible.length);
  return { pod, count: max, onePerNode: pod.at.object.kind === 'DaemonSet', nodes: eligible, ...requestOf(pod) };
}

function demandOfReservation(
  { pods, cpuMillicores, memoryMiB, nodeLabels = {} }: PodReservation,
  all: readonly NodeCapacity[],
) {
  const nodes = labelled(all, nodeLabels);
  const onePerNode = pods === 'one-per-node';
  return { count: onePerNode ? nodes.length : pods, onePerNode, nodes, cpuMillicores, memoryMiB };
}

function labelled(nodes: readonly NodeCapacity[], labels: Readonly<Record<string, string>>): NodeCapacity[] {
  return nodes.filter((node) => Object.entries(labels).every(([key, value]) => node.labels[key] === value));
}

function explain(
  demand: PodDemand,
  placed: number,
  demands: readonly PlacementDemand[],
  nodes: readonly NodeCapacity[],
): Violation {
  const at = demand.pod.at;
  const each = `${demand.cpuMillicores}m CPU and ${Math.round(demand.memoryMiB)} MiB each`;
  if (demand.nodes.length === 0) {
    const message = 'no node of the inventory is one that the pod may run on';
    return { at, field: podField(demand.pod, 'nodeSelector'), message };
  }
  const asked = demands.reduce((total, { count, cpuMillicores }) => total + count * cpuMillicores, 0);
  const offered = nodes.reduce((total, { cpuMillicores }) => total + cpuMillicores, 0);
  const all = `all pods together ask for ${asked}m of ${offered}m`;
  const message = `only ${placed} of ${demand.count} pods with ${each} find room on ${demand.nodes.length} nodes (${all})`;
  return { at, field: podField(demand.pod, 'containers'), message };
}
