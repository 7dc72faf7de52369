/** How many pods may be added or removed in any `periodSeconds`: one policy of HorizontalPodAutoscaler v2. */
export interface ScalingPolicy {
  /** What `value` counts. */
  readonly type: 'Pods' | 'Percent';
  /** Pods, or per cent of the replicas at the start of the period. */
  readonly value: number;
  /** Time in which that many may be added, seconds. */
  readonly periodSeconds: number;
}

/**
 * What the gateway sees of a workload's requests, as an amount for each pod: requests that are on their way at once, or that
 * are answered per second.
 */
export interface GatewaySignal {
  /** Requests that are under way, or requests in a second. */
  readonly kind: 'in-flight' | 'request-rate';
  /** How many of them one pod is to have. */
  readonly perPod: number;
}

/** A floor of replicas ahead of a peak whose time is known, kept until as long after it. */
export interface ScheduledFloor {
  /** Pods that there are at least, around a peak. */
  readonly replicas: number;
  /** How long before the peak it begins, seconds. */
  readonly leadSeconds: number;
}

/** When an autoscaler acts, and how fast. Everything is written out: Kubernetes' own defaults are never relied on. */
export interface Autoscaling {
  /** Pods that always run. */
  readonly minReplicas: number;
  /** Pods that never run more. */
  readonly maxReplicas: number;
  /** Target use of the requested CPU, per cent; it counts where CPU is among the signals. */
  readonly targetCpuPercent: number;
  /** What is looked at; of several the one that asks for most pods wins. @default CPU alone */
  readonly signals?: readonly ('cpu' | GatewaySignal)[];
  /** A floor that a metric states, so that nothing has to rewrite the autoscaler. @default none */
  readonly floor?: ScheduledFloor;
  /** How far usage may stray from its target, per cent; needs a gate of the cluster. @default the controller's own, 10 */
  readonly tolerancePercent?: number;
  /** The most generous policy wins; an empty list forbids scaling up. */
  readonly scaleUp: readonly ScalingPolicy[];
  /** How long a high recommendation is remembered before pods are removed, seconds. */
  readonly scaleDownStabilisationSeconds: number;
}

/** What may be varied of one workload. */
export interface WorkloadSettings {
  /** CPU request of one pod, millicores. */
  readonly cpuMillicores: number;
  /** Memory request of one pod, MiB. */
  readonly memoryMiB: number;
  /** A fixed number of pods, or an autoscaler. */
  readonly replicas: number | Autoscaling;
}

/** One rendering of the workloads under variation: production, or a row of an experiment. */
export interface WorkloadVariant<Workload extends string = string> {
  /** Folder under `dist/workloads/`. */
  readonly name: string;
  /** What runs of each workload. */
  readonly settings: Readonly<Record<Workload, WorkloadSettings>>;
}
