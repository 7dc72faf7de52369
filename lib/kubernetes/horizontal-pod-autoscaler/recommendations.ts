import type { CompleteSpecification } from './specification';

interface Recommendation {
  replicas: number;
  at: number;
}

/**
 * The unstabilised recommendations of one autoscaler, and the stabilisation windows over them.
 * Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#stabilization-window, KEP-853, and for
 * windows' edges `recordInitialRecommendation`, `stabilizeRecommendation` and `stabilizeRecommendationWithBehaviors` of
 * horizontal.go.
 */
export class Recommendations {
  private readonly history: Recommendation[] = [];

  /** The replicas at the controller's first look count as a recommendation, so that a restart does not drop pods. */
  recordInitial(replicas: number, now: number): void {
    if (this.history.length === 0) this.history.push({ replicas, at: now });
  }

  /** Without `behavior`: the highest recommendation of the controller's scale-down window, its oldest instant included. */
  stabiliseWithoutBehavior(replicas: number, window: number, now: number): number {
    const cutoff = now - window;
    let highest = replicas;
    let expired = -1;
    this.history.forEach((entry, index) => {
      if (entry.at < cutoff) expired = index;
      else highest = Math.max(highest, entry.replicas);
    });
    this.record(replicas, now, expired);
    return highest;
  }

  /**
   * With `behavior`: the current count moves up no further than the lowest recommendation of the scale-up window and
   * down no further than the highest of the scale-down window. Instants exactly one window old no longer count.
   */
  stabilise(
    replicas: number,
    currentReplicas: number,
    behavior: NonNullable<CompleteSpecification['behavior']>,
    defaultDownWindow: number,
    now: number,
  ): number {
    const upCutoff = now - (behavior.scaleUp.stabilizationWindowSeconds ?? 0) * 1000;
    const downSeconds = behavior.scaleDown.stabilizationWindowSeconds ?? Math.trunc(defaultDownWindow / 1000);
    const downCutoff = now - downSeconds * 1000;
    let lowest = replicas;
    let highest = replicas;
    let expired = -1;
    this.history.forEach((entry, index) => {
      if (entry.at > upCutoff) lowest = Math.min(lowest, entry.replicas);
      if (entry.at > downCutoff) highest = Math.max(highest, entry.replicas);
      if (entry.at < upCutoff && entry.at < downCutoff) expired = index;
    });
    this.record(replicas, now, expired);
    return Math.min(Math.max(currentReplicas, lowest), highest);
  }

  /** One expired entry is overwritten per sync, which bounds the history. */
  private record(replicas: number, now: number, expired: number): void {
    if (expired >= 0) this.history[expired] = { replicas, at: now };
    else this.history.push({ replicas, at: now });
  }
}
