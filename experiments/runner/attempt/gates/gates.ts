import { percent } from '../../../../lib/primitives/percent';
import {
  countFailures,
  droppedStarts,
  errorBudget,
  GATE_LIMITS,
  sessionKept,
  type GateResult,
  type Outcomes,
} from '../../../campaign';
import { ArrivalSchedule } from '../../../plan';
import { MAX_VIRTUAL_USERS, type HostSample, type Load, type LoadResult } from '../../../workload';
import type { ClockStep } from '../clock';
import { autoscalerTroubles, lostSignals, podTroubles, type Timeline } from '../observation';
import type { DelayCheck, DelayPort, MetricPoint } from '../ports';

/** Highest use of the host's CPU, averaged over ten seconds so that one busy second of start-up does not decide. */
export function generatorCpu(host: readonly HostSample[], limit: number = GATE_LIMITS.generatorCpu): GateResult {
  const value = highestAverage(host.map(({ cpu }) => cpu));
  return judged('generator-cpu', value, '<=', limit, 'of all cores of the generator host were busy', percent);
}

export function generatorMemory(host: readonly HostSample[], limit: number = GATE_LIMITS.generatorMemory): GateResult {
  const value = host.length === 0 ? undefined : Math.max(...host.map(({ memory }) => memory));
  return judged('generator-memory', value, '<=', limit, "of the generator host's memory was in use", percent);
}

/** Of the requests that were due and not dropped, how many started on time. */
export function achievedRate(load: Load, { samples, aborted }: LoadResult): GateResult {
  const due = aborted ? samples.rows : ArrivalSchedule.of(load).count;
  let started = 0;
  let onTime = 0;
  for (let row = 0; row < samples.rows; row++) {
    const late = samples.started_s[row]! - samples.scheduled_s[row]!;
    if (Number.isNaN(late)) continue;
    started++;
    if (late <= GATE_LIMITS.lateSeconds) onTime++;
  }
  const missing = due - samples.rows;
  const value = started + missing === 0 ? undefined : onTime / (started + missing);
  return judged(
    'achieved-rate',
    value,
    '>=',
    GATE_LIMITS.achievedRate,
    'of the scheduled requests started on time',
    percent,
  );
}

/** The generator must not stand still: seen from its own event loop, and from starts that came late. */
export function generatorPauses({ samples, pauses = [] }: LoadResult): GateResult {
  let worst = pauses.reduce((a, b) => (b.seconds > a.seconds ? b : a), { at_s: 0, seconds: 0 });
  for (let row = 0; row < samples.rows; row++) {
    const late = samples.started_s[row]! - samples.scheduled_s[row]!;
    if (late > worst.seconds) worst = { at_s: samples.scheduled_s[row]!, seconds: late };
  }
  const limit = GATE_LIMITS.generatorPause;
  const passed = worst.seconds <= limit;
  const detail = `The generator stood still for ${worst.seconds.toFixed(2)} s at most, at ${worst.at_s.toFixed(1)} s (limit ${limit} s).`;
  const remedy = 'Free the generator host from other work (and from whatever stopped the runner) and run it again.';
  return { gate: 'generator-pauses', passed, value: worst.seconds, limit, detail, ...(passed ? {} : { remedy }) };
}

/** The generator's wall clock must not be set during a load: samples and metrics would no longer belong together. */
export function clockSteady({ seconds, at_s }: ClockStep): GateResult {
  const limit = GATE_LIMITS.clockStep;
  const value = Math.abs(seconds);
  const passed = value <= limit;
  const detail = passed
    ? `The generator's wall clock kept to its monotonic clock within ${value.toFixed(3)} s (limit ${limit} s).`
    : `The generator's clock was set ${seconds < 0 ? 'back' : 'ahead'} by ${value.toFixed(1)} s, seen ${at_s.toFixed(0)} s into the attempt (limit ${limit} s).`;
  const remedy =
    'Let the time server slew the clock rather than set it (ntpsec: no -g while a campaign runs) and run it again.';
  return { gate: 'clock-steady', passed, value, limit, detail, ...(passed ? {} : { remedy }) };
}

/**
 * What became of the requests: dropped starts, sign-in, and failures without an explanation.
 *
 * @param scaleDowns Moments at which fewer pods were wanted, seconds from the load's start.
 */
export function loadGates(
  outcomes: Outcomes,
  generator: readonly GateResult[],
  scaleDowns: readonly number[],
): GateResult[] {
  const unhealthy = generator.filter(({ passed }) => !passed).map(({ gate }) => gate);
  const failures = countFailures(outcomes, scaleDowns);
  return [
    droppedStarts(outcomes, unhealthy, MAX_VIRTUAL_USERS),
    ...sessionKept(failures),
    errorBudget(outcomes.rows, failures),
  ];
}

/** The delay must be the one asked for, both as configured and as measured against the route without it. */
export function delayInPlace(
  when: 'before' | 'after',
  { delayMs, excessMs, remedy }: Pick<DelayPort, 'delayMs' | 'excessMs' | 'remedy'>,
  without: number,
  check: DelayCheck,
): GateResult {
  const value = check.roundTripMs - without;
  const [least, most] = [delayMs - GATE_LIMITS.delayToleranceMs, delayMs + excessMs];
  const passed = check.configuredMs === delayMs && value >= least && value <= most;
  const detail = `${check.configuredMs} ms are configured, and a round trip took ${value.toFixed(1)} ms more than without (expected: ${least} to ${most} ms).`;
  return { gate: `delay-${when}`, passed, value, limit: delayMs, detail, ...(passed ? {} : { remedy }) };
}

export function podsStable(timeline: Timeline, start: number, end: number): GateResult {
  const troubles = podTroubles(timeline, start, end);
  if (timeline.brokenBecause !== undefined) troubles.push(`the watch broke (${timeline.brokenBecause})`);
  const detail =
    troubles.length === 0
      ? 'No pod restarted, was evicted or was replaced.'
      : `During the load ${troubles.join('; ')}.`;
  return { gate: 'pods-stable', passed: troubles.length === 0, value: troubles.length, limit: 0, detail };
}

/** An autoscaler that had no figures kept its pods: what was measured is no policy's doing. */
export function signalsPresent(timeline: Timeline, start: number, end: number): GateResult {
  const lost = lostSignals(timeline, start, end);
  const detail =
    lost.length === 0
      ? 'No autoscaler was without its signal.'
      : `During the load the autoscaler of ${lost.join(' and of ')} had no figures and kept its pods.`;
  return { gate: 'signals-present', passed: lost.length === 0, value: lost.length, limit: 0, detail };
}

/** An autoscaler that is made anew forgets what it decided, and one that is told otherwise is another variant's. */
export function autoscalersSame(timeline: Timeline, start: number, end: number): GateResult {
  const troubles = autoscalerTroubles(timeline, start, end);
  const detail =
    troubles.length === 0
      ? 'Every autoscaler was the same object, and was told the same.'
      : `During the load ${troubles.slice(0, 3).join('; ')}.`;
  return { gate: 'autoscalers-same', passed: troubles.length === 0, value: troubles.length, limit: 0, detail };
}

export function clockOffset(offsets: ReadonlyMap<string, number>, gate = 'clock-offset'): GateResult {
  const [node, value] = [...offsets].reduce<[string, number | undefined]>(
    (worst, [name, offset]) =>
      worst[1] === undefined || Math.abs(offset) > worst[1] ? [name, Math.abs(offset)] : worst,
    ['no node', undefined],
  );
  return judged(gate, value, '<=', GATE_LIMITS.clockOffset, `seconds is the clock of ${node} off`, (seconds) =>
    seconds.toFixed(3),
  );
}

/**
 * Each required metric must have its points over the whole window, of every node that it tells of: others do not make up for
 * one that falls silent, or never spoke. A pod's figures must have no gap while it lives.
 */
export function metricsComplete(
  points: readonly MetricPoint[],
  required: readonly string[],
  stepSeconds: number,
  start: number,
  end: number,
  machines = 1,
): GateResult {
  const expected = Math.max(1, Math.floor((end - start) / 1000 / stepSeconds));
  const shares = required.flatMap((metric) => {
    const own = points.filter((point) => point.metric === metric);
    const nodes = metric.startsWith('node_') ? [...new Set(own.map(({ node }) => node))] : [];
    const silent = machines - nodes.length;
    if (nodes.length > 0 && silent > 0) return [{ what: `${metric} of ${silent} of ${machines} machines`, share: 0 }];
    return (nodes.length === 0 ? [undefined] : nodes).map((node) => {
      const steps = new Set<number>();
      for (const point of own)
        if (point.at >= start && point.at <= end && (node === undefined || point.node === node))
          steps.add(Math.floor((point.at - start) / 1000 / stepSeconds));
      const what = node === undefined || nodes.length === 1 ? metric : `${metric} of ${node}`;
      return { what, share: Math.min(1, steps.size / expected) };
    });
  });
  shares.push(...gapsWithin(points, required, stepSeconds, start, end));
  const worst = shares.reduce((a, b) => (b.share < a.share ? b : a), { what: 'every metric', share: 1 });
  return judged(
    'metrics-complete',
    worst.share,
    '>=',
    GATE_LIMITS.metricsComplete,
    `of the window's points exist of ${worst.what}`,
    percent,
  );
}

/** Of each pod's figures, the share of points from its first to its last: pods come and go, but none is away in between. */
function gapsWithin(
  points: readonly MetricPoint[],
  required: readonly string[],
  stepSeconds: number,
  start: number,
  end: number,
): { what: string; share: number }[] {
  const steps = new Map<string, Set<number>>();
  for (const { metric, pod, at } of points) {
    if (pod === null || !required.includes(metric) || at < start || at > end) continue;
    const what = `${metric} of ${pod}`;
    steps.set(what, (steps.get(what) ?? new Set()).add(Math.floor((at - start) / 1000 / stepSeconds)));
  }
  return [...steps].map(([what, own]) => ({ what, share: own.size / (Math.max(...own) - Math.min(...own) + 1) }));
}

/** What no two scrapes of a machine that runs find alike. */
const NEVER_STILL = 'node_cpu_cores';

/** Monitoring that hands out its last value again and again has points, and knows nothing. */
export function metricsMove(points: readonly MetricPoint[], start: number, end: number): GateResult {
  const gate = 'metrics-move';
  const limit = GATE_LIMITS.stillMetricSeconds;
  let longest = { node: '', seconds: 0, from: start };
  const since = new Map<string, MetricPoint>();
  const inLoad = points.filter(({ metric, at }) => metric === NEVER_STILL && at >= start && at <= end);
  for (const point of [...inLoad].sort((a, b) => a.at - b.at)) {
    const node = point.node ?? '';
    const first = since.get(node);
    if (first?.value !== point.value) since.set(node, point);
    else if ((point.at - first.at) / 1000 > longest.seconds)
      longest = { node, seconds: (point.at - first.at) / 1000, from: first.at };
  }
  const passed = longest.seconds < limit;
  const detail = passed
    ? `No machine's CPU use stood still for ${limit} s.`
    : `The CPU use of ${longest.node || 'a machine'} has one value for ${longest.seconds.toFixed(0)} s from ${((longest.from - start) / 1000).toFixed(0)} s: monitoring repeats itself (limit ${limit} s).`;
  const remedy = 'Look at whether scrapes arrive (the collector’s log, and its queue to the store), and run it again.';
  return { gate, passed, value: longest.seconds, limit, detail, ...(passed ? {} : { remedy }) };
}

export function variantLive(when: 'start' | 'end', variant: string, differences: readonly string[]): GateResult {
  const passed = differences.length === 0;
  const detail = passed ? `${variant} was live.` : `${variant} was not live: ${differences.slice(0, 3).join('; ')}.`;
  return { gate: `variant-live-${when}`, passed, value: differences.length, limit: 0, detail };
}

/** A gate that failed before there was anything to measure. */
export function failedGate(gate: string, detail: string): GateResult {
  return { gate, passed: false, detail };
}

function judged(
  gate: string,
  value: number | undefined,
  comparison: '<=' | '>=',
  limit: number,
  what: string,
  show: (value: number) => string = String,
): GateResult {
  if (value === undefined || !Number.isFinite(value)) return failedGate(gate, `Nothing could be measured: ${what}.`);
  const passed = comparison === '<=' ? value <= limit : value >= limit;
  return { gate, passed, value, limit, detail: `${show(value)} ${what} (limit ${comparison} ${show(limit)}).` };
}

const AVERAGED_SECONDS = 10;

function highestAverage(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const width = Math.min(AVERAGED_SECONDS, values.length);
  let highest = 0;
  for (let end = width; end <= values.length; end++) {
    const mean = values.slice(end - width, end).reduce((sum, value) => sum + value, 0) / width;
    highest = Math.max(highest, mean);
  }
  return highest;
}
