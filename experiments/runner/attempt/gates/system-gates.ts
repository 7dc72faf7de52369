import { GATE_LIMITS, Strain, type GateResult, type Outcomes } from '../../../campaign';
import { LOADED_WORKLOADS, type TestType, type Variant, type WorkloadName } from '../../../plan';
import type { Timeline } from '../observation';
import type { ReplicaBounds } from '../ports';
import { counted } from '../../../../lib/primitives/counted';

/** A static count is both bounds; an autoscaler has a minimum and a maximum. */
export function replicaBounds({ settings }: Pick<Variant, 'settings'>): ReplicaBounds {
  const of = (workload: WorkloadName): readonly [number, number] => {
    const { replicas } = settings[workload];
    return typeof replicas === 'number' ? [replicas, replicas] : [replicas.minReplicas, replicas.maxReplicas];
  };
  return { 'django-api': of('django-api'), idaes: of('idaes') };
}

/** Nobody but the variant's own autoscaler may change the number of pods during the load. */
export function replicasInBounds(timeline: Timeline, bounds: ReplicaBounds, start: number, end: number): GateResult {
  const gate = 'replicas-in-bounds';
  const looks = timeline.workloads().flatMap((workload) => statesOf(timeline, workload, start, end));
  if (looks.length === 0) return { gate, passed: false, detail: 'Nobody saw how many pods there were.' };
  const outside = looks.filter(({ workload, desired, current }) => {
    const [least, most] = bounds[workload];
    return [desired, current].some((count) => count < least || count > most);
  });
  const wrong = [
    ...outside.map(({ workload, desired, current, at }) => {
      const [least, most] = bounds[workload];
      const allowed = least === most ? `${least}` : `${least} to ${most}`;
      return `${workload} had ${counted(current, 'pod')}, ${desired} wanted, at ${seconds(at - start)} (the variant has ${allowed})`;
    }),
    ...timeline
      .workloads()
      .flatMap((workload) => setByOthers(timeline, workload, start, end))
      .map(
        ({ workload, desired, at }) =>
          `${workload} was set to ${counted(desired, 'pod')} at ${seconds(at - start)}, which its autoscaler did not decide`,
      ),
  ];
  const passed = wrong.length === 0;
  const detail = passed
    ? 'Every workload had as many pods as its variant may have, and nobody but its autoscaler changed their number.'
    : `${wrong.slice(0, 3).join('; ')}.`;
  const remedy =
    'Find out who scales beside the variant (kubectl get events, Argo CD, a second runner) and run it again.';
  return { gate, passed, value: wrong.length, limit: 0, detail, ...(passed ? {} : { remedy }) };
}

/** An autoscaler writes what it decided after it has changed the number of pods; the two are watched apart. */
const DECISION_SEEN_MS = { before: 5000, after: 20_000 };

/**
 * Changes of the number of pods that an autoscaler was not seen to make: each of its own moves the time of its last change
 * (`lastScaleTime`), also where the new number is within its bounds.
 */
function setByOthers({ signalRows, replicaRows }: Timeline, workload: WorkloadName, start: number, end: number) {
  const told = signalRows.filter((row) => row.workload === workload && row.scaledAt !== undefined);
  if (told.length === 0) return [];
  const decisions = told.filter(({ scaledAt }, index) => scaledAt !== '' && scaledAt !== told[index - 1]?.scaledAt);
  const own = replicaRows.filter((row) => row.workload === workload);
  return own.filter(({ at, desired }, index) => {
    if (index === 0 || at <= start || at > end || desired === own[index - 1]!.desired) return false;
    return !decisions.some(
      (one) =>
        one.decided === desired && one.at >= at - DECISION_SEEN_MS.before && one.at <= at + DECISION_SEEN_MS.after,
    );
  });
}

/**
 * A loaded workload without a ready pod is no system under test, unless it was overload that made its pods unready.
 */
export function podsReady(
  timeline: Timeline,
  testType: TestType,
  outcomes: Outcomes,
  start: number,
  end: number,
): GateResult {
  const gate = 'pods-ready';
  const limit = GATE_LIMITS.withoutReadyPodSeconds;
  const gaps = unexplained(
    LOADED_WORKLOADS[testType].flatMap((workload) => gapsOf(timeline, workload, 1, start, end)),
    outcomes,
    start,
  );
  const longest = gaps.reduce((worst, gap) => Math.max(worst, (gap.to - gap.from) / 1000), 0);
  const passed = longest <= limit;
  const [gap] = [...gaps].sort((a, b) => b.to - b.from - (a.to - a.from));
  const detail =
    gap === undefined
      ? 'A pod of every loaded workload was ready throughout, or overload made it unready.'
      : `${gap.workload} had no ready pod for ${longest.toFixed(1)} s from ${seconds(gap.from - start)}, without an overload before (limit ${limit} s).`;
  const remedy = 'Look at the pods’ events and probes (kubectl describe pod) and run it again.';
  return { gate, passed, value: longest, limit, detail, ...(passed ? {} : { remedy }) };
}

/**
 * A variant has at least so many pods, and they must serve: one that stays unready, or comes and goes, makes it another variant.
 * Seconds of all such gaps count together.
 */
export function podsMissing(
  timeline: Timeline,
  bounds: ReplicaBounds,
  testType: TestType,
  outcomes: Outcomes,
  start: number,
  end: number,
): GateResult {
  const gate = 'pods-missing';
  const limit = GATE_LIMITS.missingPodSeconds;
  const missing = LOADED_WORKLOADS[testType].map((workload) => {
    const [least] = bounds[workload];
    const gaps = unexplained(gapsOf(timeline, workload, least, start, end), outcomes, start);
    return { workload, least, gaps, value: gaps.reduce((sum, { from, to }) => sum + (to - from) / 1000, 0) };
  });
  const { workload, least, gaps, value } = missing.reduce((a, b) => (b.value > a.value ? b : a));
  const passed = value <= limit;
  const detail =
    gaps.length === 0
      ? 'As many pods as the variant has at least were ready throughout, or overload made them unready.'
      : `${workload} had fewer than its ${counted(least, 'pod')} ready for ${value.toFixed(1)} s in all, first from ${seconds(gaps[0]!.from - start)}, without an overload before (limit ${limit} s).`;
  const remedy = 'Look at the pods’ events and probes (kubectl describe pod) and run it again.';
  return { gate, passed, value, limit, detail, ...(passed ? {} : { remedy }) };
}

/** Gaps that no overload came before. */
function unexplained<Gap extends { readonly from: number }>(
  gaps: readonly Gap[],
  outcomes: Outcomes,
  start: number,
): Gap[] {
  const strain = new Strain(outcomes);
  return gaps.filter(
    ({ from }) => !strain.between((from - start) / 1000 - STRAIN_BEFORE_SECONDS, (from - start) / 1000),
  );
}

/** Probes take this long to find a pod that overload has made unready: three periods of ten seconds. */
const STRAIN_BEFORE_SECONDS = 30;

/** The state at the start of the load, and every change in it. */
function statesOf(timeline: Timeline, workload: WorkloadName, start: number, end: number) {
  const first = timeline.at(workload, start);
  const later = timeline.replicaRows.filter((one) => one.workload === workload && one.at > start && one.at <= end);
  return first === undefined ? later : [{ ...first, at: start }, ...later];
}

/** From when to when fewer pods than a number were ready. */
function gapsOf(timeline: Timeline, workload: WorkloadName, least: number, start: number, end: number) {
  const states = statesOf(timeline, workload, start, end);
  const gaps: { workload: WorkloadName; from: number; to: number }[] = [];
  states.forEach(({ ready, at }, index) => {
    if (ready >= least) return;
    const to = states[index + 1]?.at ?? end;
    const before = gaps.at(-1);
    if (before?.to === at) gaps[gaps.length - 1] = { ...before, to };
    else gaps.push({ workload, from: at, to });
  });
  return gaps;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(0)} s`;
}
