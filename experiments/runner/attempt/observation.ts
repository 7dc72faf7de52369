import type { WorkloadName } from '../../plan';
import type { PodObservation, ReplicaObservation, SignalObservation, Watcher } from './ports';

/** Collects what the cluster's watch reports during one attempt. */
export class Timeline implements Watcher {
  readonly replicaRows: ReplicaObservation[] = [];
  readonly podRows: PodObservation[] = [];
  readonly signalRows: SignalObservation[] = [];
  brokenBecause: string | undefined;

  /** @param onReplicas Told of every change of the pods, for a live view. */
  constructor(private readonly onReplicas?: (observation: ReplicaObservation) => void) {}

  replicas(observation: ReplicaObservation): void {
    this.replicaRows.push(observation);
    this.onReplicas?.(observation);
  }

  signal(observation: SignalObservation): void {
    this.signalRows.push(observation);
  }

  pod(observation: PodObservation): void {
    this.podRows.push(observation);
  }

  broken(reason: string): void {
    this.brokenBecause ??= reason;
  }

  /** The newest state of a workload at a moment. */
  at(workload: WorkloadName, moment = Infinity): ReplicaObservation | undefined {
    return this.replicaRows.findLast((one) => one.workload === workload && one.at <= moment);
  }

  /** Moments at which fewer pods of any workload were wanted than before, seconds from a start. */
  scaleDowns(start: number): number[] {
    return this.workloads().flatMap((workload) => {
      const rows = this.replicaRows.filter((one) => one.workload === workload);
      return rows
        .filter(({ desired }, index) => index > 0 && desired < rows[index - 1]!.desired)
        .map(({ at }) => (at - start) / 1000);
    });
  }

  workloads(): WorkloadName[] {
    return [...new Set(this.replicaRows.map(({ workload }) => workload))];
  }
}

/**
 * Autoscalers that were without a signal beyond CPU between two moments, with the controller's reason. Figures of CPU come
 * late for every new pod, and so a failure of theirs is part of what is measured.
 */
export function lostSignals({ signalRows }: Timeline, start: number, end: number): string[] {
  const lost = signalRows.filter(({ active, reason, at, workload }, index) => {
    if (active || !/^FailedGet(External|Object|Pods)Metric$/.test(reason) || at > end) return false;
    const next = signalRows.slice(index + 1).find((one) => one.workload === workload);
    return next === undefined || next.at > start;
  });
  return [...new Set(lost.map(({ workload, reason }) => `${workload} (${reason})`))];
}

/** What went wrong with pods between two moments, each as a sentence. */
export function podTroubles(timeline: Timeline, start: number, end: number): string[] {
  return [...restartsAndEvictions(timeline, start, end), ...replacements(timeline, start, end)];
}

function restartsAndEvictions(timeline: Timeline, start: number, end: number): string[] {
  const troubles: string[] = [];
  const restarts = new Map<string, number>();
  for (const pod of timeline.podRows) {
    const before = restarts.get(pod.pod) ?? pod.restarts;
    restarts.set(pod.pod, pod.restarts);
    if (pod.at < start || pod.at > end) continue;
    if (pod.restarts > before) troubles.push(`${pod.pod} restarted`);
    if (pod.evicted) troubles.push(`${pod.pod} was evicted`);
    if (pod.trouble !== undefined) troubles.push(`${pod.pod} ${pod.trouble}`);
  }
  return troubles;
}

/** A pod may go only when fewer are wanted: every other one that went was lost or replaced. */
function replacements(timeline: Timeline, start: number, end: number): string[] {
  const workloads = new Set(timeline.podRows.map(({ workload }) => workload));
  return [...workloads].flatMap((workload) => {
    const gone = timeline.podRows.filter(
      (pod) => pod.workload === workload && pod.gone && pod.at >= start && pod.at <= end,
    );
    // Pods that go during the load were given up by a decision that may lie shortly before it.
    const wanted = timeline.replicaRows.filter(
      (one) => one.workload === workload && one.at <= end && one.at >= start - 60_000,
    );
    const released = wanted.reduce(
      (sum, one, index) => sum + Math.max(0, (wanted[index - 1]?.desired ?? one.desired) - one.desired),
      0,
    );
    const unexplained = gone.length - released;
    return unexplained > 0 ? [`${unexplained} of ${workload}'s pods were replaced or lost`] : [];
  });
}
