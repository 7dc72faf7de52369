import type { RandomStream } from '../../../lib/primitives/random-stream';
import type { Node } from './node';

/** Weight of PodTopologySpread beside weight 1 of each resource score in the default profile. */
const SPREAD_WEIGHT = 2;

/**
 * The node that kube-scheduler's default profile would bind a pod to, in outline; undefined where none has room.
 * Source: https://kubernetes.io/docs/reference/scheduling/config/#scheduling-plugins and
 * https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#internal-default-constraints
 */
export function chooseNode(
  nodes: readonly Node[],
  workload: string,
  millicores: number,
  memoryMiB: number,
  random: RandomStream,
): Node | undefined {
  const feasible = nodes.filter((node) => node.fits(millicores, memoryMiB));
  const counts = feasible.map((node) => node.podsOf.get(workload) ?? 0);
  const most = Math.max(0, ...counts);
  const fewest = Math.min(...counts);
  let best: Node[] = [];
  let bestScore = -1;
  feasible.forEach((node, index) => {
    const cpu = (node.requestedMillicores + millicores) / (node.model.cores * 1000);
    const memory = (node.requestedMemoryMiB + memoryMiB) / node.model.memoryMiB;
    const leastAllocated = Math.floor(((1 - cpu + (1 - memory)) / 2) * 100);
    const balanced = Math.floor((1 - Math.abs(cpu - memory) / 2) * 100);
    const spread = most === 0 ? 100 : Math.floor((100 * (most + fewest - counts[index])) / most);
    const score = leastAllocated + balanced + SPREAD_WEIGHT * spread;
    if (score > bestScore) {
      best = [node];
      bestScore = score;
    } else if (score === bestScore) best.push(node);
  });
  return best.length > 1 ? best[random.below(best.length)] : best[0];
}
