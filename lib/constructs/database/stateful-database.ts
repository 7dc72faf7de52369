import { k8s } from '../typed-kinds';
import { NEVER_PRUNED, type Component } from '../component';
import type { Host } from '../../kubernetes/inventory';
import type { Endpoint } from '../network/endpoint';
import { serviceEndpoint, type ServiceEndpoint } from '../network/endpoint';
import type { ContainerProps } from '../pod/container';
import { toPodTemplate, type PodProps, type RunAs } from '../pod/pod';
import { PodOwner } from '../pod/pod-owner';
import { PodService } from '../workload/service';
import { containerOf } from '../workload/single-container';
import { claimOf, LocalVolume } from './local-volume';

/** A database of one pod whose data lives on one named host. */
export interface StatefulDatabaseProps
  extends Omit<ContainerProps, 'name' | 'ports'>, Omit<PodProps, 'containers' | 'runAs'> {
  /** Who owns the data. */
  readonly runAs: RunAs;
  /** Port on which the database listens. */
  readonly port: number;
  /** Name of that port, such as `postgresql`. */
  readonly portName: string;
  /** Where the data lies, and how much there is room for. */
  readonly data: {
    /** The host that holds the data. */
    readonly node: Host;
    /** Folder on that host; it must exist before the first start. */
    readonly hostPath: string;
    /** Folder in the container. */
    readonly mountPath: string;
    /** As `5Gi`. */
    readonly size: string;
    /** Class of the claim and of its volume: the two find each other by it. */
    readonly storageClass: string;
  };
  /** Containers beside the database, which share its folders; the pod is ready once they are too. @default none */
  readonly sidecars?: readonly ContainerProps[];
  /** Whom it calls. @default nobody */
  readonly connects?: readonly Endpoint[];
}

/**
 * A stateful database: StatefulSet of one replica, headless Service, and a local volume pinned to a host. One replica,
 * because there is no network storage: a second would have other data.
 */
export class StatefulDatabase {
  readonly endpoint: ServiceEndpoint;

  constructor(component: Component, props: StatefulDatabaseProps) {
    const { data, port, portName, connects } = props;
    new LocalVolume(component, { ...data, name: component.name, path: data.hostPath, owner: props.runAs });
    const pod = podOf(component, props);
    new PodOwner(component, `${component.name}-stateful-set`, {
      kind: k8s.KubeStatefulSet.GVK,
      metadata: component.objectMetadata(),
      spec: {
        serviceName: component.name,
        replicas: 1,
        revisionHistoryLimit: 3,
        selector: { matchLabels: component.selectorLabels() },
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
        template: toPodTemplate(pod, { component, name: component.name }),
        volumeClaimTemplates: [
          // With all that the API server would fill in: rule `claim-templates-are-complete`.
          {
            apiVersion: 'v1',
            kind: 'PersistentVolumeClaim',
            metadata: { name: DATA, labels: component.podLabels(), annotations: NEVER_PRUNED },
            spec: {
              ...k8s.toJson_PersistentVolumeClaimSpec(claimOf(component, data.storageClass, data.size)),
              volumeMode: 'Filesystem',
            },
            status: { phase: 'Pending' },
          },
        ],
      },
      pod,
      podName: component.name,
    });
    new PodService(component, { port, portName, headless: true });
    if (connects) component.connects(connects);
    this.endpoint = serviceEndpoint(component.name, port);
  }
}

const DATA = 'data';

function podOf(component: Component, props: StatefulDatabaseProps): PodProps {
  const { mounts = [], probes, data, port, portName, sidecars = [] } = props;
  return {
    ...props,
    containers: [
      {
        ...containerOf(props),
        name: component.name,
        probes,
        ports: [{ name: portName, port }],
        mounts: [{ kind: 'claim', claim: DATA, path: data.mountPath, fromTemplate: true }, ...mounts],
      },
      ...sidecars,
    ],
  };
}
