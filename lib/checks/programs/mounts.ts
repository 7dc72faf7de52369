import { kept } from '../objects/kept';
import { asList, type ContainerOfPod, type PodTemplate } from '../objects/pod-template';
import type { Scope } from '../objects/scope';
import { filesIn } from '../objects/volumes';

/** A folder that a container has from a volume. */
export interface MountedFolder {
  readonly path: string;
  readonly kind: 'files' | 'claim' | 'scratch';
  /** Files that are there; absent where a program makes them. */
  readonly names?: readonly string[];
  readonly field: string;
  readonly mounter: ContainerOfPod;
  readonly isReadOnly: boolean;
  readonly isInMemory: boolean;
}

/** What the containers of a pod mount; each pod is read once. */
export const mountsOf = (scope: Scope, pod: PodTemplate) => readMounts(pod, scope);

const readMounts = kept((pod: PodTemplate, scope: Scope): readonly MountedFolder[] => {
  const volumes = new Map(asList(pod.spec.volumes).map((volume) => [volume.name, volume]));
  return pod.containers.flatMap((container) =>
    asList(container.spec.volumeMounts).flatMap(({ name, mountPath, subPath, readOnly }, index): MountedFolder[] => {
      const volume = volumes.get(name);
      const base = {
        path: String(mountPath),
        field: `${container.field}.volumeMounts[${index}].mountPath`,
        mounter: container,
        isReadOnly: readOnly === true,
        isInMemory: volume?.emptyDir?.medium === 'Memory',
      };
      if (!volume || volume.persistentVolumeClaim) return [{ ...base, kind: 'claim' }];
      if (volume.emptyDir) return [{ ...base, kind: 'scratch' }];
      if (!(volume.configMap ?? volume.secret) || subPath) return [];
      const names = filesIn(scope, pod, volume);
      return [{ ...base, kind: 'files', ...(names ? { names } : {}) }];
    }),
  );
});
