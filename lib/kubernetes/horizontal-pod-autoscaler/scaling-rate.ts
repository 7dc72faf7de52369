import type { CompleteScalingRules } from './specification';

interface ScaleEvent {
  change: number;
  at: number;
  outdated: boolean;
}

/**
 * The scale events of one autoscaler, and the limits that its policies draw from them, from the replicas at each period's
 * start.
 * Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#scaling-policies and KEP-853;
 * `storeScaleEvent`, `markScaleEventsOutdated`, `getReplicasChangePerPeriod` and `calculateScale…Limit…` of horizontal.go.
 */
export class ScaleEvents {
  private readonly up: ScaleEvent[] = [];
  private readonly down: ScaleEvent[] = [];

  record(before: number, after: number, rules: CompleteScalingRules, now: number): void {
    const events = after > before ? this.up : this.down;
    const longestPeriod = Math.max(0, ...rules.policies.map((policy) => policy.periodSeconds));
    const cutoff = now - longestPeriod * 1000;
    let replaceable = -1;
    events.forEach((event, index) => {
      if (event.at < cutoff) event.outdated = true;
      if (event.outdated) replaceable = index;
    });
    const event = { change: Math.abs(after - before), at: now, outdated: false };
    if (replaceable >= 0) events[replaceable] = event;
    else events.push(event);
  }

  /** The most replicas the scale-up rules allow now. Percentages round up, so that a lone pod can grow. */
  upperLimit(currentReplicas: number, rules: CompleteScalingRules, now: number): number {
    if (rules.selectPolicy === 'Disabled') return currentReplicas;
    const proposals = rules.policies.map((policy) => {
      const start = this.periodStartReplicas(currentReplicas, policy.periodSeconds, now);
      return policy.type === 'Pods' ? start + policy.value : Math.ceil(start * (1 + policy.value / 100));
    });
    return rules.selectPolicy === 'Min' ? Math.min(...proposals) : Math.max(...proposals);
  }

  /** The fewest replicas the scale-down rules allow now. Percentages truncate; `Min` means the smallest change. */
  lowerLimit(currentReplicas: number, rules: CompleteScalingRules, now: number): number {
    if (rules.selectPolicy === 'Disabled') return currentReplicas;
    const proposals = rules.policies.map((policy) => {
      const start = this.periodStartReplicas(currentReplicas, policy.periodSeconds, now);
      return policy.type === 'Pods' ? start - policy.value : Math.trunc(start * (1 - policy.value / 100));
    });
    return rules.selectPolicy === 'Min' ? Math.max(...proposals) : Math.min(...proposals);
  }

  private periodStartReplicas(currentReplicas: number, periodSeconds: number, now: number): number {
    const cutoff = now - periodSeconds * 1000;
    const changeSince = (events: readonly ScaleEvent[]) =>
      events.reduce((sum, event) => (event.at > cutoff ? sum + event.change : sum), 0);
    return currentReplicas - changeSince(this.up) + changeSince(this.down);
  }
}

/**
 * The limit on scale-up without `behavior`, at every sync anew: twice the current count, but at least 4.
 * Source: `calculateScaleUpLimit` of horizontal.go.
 */
export function upperLimitWithoutBehavior(currentReplicas: number): number {
  return Math.max(2 * currentReplicas, 4);
}
