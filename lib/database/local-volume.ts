import { k8s } from 'cdk8s-plus-28';
import { NEVER_PRUNED, type Component } from '../component';
import type { Host } from '../inventory';

/** A folder on one host. */
export interface LocalVolumeProps {
  /** Name of the PersistentVolume. */
  readonly name: string;
  /** The host that holds the folder, from the inventory: a host that does not exist cannot be named. */
  readonly node: Host;
  /** Folder on that host; it must exist before the first pod starts. */
  readonly path: string;
  /** Capacity, as `5Gi`; a local volume does not enforce it. */
  readonly size: string;
  readonly storageClass: string;
}

/**
 * A PersistentVolume on a disk of one named node. Pods that claim it run on that node or not at all: elsewhere they would
 * find no data. It is retained when its claim goes, and Argo CD never prunes it.
 */
export class LocalVolume extends k8s.KubePersistentVolume {
  constructor(component: Component, props: LocalVolumeProps) {
    super(component, `${props.name}-volume`, {
      metadata: component.clusterMetadata(props.name, { annotations: NEVER_PRUNED }),
      spec: {
        capacity: { storage: k8s.Quantity.fromString(props.size) },
        accessModes: ['ReadWriteOnce'],
        volumeMode: 'Filesystem',
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: props.storageClass,
        local: { path: props.path },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              {
                matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [props.node.name] }],
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
