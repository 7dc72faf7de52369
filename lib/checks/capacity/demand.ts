import { nodesOfCluster } from '../../kubernetes/node-capacity';
import { podsOf, requestOf } from './requests';
import { Scope, placeObjects } from '../objects/scope';
import type { Inventory } from '../../kubernetes/inventory';
import type { PodReservation } from '../../constructs/platform-model';
import type { RenderedFile } from '../../kubernetes/object';

/** What a component asks of the nodes. */
export interface Demand {
  readonly component: string;
  readonly objects: number;
  readonly cpuMillicores: { readonly min: number; readonly max: number };
  readonly memoryMiB: { readonly min: number; readonly max: number };
}

/** What the nodes offer to pods, their systems' reserve left out. */
export function supplyOf(inventory: Inventory): { cpuMillicores: number; memoryMiB: number } {
  const nodes = nodesOfCluster(inventory);
  return {
    cpuMillicores: nodes.reduce((total, node) => total + node.cpuMillicores, 0),
    memoryMiB: nodes.reduce((total, node) => total + node.memoryMiB, 0),
  };
}

/**
 * Requests at the least and the most replicas, component by component, of files that are applied together.
 *
 * @param reservations Pods that run besides: they count for the component they name.
 */
export function demandOf(
  files: readonly RenderedFile[],
  inventory: Inventory,
  reservations: readonly PodReservation[] = [],
): Demand[] {
  const scope = new Scope(placeObjects(files));
  const nodes = nodesOfCluster(inventory).length;
  const named = [...files, ...reservations].map(({ component }) => component);
  const components = [...new Set(named)].sort();
  return components.map((component) => {
    const demand = { cpuMillicores: { min: 0, max: 0 }, memoryMiB: { min: 0, max: 0 } };
    for (const pod of scope.pods.filter(({ at }) => at.file.component === component)) {
      const request = requestOf(pod);
      const pods = podsOf(scope, pod, nodes);
      for (const bound of ['min', 'max'] as const) {
        demand.cpuMillicores[bound] += pods[bound] * request.cpuMillicores;
        demand.memoryMiB[bound] += pods[bound] * request.memoryMiB;
      }
    }
    for (const { pods, ...request } of reservations.filter((one) => one.component === component)) {
      const count = pods === 'one-per-node' ? nodes : pods;
      for (const bound of ['min', 'max'] as const) {
        demand.cpuMillicores[bound] += count * request.cpuMillicores;
        demand.memoryMiB[bound] += count * request.memoryMiB;
      }
    }
    const objects = scope.objects.filter(({ file }) => file.component === component).length;
    return { component, objects, ...demand };
  });
}
