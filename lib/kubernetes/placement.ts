import type { NodeCapacity } from './node-capacity';

/** Pods of one kind that are to find room. */
export interface PlacementDemand {
  readonly count: number;
  /** Request of one pod, millicores. */
  readonly cpuMillicores: number;
  /** Request of one pod, MiB. */
  readonly memoryMiB: number;
  /** Nodes that the pods may run on. */
  readonly nodes: readonly NodeCapacity[];
  /** One pod on each of the nodes, as of a DaemonSet. @default false */
  readonly onePerNode?: boolean;
}

/**
 * Order of first-fit decreasing: pods with the fewest nodes to choose from come first, then the largest. To be sorted by
 * before {@link firstFit} is asked.
 */
export function byDifficulty(a: PlacementDemand, b: PlacementDemand): number {
  return a.nodes.length - b.nodes.length || b.cpuMillicores - a.cpuMillicores || b.memoryMiB - a.memoryMiB;
}

/**
 * Places pods one demand after the other, each on the first of its nodes with room.
 *
 * @returns a function that takes a demand, remembers the room it takes, and returns how many of its pods found any.
 */
export function firstFit(nodes: readonly NodeCapacity[]): (demand: PlacementDemand) => number {
  const free = new Map(nodes.map((node) => [node, { cpuMillicores: node.cpuMillicores, memoryMiB: node.memoryMiB }]));
  return ({ count, cpuMillicores, memoryMiB, nodes: eligible, onePerNode = false }) => {
    let placed = 0;
    for (const node of eligible) {
      const room = free.get(node)!;
      const onEach = onePerNode ? 1 : Infinity;
      for (let here = 0; here < onEach && placed < count; here += 1) {
        if (room.cpuMillicores < cpuMillicores || room.memoryMiB < memoryMiB) break;
        room.cpuMillicores -= cpuMillicores;
        room.memoryMiB -= memoryMiB;
        placed += 1;
      }
    }
    return placed;
  };
}
