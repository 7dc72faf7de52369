import { k8s } from '../typed-kinds';
import type { ConfigFiles } from '../config-files';
import type { SecretReference } from '../../kubernetes/secret';

/** Something mounted into a container. */
export type Mount = ScratchMount | ConfigMount | SecretMount | ClaimMount;

/** An empty folder that lives as long as the pod: what a read-only root file system leaves writable. */
export interface ScratchMount {
  /** An empty folder, gone with its pod. */
  readonly kind: 'scratch';
  /** Folder in the container. */
  readonly path: string;
  /** Most it may hold, as `64Mi`; the pod is evicted beyond it. */
  readonly sizeLimit: string;
  /** Held in memory, so that it never reaches a disk; counts as the container's memory. */
  readonly inMemory?: boolean;
}

/** All files of a ConfigMap in one folder, or one of them at `path` when `file` is given. */
export interface ConfigMount {
  /** Files of a ConfigMap, read-only. */
  readonly kind: 'config';
  /** Folder in the container, or the one file. */
  readonly path: string;
  /** The files. */
  readonly config: ConfigFiles;
  /** Name of the one file that is mounted. @default all of them, as a folder */
  readonly file?: string;
  /** The files may be executed: for scripts that an image runs by itself. @default false */
  readonly executable?: boolean;
}

/** A folder with one file, named as the key of the Secret. */
export interface SecretMount {
  /** A key of a Secret as a file, read-only. */
  readonly kind: 'secret';
  /** Folder in the container; the file in it has the name of the key. */
  readonly path: string;
  /** The key. */
  readonly reference: SecretReference;
}

/** A PersistentVolumeClaim by name, or a volume of the pod that is defined elsewhere (a claim template). */
export interface ClaimMount {
  /** A volume whose data outlives the pod. */
  readonly kind: 'claim';
  /** Folder in the container. */
  readonly path: string;
  /** Name of the PersistentVolumeClaim. */
  readonly claim: string;
  /** The claim comes from a template of the StatefulSet, which defines the volume itself. */
  readonly fromTemplate?: boolean;
}

/** A writable folder that dies with the pod. */
export function scratch(path: string, sizeLimit: string, options: { inMemory?: boolean } = {}): ScratchMount {
  return { kind: 'scratch', path, sizeLimit, ...options };
}

/** The name of the pod's volume behind a mount. Mounts of one source share a volume. */
function volumeName(mount: Mount): string {
  switch (mount.kind) {
    case 'scratch':
      return asLabel(mount.path.slice(1));
    case 'config':
      return mount.config.name;
    case 'secret':
      return asLabel(`${mount.reference.secret.name}-${mount.reference.key}`);
    case 'claim':
      return mount.claim;
  }
}

function asLabel(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

/** Kubernetes' form of a mount inside a container. */
export function toVolumeMount(mount: Mount): k8s.VolumeMount {
  return {
    name: volumeName(mount),
    mountPath: mount.path,
    subPath: mount.kind === 'config' ? mount.file : undefined,
    readOnly: mount.kind === 'config' || mount.kind === 'secret' ? true : undefined,
  };
}

/**
 * The pod's volumes behind all mounts of its containers, each once.
 *
 * @throws Error when two different sources would share one volume name.
 */
export function toVolumes(mounts: readonly Mount[], owner: string): k8s.Volume[] {
  const volumes = new Map<string, { volume: k8s.Volume; text: string }>();
  for (const mount of mounts) {
    if (mount.kind === 'claim' && mount.fromTemplate) continue;
    const volume = { name: volumeName(mount), ...volumeSource(mount) };
    const text = JSON.stringify(volume);
    const other = volumes.get(volume.name);
    if (other && other.text !== text) {
      throw new Error(
        `${owner}: two mounts need a volume called "${volume.name}"; give one of them another path or name.`,
      );
    }
    volumes.set(volume.name, { volume, text });
  }
  return [...volumes.values()].map(({ volume }) => volume);
}

function volumeSource(mount: Mount): Omit<k8s.Volume, 'name'> {
  switch (mount.kind) {
    case 'scratch':
      return {
        emptyDir: {
          medium: mount.inMemory ? 'Memory' : undefined,
          sizeLimit: k8s.Quantity.fromString(mount.sizeLimit),
        },
      };
    case 'config':
      return { configMap: { name: mount.config.name, defaultMode: mount.executable ? 0o555 : undefined } };
    case 'secret':
      return {
        secret: {
          secretName: mount.reference.secret.name,
          items: [{ key: mount.reference.key, path: mount.reference.key }],
          // Readable by the pod's group only.
          defaultMode: 0o440,
        },
      };
    case 'claim':
      return { persistentVolumeClaim: { claimName: mount.claim } };
  }
}
