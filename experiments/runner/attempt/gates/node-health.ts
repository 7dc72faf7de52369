import { wholePercent } from '../../../../lib/primitives/percent';
import { GATE_LIMITS, isPossibleMetric, type GateResult } from '../../../campaign';
import type { MetricPoint } from '../ports';
import { counted } from '../../../../lib/primitives/counted';

/** One thing that tells whether a machine runs at its full speed, and what it may be at most (or at least). */
interface HealthCheck {
  readonly metric: string;
  readonly name: string;
  isWrong(value: number): boolean;
  /** What was seen, in words. */
  describe(value: number): string;
}

/**
 * A Raspberry Pi slows itself down when it is hot (from 80 °C on) or its supply gives way, and then measures itself rather than a
 * variant. https://www.raspberrypi.com/documentation/computers/processors.html, `get_throttled`.
 */
const CHECKS: readonly HealthCheck[] = [
  {
    metric: 'node_temperature_celsius',
    name: 'temperature',
    isWrong: (value) => value >= GATE_LIMITS.temperatureCelsius,
    describe: (value) => `reached ${value.toFixed(0)} °C`,
  },
  {
    metric: 'node_undervoltage',
    name: 'under-voltage',
    isWrong: (value) => value > 0,
    describe: () => 'reported under-voltage',
  },
  {
    metric: 'node_throttled',
    name: 'throttling',
    isWrong: (value) => value > 0,
    describe: () => 'was throttled by its firmware',
  },
  {
    metric: 'node_cpu_frequency_cap_ratio',
    name: 'CPU frequency',
    isWrong: (value) => value < GATE_LIMITS.frequencyCapRatio,
    describe: (value) => `might run at ${wholePercent(value)} of its CPU frequency at most`,
  },
];

/** Machines must run at full speed during the load, as far as the site can tell; what it cannot tell is said. */
export function nodeHealth(points: readonly MetricPoint[], start: number, end: number): GateResult {
  const inLoad = points.filter(({ at }) => at >= start && at <= end);
  const nodes = [...new Set(inLoad.flatMap(({ node }) => node ?? []))].sort();
  const wrong: string[] = [];
  const unknown: string[] = [];
  const notToldBySome: string[] = [];
  for (const { metric, name, isWrong, describe } of CHECKS) {
    const own = inLoad.filter((point) => point.metric === metric);
    const silent = nodes.filter((node) => !own.some((point) => point.node === node));
    if (own.length === 0) unknown.push(name);
    else if (silent.length > 0 && own.some(({ node }) => node !== null))
      notToldBySome.push(`${name} of ${silent.join(', ')}`);
    const first = new Map<string, MetricPoint>();
    for (const point of own)
      if (isWrong(point.value) && !first.has(point.node ?? '')) first.set(point.node ?? 'a node', point);
    for (const [node, { value, at }] of first)
      wrong.push(`${node} ${describe(value)} at ${((at - start) / 1000).toFixed(0)} s`);
  }
  const passed = wrong.length === 0;
  const nothingTold = unknown.length === CHECKS.length;
  const notTold = [
    ...(unknown.length === 0 ? [] : [` Unknown at this site: ${unknown.join(', ')}.`]),
    ...(notToldBySome.length === 0 ? [] : [` Unknown: ${notToldBySome.join('; ')}.`]),
  ].join('');
  const told = nothingTold
    ? 'Nothing tells how the machines fared.'
    : notToldBySome.length > 0
      ? 'No machine that tells was slowed down.'
      : 'No machine was slowed down.';
  return {
    ...{ gate: 'node-health', passed, limit: 0 },
    // Where nothing tells, there is no figure either.
    ...(nothingTold ? {} : { value: wrong.length }),
    detail: `${passed ? told : `${wrong.join('; ')}.`}${notTold}`,
    ...(passed ? {} : { remedy: 'Look at the cooler and the power supply of that node and run the trial again.' }),
  };
}

/**
 * Figures of monitoring that cannot be, such as a rate over a counter that began anew, or two at once of one thing, mean that none
 * of them is known.
 */
export function metricsPossible(points: readonly MetricPoint[], start: number, end: number): GateResult {
  const gate = 'metrics-possible';
  const told = new Map<string, number>();
  const wrong = points.filter((point) => {
    const { at, metric, value } = point;
    if (at < start || at > end) return false;
    const what = momentOf(point);
    const isSecond = told.has(what) && told.get(what) !== value;
    told.set(what, value);
    return isSecond || !isPossibleMetric(metric, value);
  });
  const passed = wrong.length === 0;
  const [first] = wrong;
  const detail =
    first === undefined
      ? 'No figure of monitoring is one that cannot be.'
      : `${counted(wrong.length, 'figure')} of monitoring cannot be, first ${first.metric}${first.node === null ? '' : ` of ${first.node}`}: ${first.value} at ${((first.at - start) / 1000).toFixed(0)} s${isDouble(first, points) ? ', beside another of the same moment' : ''}.`;
  const remedy =
    'Look at whether an exporter was restarted meanwhile, or two collectors deliver, and at the query of that metric, and run it again.';
  return { gate, passed, value: wrong.length, limit: 0, detail, ...(passed ? {} : { remedy }) };
}

function isDouble(one: MetricPoint, points: readonly MetricPoint[]): boolean {
  return points.some((point) => momentOf(point) === momentOf(one) && point.value !== one.value);
}

/** What a figure is of, and when: two that share it should be one. */
function momentOf({ at, metric, node, pod, container }: MetricPoint): string {
  return [at, metric, node, pod, container].join('|');
}

/** Points without those that say the same of the same moment again, as a page of monitoring that is asked for twice does. */
export function withoutRepeats(points: readonly MetricPoint[]): MetricPoint[] {
  const seen = new Set<string>();
  return points.filter((point) => seen.size < seen.add(`${momentOf(point)}|${point.value}`).size);
}
