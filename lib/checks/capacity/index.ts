import type { PodTemplate } from '../pod-template';
import { podField } from '../pod-template';
import { scopeRule, type Rule, type Violation } from '../rule';
import type { Scope } from '../scope';
import { nodesOfCluster, type Node } from './nodes';
import { nodeLabelsFor, podsOf, requestOf, type PodRequest } from './requests';

/** Rules of what the nodes can carry. */
export const capacityRules: readonly Rule[] = [
  scopeRule(
    {
      id: 'pods-fit-the-nodes',
      why: 'Pods that no node has room for stay pending, and the autoscaler counts on replicas that never come.',
      mend: 'lower the requests or the maximum of replicas, or add nodes to the inventory',
    },
    (scope, { inventory }) => unplacedPods(scope, nodesOfCluster(inventory)),
  ),
];

interface Demand extends PodRequest {
  readonly pod: PodTemplate;
  readonly count: number;
  readonly nodes: readonly Node[];
}

/**
 * Places every pod at its maximum number of replicas: those with the fewest nodes to choose from first, then the
 * largest, each on the first node with room (first-fit decreasing). What is left over is named.
 */
function* unplacedPods(scope: Scope, nodes: readonly Node[]): Iterable<Violation> {
  const demands = scope.pods
    .map((pod) => toDemand(scope, pod, nodes))
    .sort((a, b) => a.nodes.length - b.nodes.length || b.cpuMillicores - a.cpuMillicores || b.memoryMiB - a.memoryMiB);
  const free = new Map(nodes.map((node) => [node, { cpuMillicores: node.cpuMillicores, memoryMiB: node.memoryMiB }]));
  for (const demand of demands) {
    const placed = place(demand, free);
    if (placed === demand.count) continue;
    yield explain(demand, placed, demands, nodes);
  }
}

function toDemand(scope: Scope, pod: PodTemplate, nodes: readonly Node[]): Demand {
  const { labels, hosts } = nodeLabelsFor(scope, pod);
  const eligible = nodes
    .filter((node) => Object.entries(labels).every(([key, value]) => node.labels[key] === value))
    .filter((node) => hosts?.includes(node.name) ?? true);
  return { pod, count: podsOf(scope, pod, eligible.length).max, nodes: eligible, ...requestOf(pod) };
}

function place(demand: Demand, free: Map<Node, { cpuMillicores: number; memoryMiB: number }>): number {
  let placed = 0;
  for (const node of demand.nodes) {
    const room = free.get(node)!;
    const onEach = demand.pod.at.object.kind === 'DaemonSet' ? 1 : Infinity;
    for (let here = 0; here < onEach && placed < demand.count; here += 1) {
      if (room.cpuMillicores < demand.cpuMillicores || room.memoryMiB < demand.memoryMiB) break;
      room.cpuMillicores -= demand.cpuMillicores;
      room.memoryMiB -= demand.memoryMiB;
      placed += 1;
    }
  }
  return placed;
}

function explain(demand: Demand, placed: number, demands: readonly Demand[], nodes: readonly Node[]): Violation {
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
