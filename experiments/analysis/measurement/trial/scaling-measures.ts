import type { WorkloadName } from '../../../plan';

/** Replicas of one workload from one change to the next. */
export interface ReplicaInterval {
  readonly workload: string;
  readonly at_s: number;
  readonly until_s: number;
  readonly desired: number;
  readonly current: number;
  readonly ready: number;
}

/** How an autoscaler behaved towards one workload in one trial. */
export interface ScalingMeasures {
  readonly workload: WorkloadName;
  readonly initial: number;
  readonly peakDesired: number;
  readonly peakReady: number;
  /** From the start of the load to the first decision to add pods, seconds; null where none was taken. */
  readonly reactionSeconds: number | null;
  /** From the start of the load until as many pods are ready as were ever desired, seconds; null where that never happened. */
  readonly stepToReadySeconds: number | null;
  /** Longest time from a decision to add pods until they are ready, seconds; null where no decision was met. */
  readonly slowestReadySeconds: number | null;
  /** How often the desired count turned from rising to falling or back. */
  readonly directionChanges: number;
  /** Seconds with fewer pods ready than desired. */
  readonly scalingSeconds: number;
  /** Pods times seconds of the load that existed, ready or not. */
  readonly podSeconds: number;
}

/**
 * Reads the measures off the exact times of change, not off a grid, and of the load alone (`loadSeconds`): what was watched
 * before it and through its cool-down differs between runners.
 */
export function scalingMeasures(
  workload: WorkloadName,
  intervals: readonly ReplicaInterval[],
  loadSeconds: number,
): ScalingMeasures | null {
  const timeline = duringLoad(intervals, loadSeconds);
  if (timeline.length === 0) return null;
  const initial = timeline[0].desired;
  const peakDesired = Math.max(...timeline.map((interval) => interval.desired));
  const firstRise = timeline.find((interval) => interval.desired > initial);
  const scaled = peakDesired > initial;
  const decidedPeak = timeline.find((interval) => interval.desired === peakDesired);
  const reached = scaled
    ? timeline.find((interval) => interval.at_s >= (decidedPeak?.at_s ?? 0) && interval.ready >= peakDesired)
    : undefined;
  return {
    workload,
    initial,
    peakDesired,
    peakReady: Math.max(...timeline.map((interval) => interval.ready)),
    reactionSeconds: firstRise === undefined ? null : Math.max(0, firstRise.at_s),
    stepToReadySeconds: reached === undefined ? null : Math.max(0, reached.at_s),
    slowestReadySeconds: slowestReady(timeline),
    directionChanges: directionChanges(timeline.map((interval) => interval.desired)),
    scalingSeconds: total(timeline, (interval) => (interval.ready < interval.desired ? 1 : 0)),
    podSeconds: total(timeline, (interval) => interval.current),
  };
}

/** The intervals cut to the load; the last observation holds to its end. */
function duringLoad(intervals: readonly ReplicaInterval[], loadSeconds: number): ReplicaInterval[] {
  return intervals
    .map((interval, index) => ({
      ...interval,
      at_s: Math.max(0, interval.at_s),
      until_s: index === intervals.length - 1 ? loadSeconds : Math.min(loadSeconds, interval.until_s),
    }))
    .filter(({ at_s: from, until_s: until }) => until > from);
}

/** Over- and under-provisioned pod-seconds against a demand given for each second. */
export function provisioning(
  ready: ArrayLike<number>,
  required: ArrayLike<number>,
): { readonly overPodSeconds: number; readonly underPodSeconds: number } {
  let over = 0;
  let under = 0;
  for (let second = 0; second < Math.min(ready.length, required.length); second++) {
    const spare = ready[second] - required[second];
    if (spare > 0) over += spare;
    if (spare < 0) under -= spare;
  }
  return { overPodSeconds: over, underPodSeconds: under };
}

/** The offered rate, averaged over ten seconds around each second: a demand does not turn with every single request. */
export function meanOffered(offered: ArrayLike<number>): Float64Array {
  const reach = 5;
  const means = new Float64Array(offered.length);
  for (let second = 0; second < offered.length; second++) {
    const from = Math.max(0, second - reach);
    const to = Math.min(offered.length, second + reach);
    let sum = 0;
    for (let index = from; index < to; index++) sum += offered[index];
    means[second] = sum / (to - from);
  }
  return means;
}

/** Pods that a rate needs, by what one pod sustains. At least one: no workload scales to zero. */
export function podsFor(rate: number, sustainedByOne: number): number {
  return Math.max(1, Math.ceil(rate / sustainedByOne - 1e-9));
}

/** Pods that a load needs in each second; tables and figures alike. */
export function requiredPods(offered: ArrayLike<number>, sustainedByOne: number): Float64Array {
  return meanOffered(offered).map((rate) => podsFor(rate, sustainedByOne));
}

function slowestReady(timeline: readonly ReplicaInterval[]): number | null {
  let slowest: number | null = null;
  timeline.forEach((interval, index) => {
    const before = index === 0 ? interval.desired : timeline[index - 1].desired;
    if (interval.desired <= before) return;
    const met = timeline.slice(index).find((later) => later.ready >= interval.desired);
    if (met !== undefined) slowest = Math.max(slowest ?? 0, met.at_s - interval.at_s);
  });
  return slowest;
}

function directionChanges(desired: readonly number[]): number {
  const moves = desired
    .slice(1)
    .map((value, index) => Math.sign(value - desired[index]))
    .filter((move) => move !== 0);
  return moves.slice(1).filter((move, index) => move !== moves[index]).length;
}

function total(timeline: readonly ReplicaInterval[], height: (interval: ReplicaInterval) => number): number {
  return timeline.reduce((sum, interval) => sum + height(interval) * (interval.until_s - interval.at_s), 0);
}
