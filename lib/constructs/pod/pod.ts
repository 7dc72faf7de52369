import { k8s } from '../typed-kinds';
import type { Component } from '../component';
import type { SecretReference } from '../../kubernetes/secret';
import {
  toContainer,
  toInitContainer,
  type ContainerManifest,
  type ContainerProps,
  type InitContainerProps,
} from './container';
import { secretsOfEnvironment } from './environment';
import { toVolumes, type Mount } from './volume';

/** Numeric user and group of every process in the pod; names mean nothing outside an image. */
export interface RunAs {
  /** Number of the user that the programs run as. */
  readonly user: number;
  /** Number of its group. */
  readonly group: number;
}

/** What all pods have in common. */
export interface PodProps {
  /** The main container is first. */
  readonly containers: readonly ContainerProps[];
  /** Run one after the other before the containers start. */
  readonly initContainers?: readonly InitContainerProps[];
  /** @default 65532, the usual non-root user of minimal images, for user and group */
  readonly runAs?: RunAs;
  /** Group that owns mounted volumes; needed where the pod writes to one. */
  readonly volumeGroup?: number;
  /** Runs on this host only, control-plane taint included. */
  readonly host?: string;
  /** Name servers asked when the cluster's own gives no answer; see {@link outsideNames}. */
  readonly fallbackNameServers?: readonly string[];
  /** Seconds between the order to stop and the kill, preStop included. @default 30, as Kubernetes does */
  readonly terminationGracePeriodSeconds?: number;
  /** Name of a PriorityClass: where room is short, pods of a lower one make way. @default none, which is priority 0 */
  readonly priorityClass?: string;
  /** Account of its own whose token is mounted, for what asks the API server. @default none, and no token */
  readonly serviceAccount?: string;
  /** Further labels of the pod. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** The usual user of minimal images. */
export const NON_ROOT_USER: RunAs = { user: 65532, group: 65532 };

/** Where the pod differs by the kind of its owner. */
export interface PodContext {
  /** Gives namespace, labels and the rest of what all its pods share. */
  readonly component: Component;
  /** Name that selectors, Services and network policies know the pod by. */
  readonly name: string;
  /** Spread over hosts: more than one of them may run. */
  readonly spread?: boolean;
  /** For pods that end. @default Always, as Kubernetes does */
  readonly restartPolicy?: 'Never' | 'OnFailure';
}

/** A pod template as it stands in a manifest. */
export interface PodTemplateManifest {
  /** Labels and annotations. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The pod itself, as Kubernetes has it. */
  readonly spec: Readonly<Record<string, unknown>> & {
    /** The main container is first. */
    readonly containers: readonly ContainerManifest[];
    /** Run one after the other before those. */
    readonly initContainers?: readonly ContainerManifest[];
  };
}

/** The pod template: labels, a checksum of the mounted configuration, and a specification that the `restricted` Pod Security Standard admits. */
export function toPodTemplate(props: PodProps, context: PodContext): PodTemplateManifest {
  const { component, name } = context;
  const mounts = mountsOf(props);
  const checksum = configChecksum(mounts);
  const template = k8s.toJson_PodTemplateSpec({
    metadata: {
      labels: { ...component.podLabels(name), ...props.labels },
      annotations: checksum ? { 'checksum/config': checksum } : undefined,
    },
    spec: {
      ...schedulingOf(props, context),
      priorityClassName: props.priorityClass,
      serviceAccountName: props.serviceAccount,
      automountServiceAccountToken: props.serviceAccount !== undefined,
      // The variables of Service links, such as POSTGRES_PORT, collide with an application's own.
      enableServiceLinks: false,
      restartPolicy: context.restartPolicy,
      terminationGracePeriodSeconds: props.terminationGracePeriodSeconds ?? 30,
      dnsConfig: props.fallbackNameServers ? { nameservers: [...props.fallbackNameServers] } : undefined,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: (props.runAs ?? NON_ROOT_USER).user,
        runAsGroup: (props.runAs ?? NON_ROOT_USER).group,
        fsGroup: props.volumeGroup,
        fsGroupChangePolicy: props.volumeGroup === undefined ? undefined : 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [],
      volumes: mounts.length > 0 ? toVolumes(mounts, component.name) : undefined,
    },
  })!;
  const initContainers = props.initContainers?.map((container) => toInitContainer(container, component.name));
  const containers = props.containers.map((container) => toContainer(container, component.name));
  const { metadata, spec } = template as Readonly<Record<'metadata' | 'spec', Readonly<Record<string, unknown>>>>;
  return {
    metadata,
    spec: { ...spec, containers, ...(initContainers && { initContainers }) },
  };
}

/** Every Secret key that the pod reads. */
export function secretsOfPod(props: PodProps): SecretReference[] {
  return allContainers(props).flatMap((container) => [
    ...secretsOfEnvironment(container.environment ?? {}),
    ...(container.mounts ?? []).flatMap((mount) => (mount.kind === 'secret' ? [mount.reference] : [])),
  ]);
}

function schedulingOf(
  props: PodProps,
  { component, name, spread }: PodContext,
): k8s.PodSpec | Omit<k8s.PodSpec, 'containers'> {
  return {
    nodeSelector: {
      'kubernetes.io/arch': 'arm64',
      ...(props.host ? { 'kubernetes.io/hostname': props.host } : {}),
    },
    tolerations: props.host
      ? [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }]
      : undefined,
    topologySpreadConstraints:
      spread && !props.host
        ? [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: component.selectorLabels(name) },
            },
          ]
        : undefined,
  };
}

function allContainers(props: PodProps): (ContainerProps | InitContainerProps)[] {
  return [...(props.initContainers ?? []), ...props.containers];
}

function mountsOf(props: PodProps): Mount[] {
  return allContainers(props).flatMap((container) => container.mounts ?? []);
}

function configChecksum(mounts: readonly Mount[]): string | undefined {
  const checksums = mounts.flatMap((mount) => (mount.kind === 'config' ? [mount.config.checksum] : []));
  return checksums.length > 0 ? [...new Set(checksums)].join('-') : undefined;
}
