import type { WorkloadName } from '../../plan';
import type { ObservedPod, ReplicaObservation, SignalObservation, Watcher } from './ports';

/** Collects what the cluster's watch reports during one attempt. */
export class Timeline implements Watcher {
  readonly replicaRows: ReplicaObservation[] = [];
  readonly podRows: ObservedPod[] = [];
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

  pod(observation: ObservedPod): void {
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
 * Autoscalers that were without a signal between two moments, with the controller's reason: one beyond CPU, or CPU because the
 * metrics API itself gave no answer. Figures of CPU come late for every new pod, and so their absence is part of what is measured.
 */
export function lostSignals({ signalRows }: Timeline, start: number, end: number): string[] {
  const lost = signalRows.filter((row, index) => {
    if (row.active || row.gone || !isLost(row) || row.at > end) return false;
    const next = signalRows.slice(index + 1).find((one) => one.workload === row.workload);
    return next === undefined || next.at > start;
  });
  return [...new Set(lost.map(({ workload, reason }) => `${workload} (${reason})`))];
}

/** Upstream's words where the API answers with an error; `no metrics returned` where it has none of these pods (metrics/client.go). */
const METRICS_API_AWAY = 'unable to fetch metrics from resource metrics API';

function isLost({ reason, message = '' }: SignalObservation): boolean {
  if (/^FailedGet(Container)?ResourceMetric$/.test(reason)) return message.includes(METRICS_API_AWAY);
  return /^FailedGet(External|Object|Pods)Metric$/.test(reason);
}

/** What became of autoscalers between two moments, each as a sentence: they must be the same objects, told the same. */
export function autoscalerTroubles({ signalRows }: Timeline, start: number, end: number): string[] {
  const workloads = [...new Set(signalRows.map(({ workload }) => workload))];
  return workloads.flatMap((workload) => {
    const rows = signalRows.filter((one) => one.workload === workload && one.at <= end);
    return rows.slice(1).flatMap((row, index) => {
      const before = rows[index]!;
      if (row.at < start) return [];
      const when = `at ${((row.at - start) / 1000).toFixed(0)} s`;
      if (row.gone) return before.gone ? [] : [`the autoscaler of ${workload} was deleted ${when}`];
      if (row.uid !== before.uid || before.gone) return [`that of ${workload} was made anew ${when}`];
      return row.policy === before.policy ? [] : [`that of ${workload} was told otherwise ${when}`];
    });
  });
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

/** Decisions that lie so long before the load may still bring and take pods in it, milliseconds. */
const DECIDED_BEFORE_MS = 60_000;

/** A pod may go only when fewer are wanted, and come only when more are: every other one was lost, replaced or put there. */
function replacements(timeline: Timeline, start: number, end: number): string[] {
  const workloads = new Set(timeline.podRows.map(({ workload }) => workload));
  return [...workloads].flatMap((workload) => {
    const own = timeline.podRows.filter((pod) => pod.workload === workload);
    const within = ({ at }: ObservedPod) => at >= start && at <= end;
    const gone = own.filter((pod) => pod.gone && within(pod)).length;
    const firsts = own.filter((pod, row) => own.findIndex((one) => one.pod === pod.pod) === row);
    const come = firsts.filter((pod) => !pod.gone && pod.at > start && pod.at <= end).length;
    const wanted = timeline.replicaRows.filter(
      (one) => one.workload === workload && one.at <= end && one.at >= start - DECIDED_BEFORE_MS,
    );
    const steps = wanted.map((one, index) => one.desired - (wanted[index - 1]?.desired ?? one.desired));
    const released = steps.reduce((sum, step) => sum + Math.max(0, -step), 0);
    const raised = steps.reduce((sum, step) => sum + Math.max(0, step), 0);
    const unexplained = Math.max(gone - released, come - raised);
    return unexplained > 0 ? [`${unexplained} of ${workload}'s pods were replaced or lost`] : [];
  });
}
