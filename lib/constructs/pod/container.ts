import { k8s } from '../typed-kinds';
import { mebibytes } from '../../kubernetes/quantity';
import { toEnvVars, type Environment } from './environment';
import { toProbe, type Probes } from './probe';
import { toResourceRequirements, type Resources } from './resources';
import { toVolumeMount, type Mount } from './volume';

/** A port that a container listens on. */
export interface NamedPort {
  /** Name by which Services refer to it, such as `http`. */
  readonly name: string;
  /** That the program listens on. */
  readonly port: number;
  /** @default TCP */
  readonly protocol?: 'TCP' | 'UDP';
}

/** A key of a ConfigMap. */
export interface ConfigReference {
  /** Name of the ConfigMap. */
  readonly configMap: string;
  /** One of its keys. */
  readonly key: string;
}

/** One container. */
export interface ContainerProps {
  /** Unique in the pod. */
  readonly name: string;
  /** Image with its tag. */
  readonly image: string;
  /** Replaces the image's entry point. */
  readonly command?: readonly string[];
  /** Instead of the arguments of the image. */
  readonly args?: readonly string[];
  /** That the program listens on. */
  readonly ports?: readonly NamedPort[];
  /** Variables: a text, or the key of a Secret. */
  readonly environment?: Environment;
  /** Folders from ConfigMaps, Secrets, claims and scratch volumes. */
  readonly mounts?: readonly Mount[];
  /** CPU and memory, as request and limit. */
  readonly resources: Resources;
  /** When it has started, may be sent requests, and must be restarted. */
  readonly probes?: Probes;
  /**
   * Seconds the container goes on serving after it is told to stop, while endpoints everywhere still learn that it is
   * leaving. Native sleep (KEP-3960), so the image needs no `sleep` program.
   */
  readonly preStopSleepSeconds?: number;
  /** It does not start before this key is there: the kubelet tries again every few seconds. It is the variable `STARTS_AFTER`. */
  readonly startsAfter?: ConfigReference;
}

/** A container that ends before the others start: it serves nothing, so the API server takes neither probes nor a sleep. */
export type InitContainerProps = Omit<ContainerProps, 'probes' | 'preStopSleepSeconds' | 'startsAfter'>;

/** A container as it stands in a manifest. */
export type ContainerManifest = Readonly<Record<string, unknown>>;

/**
 * Kubernetes' form of a container, with everything it may not do taken away: the restricted Pod Security Standard
 * (https://kubernetes.io/docs/concepts/security/pod-security-standards/) and a read-only root file system.
 */
export function toContainer(props: ContainerProps, owner: string): ContainerManifest {
  const { name, image, command, args, probes, preStopSleepSeconds } = props;
  const container = k8s.toJson_Container({
    name,
    image,
    command: command ? [...command] : undefined,
    args: args ? [...args] : undefined,
    ports: props.ports?.map((port) => ({
      name: port.name,
      containerPort: port.port,
      protocol: port.protocol ?? 'TCP',
    })),
    env: toVariables(props),
    volumeMounts: props.mounts?.length ? props.mounts.map(toVolumeMount) : undefined,
    resources: toResourceRequirements(
      props.resources,
      scratchOnDisk(`${owner}: container ${name}`, props.mounts),
      `${owner}: container ${name}`,
    ),
    startupProbe: toProbe(probes?.startup),
    readinessProbe: toProbe(probes?.readiness),
    livenessProbe: toProbe(probes?.liveness),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    },
  });
  // The typed API is that of 1.28, which has no native sleep yet.
  const lifecycle = preStopSleepSeconds ? { preStop: { sleep: { seconds: preStopSleepSeconds } } } : undefined;
  return { ...container, ...(lifecycle && { lifecycle }) };
}

function toVariables({ environment, startsAfter }: ContainerProps): k8s.EnvVar[] | undefined {
  const own = environment && toEnvVars(environment);
  if (!startsAfter) return own;
  const configMapKeyRef = { name: startsAfter.configMap, key: startsAfter.key };
  return [...(own ?? []), { name: 'STARTS_AFTER', valueFrom: { configMapKeyRef } }];
}

function scratchOnDisk(owner: string, mounts: readonly Mount[] = []): number {
  return mounts.reduce(
    (sum, mount) =>
      mount.kind === 'scratch' && !mount.inMemory
        ? sum + mebibytes(mount.sizeLimit, `${owner}: ${mount.path}: sizeLimit`)
        : sum,
    0,
  );
}

/**
 * Kubernetes' form of an init container.
 *
 * @throws Error when it has what only lasting containers may have.
 */
export function toInitContainer(props: InitContainerProps, owner: string): ContainerManifest {
  for (const field of ['probes', 'preStopSleepSeconds', 'startsAfter'] satisfies (keyof ContainerProps)[]) {
    if ((props as ContainerProps)[field] === undefined) continue;
    throw new Error(
      `${owner}: init container ${props.name}: ${field}: it ends before the others start, so the API server refuses this; remove it.`,
    );
  }
  return toContainer(props, owner);
}
