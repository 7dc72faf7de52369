import type { ContainerSpec } from '../../kubernetes/kinds/core-kinds';
import { toMebibytes } from '../../kubernetes/quantity';
import { inContainer } from '../container-rule';
import { asList, podField, type PodTemplate } from '../objects/pod-template';
import { podRule, type Rule } from '../rule';

/** Five files of 10 MiB: https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ (containerLogMaxFiles, -Size). */
const LOGS_MIB = 50;
/** A card of 64 GB holds images and volumes too. */
const MOST_ASKED_MIB = 4096;

/** Rules of what pods keep in memory and on the cards of their nodes. */
export const boundedVolumeRules: readonly Rule[] = [
  podRule(
    {
      id: 'memory-holds-what-is-kept-in-it',
      why: 'A volume in memory counts against the limit of its container, which is killed when both grow.',
      remedy: 'raise the memory limit, or lower the sizeLimit of the volume',
    },
    function* (pod) {
      for (const [index, volume] of asList(pod.spec.volumes).entries()) {
        if (!volume.emptyDir) continue;
        const field = podField(pod, `volumes[${index}].emptyDir`);
        if (volume.emptyDir.sizeLimit === undefined && volume.emptyDir.medium === 'Memory') {
          yield { at: pod.at, field, message: `the volume ${volume.name} in memory has no sizeLimit` };
        }
      }
      for (const container of pod.containers) {
        const shared = asList(container.spec.volumeMounts).find(({ mountPath }) => mountPath === '/dev/shm');
        const volume = asList(pod.spec.volumes).find(({ name }) => name === shared?.name);
        if (volume && volume.emptyDir?.medium !== 'Memory') {
          const message = '/dev/shm is on the card of the node, and is to be shared memory';
          yield {
            ...inContainer(pod, container, 'volumeMounts', message),
            remedy: 'give its emptyDir the medium Memory',
          };
        }
        const limit = toMebibytes(container.spec.resources?.limits?.memory);
        const kept = inMemory(pod, container.spec);
        if (limit === 0 || kept <= limit / 2) continue;
        const field = `${container.field}.resources.limits.memory`;
        const message = `container ${container.spec.name}: volumes of ${Math.round(kept)} MiB are kept in memory, more than half of the limit of ${Math.round(limit)} MiB`;
        yield { at: pod.at, field, message };
      }
    },
  ),
  podRule(
    {
      id: 'disk-is-bounded',
      why: 'Logs and files that may grow without end fill the card of a node, and then every pod on it is evicted.',
      remedy:
        'state ephemeral-storage in requests and limits, with room for logs and every volume, and a sizeLimit for each emptyDir',
    },
    function* (pod) {
      for (const [index, volume] of asList(pod.spec.volumes).entries()) {
        if (!volume.emptyDir || volume.emptyDir.medium === 'Memory' || volume.emptyDir.sizeLimit !== undefined)
          continue;
        const field = podField(pod, `volumes[${index}].emptyDir`);
        yield { at: pod.at, field, message: `the volume ${volume.name} has no sizeLimit` };
      }
      for (const container of pod.containers) {
        const { requests, limits } = container.spec.resources ?? {};
        const name = 'ephemeral-storage';
        for (const [side, amounts] of [
          ['requests', requests],
          ['limits', limits],
        ] as const) {
          if (amounts?.[name] === undefined)
            yield inContainer(pod, container, `resources.${side}`, `no ${name}, which bounds its logs and files`);
        }
        const [limit, held] = [toMebibytes(limits?.[name]), onDisk(pod, container.spec)];
        if (limit > 0 && held <= limit && limit - held < LOGS_MIB) {
          const message = `the kubelet keeps ${LOGS_MIB} MiB of its logs, and leaves it ${Math.round(limit - held)} MiB for them before it is evicted`;
          yield inContainer(pod, container, `resources.limits["${name}"]`, message);
        }
        const asked = toMebibytes(requests?.[name]) - held;
        if (asked > MOST_ASKED_MIB) {
          const message = `beside its volumes it asks for ${Math.round(asked)} MiB of a card, of which others get the less`;
          yield inContainer(pod, container, `resources.requests["${name}"]`, message);
        }
        if (limit === 0 || held <= limit) continue;
        const message = `its volumes hold up to ${Math.round(held)} MiB, and it is evicted beyond ${Math.round(limit)} MiB`;
        yield inContainer(pod, container, `resources.limits["${name}"]`, message);
      }
    },
  ),
];

const inMemory = (pod: PodTemplate, container: MountingContainer) => heldIn('Memory', pod, container);
const onDisk = (pod: PodTemplate, container: MountingContainer) => heldIn(undefined, pod, container);

type MountingContainer = Pick<ContainerSpec, 'volumeMounts'>;

/** MiB that the volumes of a container may hold which live as long as its pod. */
function heldIn(medium: 'Memory' | undefined, pod: PodTemplate, container: MountingContainer): number {
  const mounted = new Set(asList(container.volumeMounts).map(({ name }) => name));
  return asList(pod.spec.volumes)
    .filter(({ name, emptyDir }) => emptyDir && (emptyDir.medium || undefined) === medium && mounted.has(name))
    .reduce((sum, { emptyDir }) => sum + toMebibytes(emptyDir?.sizeLimit), 0);
}
