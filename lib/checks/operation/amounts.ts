import { parseQuantity, toMebibytes, toMillicores } from '../../kubernetes/quantity';
import { inContainer } from '../container-rule';
import { asList, podField } from '../objects/pod-template';
import type { Rule } from '../rule';

/** Below it an amount is a slip of the unit: `1m` for `1`, `256m` for `256Mi`. */
const LEAST_MILLICORES = 5;
const LEAST_MEMORY_MIB = 4;
/** What the pods of a node may keep on its card beside images and volumes: a quarter of the smallest card, 64 GB. */
const MOST_SCRATCH_MIB = 16 * 1024;

/** Rules of amounts that no machine of the inventory has, or that nobody means. */
export const amountRules: readonly Rule[] = [
  {
    id: 'amounts-are-those-of-a-node',
    why: 'An amount of a wrong unit starves a container or bounds it by nothing.',
    remedy: 'write millicores as in 250m and memory as in 256Mi, and no more than one node has',
    over: 'object',
    *check(scope, { inventory }) {
      const hosts = inventory.hosts.filter(({ role }) => role !== 'gateway');
      const cores = Math.max(...hosts.map((host) => host.cores)) * 1000;
      const memory = Math.max(...hosts.map((host) => host.memoryMiB));
      for (const pod of scope.pods) {
        for (const container of pod.containers) {
          const { requests = {}, limits = {} } = container.spec.resources ?? {};
          for (const [side, amounts] of Object.entries({ requests, limits })) {
            const [cpu, mebibytes] = [toMillicores(amounts.cpu), toMebibytes(amounts.memory)];
            const disk = toMebibytes(amounts['ephemeral-storage']);
            const field = (name: string) => `resources.${side}.${name}`;
            if (parseQuantity(amounts.cpu) !== undefined && cpu < LEAST_MILLICORES)
              yield inContainer(pod, container, field('cpu'), `${amounts.cpu} is next to no CPU`);
            if (cpu > cores)
              yield inContainer(
                pod,
                container,
                field('cpu'),
                `${amounts.cpu} is more CPU than any node has, ${cores}m`,
              );
            if (parseQuantity(amounts.memory) !== undefined && mebibytes < LEAST_MEMORY_MIB)
              yield inContainer(
                pod,
                container,
                field('memory'),
                `${amounts.memory} is less memory than any process needs`,
              );
            if (mebibytes >= memory)
              yield inContainer(
                pod,
                container,
                field('memory'),
                `${amounts.memory} is all the memory that a node has, ${memory}Mi`,
              );
            if (disk > MOST_SCRATCH_MIB)
              yield inContainer(
                pod,
                container,
                `resources.${side}["ephemeral-storage"]`,
                `${amounts['ephemeral-storage']} is more than the card of a node spares, ${MOST_SCRATCH_MIB}Mi`,
              );
          }
        }
        for (const [index, { name, emptyDir }] of asList(pod.spec.volumes).entries()) {
          const size = toMebibytes(emptyDir?.sizeLimit);
          const field = podField(pod, `volumes[${index}].emptyDir.sizeLimit`);
          const inMemory = emptyDir?.medium === 'Memory';
          if (size > (inMemory ? memory : MOST_SCRATCH_MIB))
            yield {
              at: pod.at,
              field,
              message: `the volume ${name} of ${emptyDir?.sizeLimit} is more than a node spares`,
            };
          if (parseQuantity(emptyDir?.sizeLimit) !== undefined && size < 1)
            yield { at: pod.at, field, message: `the volume ${name} of ${emptyDir?.sizeLimit} holds next to nothing` };
        }
      }
    },
  },
];
