import { k8s } from '../typed-kinds';
import { NEVER_PRUNED, type Component } from '../component';
import type { Host } from '../../kubernetes/inventory';
import type { PlainFile } from '../platform-model';
import type { RunAs } from '../pod/pod';

/** A folder on one host. */
export interface LocalVolumeProps {
  /** Name of the PersistentVolume. */
  readonly name: string;
  /** The host that holds the folder, from the inventory: a host that does not exist cannot be named. */
  readonly node: Host;
  /** Folder on that host; it must exist before the first pod starts: {@link volumesFile} lists it for the installer. */
  readonly path: string;
  /** Who writes to it. */
  readonly owner: RunAs;
  /** Capacity, as `5Gi`; a local volume does not enforce it. */
  readonly size: string;
  /** Keeps other claims off the volume, and other volumes off the claim. */
  readonly storageClass: string;
}

/**
 * A PersistentVolume on a disk of one named node. Pods that claim it run on that node or not at all: elsewhere they would
 * find no data. It is retained when its claim goes, and Argo CD never prunes it.
 */
export class LocalVolume extends k8s.KubePersistentVolume {
  constructor(
    component: Component,
    readonly folder: LocalVolumeProps,
  ) {
    super(component, `${folder.name}-volume`, {
      metadata: component.clusterMetadata(folder.name, { annotations: NEVER_PRUNED }),
      spec: {
        capacity: { storage: k8s.Quantity.fromString(folder.size) },
        accessModes: ['ReadWriteOnce'],
        volumeMode: 'Filesystem',
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: folder.storageClass,
        local: { path: folder.path },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              {
                matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [folder.node.name] }],
              },
            ],
          },
        },
      },
    });
  }
}

/**
 * A storage class for volumes that are made by hand: nothing provisions them, a claim is bound when its first pod is
 * placed, and data outlives the claim.
 */
export class LocalStorageClass extends k8s.KubeStorageClass {
  constructor(component: Component, name: string) {
    super(component, `${name}-storage-class`, {
      metadata: component.clusterMetadata(name),
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy: 'Retain',
    });
  }
}

/** The specification of a claim for the volume that carries the component's name label; bound when its pod is placed. */
export function claimOf(component: Component, storageClass: string, size: string): k8s.PersistentVolumeClaimSpec {
  return {
    accessModes: ['ReadWriteOnce'],
    storageClassName: storageClass,
    selector: { matchLabels: component.selectorLabels() },
    resources: { requests: { storage: k8s.Quantity.fromString(size) } },
  };
}

/**
 * The specification of a claim for one volume by name, bound at once: a claim that waited for a job of the night would
 * look unfinished to Argo CD until then.
 */
export function claimOfVolume(volume: string, storageClass: string, size: string): k8s.PersistentVolumeClaimSpec {
  return {
    accessModes: ['ReadWriteOnce'],
    storageClassName: storageClass,
    volumeName: volume,
    resources: { requests: { storage: k8s.Quantity.fromString(size) } },
  };
}

/**
 * The folders that must exist on the nodes before the first pod starts, as `volumes.json` for whatever installs the nodes:
 * Kubernetes makes none for a local volume.
 */
export function volumesFile(components: readonly Component[]): PlainFile {
  const volumes = components
    .flatMap((component) => component.node.findAll())
    // `instanceof` is of no use: cdk8s lets every API object pass for every kind.
    .filter((construct): construct is LocalVolume => construct.constructor === LocalVolume)
    .map(({ folder: { name, node, path, size, owner } }) => ({ name, node: node.name, path, size, ...owner }));
  return { path: 'volumes.json', content: `${JSON.stringify({ volumes }, null, 2)}\n` };
}
