/** How many pods may be added or removed in any `periodSeconds`: one policy of HorizontalPodAutoscaler v2. */
export interface ScalingPolicy {
  readonly type: 'Pods' | 'Percent';
  /** Pods, or per cent of the replicas at the start of the period. */
  readonly value: number;
  readonly periodSeconds: number;
}

/** When an autoscaler acts, and how fast. Everything is written out: Kubernetes' own defaults are never relied on. */
export interface Autoscaling {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Target use of the requested CPU, per cent. */
  readonly targetCpuPercent: number;
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
  readonly settings: Readonly<Record<Workload, WorkloadSettings>>;
}
