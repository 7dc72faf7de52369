/** An axis that ends near the data, with ticks at round figures wherever it lies. */
export interface FittedAxis {
  /** From a figure to where it stands on the chart's own linear axis, and back. */
  readonly to: (value: number) => number;
  readonly from: (place: number) => number;
  readonly min: number;
  readonly max: number;
  /** Places of the ticks. */
  readonly ticks: readonly number[];
}

/** Part of the span that is left free at either end. */
const MARGIN = 0.06;

/**
 * A logarithmic axis for these figures. The chart library ends its own at whole decades, so that figures from 58 to 80 fill a
 * third of 10 to 100 with two ticks in all.
 */
export function fittedLogAxis(values: readonly number[]): FittedAxis {
  const positive = values.filter((value) => value > 0);
  const [least, most] = positive.length === 0 ? [1, 10] : [Math.min(...positive), Math.max(...positive)];
  const [low, high] = [Math.log10(least), Math.log10(most)];
  const margin = Math.max(0.02, MARGIN * (high - low));
  const [min, max] = [low - margin, high + margin];
  return {
    to: Math.log10,
    from: (place) => 10 ** place,
    min,
    max,
    ticks: roundTicks(10 ** min, 10 ** max).map(Math.log10),
  };
}

const MOST_TICKS = 8;

/** Round figures between two bounds: of the series 1, 2, 5 where they span enough, otherwise evenly spaced ones. */
export function roundTicks(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const within = (steps: readonly number[]) =>
    Array.from({ length: last - first + 1 }, (_, index) => steps.map((step) => step * 10 ** (first + index)))
      .flat()
      .filter((tick) => tick >= low && tick <= high);
  for (const steps of [[1, 2, 5], [1, 3], [1]]) {
    const ticks = within(steps);
    if (ticks.length >= 3 && ticks.length <= MOST_TICKS) return ticks;
  }
  const rough = (high - low) / 5;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * size).find((one) => one >= 0.7 * rough) ?? rough;
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high * (1 + 1e-9); tick += step)
    ticks.push(Number(tick.toPrecision(6)));
  return ticks.length > MOST_TICKS ? within([1]) : ticks;
}

/** What the chart library needs to know of a fitted axis. */
export function axisOption({ min, max, ticks, from }: FittedAxis, show: (value: number) => string) {
  return {
    type: 'value' as const,
    min,
    max,
    axisTick: { show: true, customValues: ticks },
    axisLabel: { customValues: ticks, formatter: (place: number) => show(from(place)) },
    splitLine: { show: false },
    // Zero of a logarithm is one, and no place for the other axis.
    axisLine: { onZero: false },
  };
}

interface Area {
  readonly coordSys: { readonly x: number; readonly width: number };
}

interface Places {
  value(dimension: number): number;
  coord(point: readonly number[]): number[];
}

/** Lines across the plot at the ticks, which the library draws only at ticks of its own. */
export function tickLines({ ticks }: FittedAxis, axisIndex = 0) {
  return {
    type: 'custom',
    silent: true,
    z: 0,
    xAxisIndex: axisIndex,
    yAxisIndex: axisIndex,
    tooltip: { show: false },
    encode: { x: -1, y: 0 },
    data: ticks.map((tick) => [tick]),
    renderItem: ({ coordSys }: Area, api: Places) => {
      const y = api.coord([0, api.value(0)])[1];
      return {
        type: 'line',
        shape: { x1: coordSys.x, y1: y, x2: coordSys.x + coordSys.width, y2: y },
        style: { stroke: '#e4e4e4', lineWidth: 1 },
      };
    },
  };
}

/** The end of a linear axis that starts at zero: a round figure at or above all that it holds. */
export function roundEnd(most: number): number {
  if (!(most > 0)) return 1;
  const size = 10 ** Math.floor(Math.log10(most));
  return [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((one) => one * size).find((one) => one >= most) ?? most;
}

/** Ticks of an axis of whole numbers at most. */
const MOST_WHOLE_TICKS = 8;

/** Whole numbers from none to more than the most, evenly spaced: the last tick is not nearer than the others. */
export function wholeEnds(most: number) {
  const interval = Math.ceil((most + 1) / MOST_WHOLE_TICKS);
  return { min: 0, max: interval * Math.ceil((most + 1) / interval), interval };
}

/** Part of the span between the first and the last place of values that is left free at either end. */
const TICK_MARGIN = 0.05;

/** Ends of an axis with a tick wherever a value can be: beyond them, so that no point lies on its edge. */
export function endsAround(ticks: readonly number[]) {
  const [least, most] = [Math.min(...ticks), Math.max(...ticks)];
  const margin = most > least ? TICK_MARGIN * (most - least) : 1;
  return { min: Math.max(0, least - margin), max: most + margin };
}
