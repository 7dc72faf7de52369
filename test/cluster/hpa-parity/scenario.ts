import type { HorizontalPodAutoscalerSpecification } from '../../../lib/kubernetes/horizontal-pod-autoscaler';

/** How one pod stands; times are relative to the step that puts it there. */
export type PodStanding =
  /** Running and ready for an hour: the usual. */
  | 'ready'
  /** Started an hour ago, was ready, is not any more. */
  | 'was-ready'
  /** Started an hour ago and never became ready. */
  | 'never-ready'
  /** Started and became ready seconds ago: its metric's window reaches back before that. */
  | 'just-ready'
  /** Started two minutes ago and ready since: initialising still, but its metric may be believed. */
  | 'settled'
  /** Started seconds ago, not ready. */
  | 'starting'
  /** Running without a Ready condition. */
  | 'no-condition'
  /** Ready condition of status Unknown, as after a lost node. */
  | 'unknown'
  | 'pending'
  | 'failed'
  /** Has a deletion timestamp. */
  | 'deleting';

/** What the controller meets at one sync. */
export interface Step {
  /** CPU of each pod in millicores, by its index; a number means the same for all. */
  readonly cpu?: number | readonly number[];
  /** Memory of each pod in bytes. */
  readonly memory?: number;
  /** CPU of the second container of each pod, millicores, in scenarios that have one. */
  readonly sidecarCpu?: number;
  /** Indices of pods that the metrics API does not know. */
  readonly missing?: readonly number[];
  /** The metrics API answers with an error (`error`) or an empty list (`empty`). */
  readonly api?: 'error' | 'empty';
  /** Pods that do not stand as usual, by index. */
  readonly pods?: Readonly<Record<number, PodStanding>>;
  /** Number of pods, where it does not follow `spec.replicas`. */
  readonly podCount?: number;
  /** Total that the pods share, millicores, where `cpu` is -1. */
  readonly value?: number;
  /**
   * Metrics in thousandths by their `metricKey`: a list has one value per pod by its index (Pods) or per series (External).
   * Indices in `missing` have none, a metric left out is unknown to the API (404), `error` is an answer of 500.
   */
  readonly custom?: Readonly<Record<string, number | readonly number[] | 'error'>>;
  /** `status.replicas` of the scale where it is not yet what `spec.replicas` asks for. */
  readonly statusReplicas?: number;
}

export interface Scenario {
  /** A sentence. */
  readonly name: string;
  readonly initialReplicas: number;
  readonly specification: HorizontalPodAutoscalerSpecification;
  readonly steps: readonly Step[];
  /** Pods have a second container. */
  readonly sidecar?: boolean;
  /** CPU that each pod requests as a whole, millicores (KEP-2837). */
  readonly podCpuRequest?: number;
}

/** CPU request of the first container, millicores; of the second, half of it. */
export const CPU_REQUEST = 100;
/** Memory request of each container, bytes. */
export const MEMORY_REQUEST = 100 * 1024 * 1024;
