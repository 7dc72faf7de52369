/**
 * The `--horizontal-pod-autoscaler-*` of kube-controller-manager; durations are milliseconds. Source:
 * https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
 */
export interface ControllerSettings {
  /** `--horizontal-pod-autoscaler-sync-period` */
  readonly syncPeriod: number;
  /** `--horizontal-pod-autoscaler-tolerance`: no change while usage / target is within 1 ± this. */
  readonly tolerance: number;
  /** `--horizontal-pod-autoscaler-downscale-stabilization` */
  readonly downscaleStabilization: number;
  /** `--horizontal-pod-autoscaler-cpu-initialization-period` */
  readonly cpuInitializationPeriod: number;
  /** `--horizontal-pod-autoscaler-initial-readiness-delay` */
  readonly initialReadinessDelay: number;
  /** `--feature-gates=HPAConfigurableTolerance=…`: alpha and off in 1.33 and 1.34 (KEP-4951). */
  readonly configurableTolerance: boolean;
}

/** What kube-controller-manager 1.34 does when no flag is given; K3s sets none of these. */
export const DEFAULT_CONTROLLER_SETTINGS: ControllerSettings = {
  syncPeriod: 15_000,
  tolerance: 0.1,
  downscaleStabilization: 300_000,
  cpuInitializationPeriod: 300_000,
  initialReadinessDelay: 30_000,
  configurableTolerance: false,
};
