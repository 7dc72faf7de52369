import type { Plot } from '../../answers/model';
import { number, TEXT, type Option } from './chart-text';
import { SEQUENTIAL } from './palette';

type Heat = Extract<Plot, { kind: 'heat' }>;

/** How values become colours. */
interface Shades {
  readonly low: number;
  readonly high: number;
  /** Response times span decades: the colours follow the logarithm, the labels give the figures. */
  readonly of: (value: number) => number;
}

/** The heat map of target and allocation, each cell labelled with its figure. */
export function heatOption(plot: Heat, narrow: boolean): Option {
  const values = plot.cells.map((cell) => cell.value).filter((value) => value !== null);
  const { low, high } = endsOf(values);
  const shades = { low, high, of: (value: number) => (low > 0 ? Math.log10(value) : value) };
  return {
    aria: { enabled: true },
    animation: false,
    textStyle: TEXT,
    grid: { left: 66, right: 16, top: 12, bottom: 92 },
    tooltip: {
      confine: true,
      formatter: (item: { data: { label: { formatter: string }; text: string } }) => item.data.text,
    },
    xAxis: { type: 'category', data: plot.x, name: plot.xTitle, nameLocation: 'middle', nameGap: 28 },
    yAxis: { type: 'category', data: plot.y, name: plot.yTitle, nameLocation: 'middle', nameGap: 48 },
    visualMap: scaleOption(plot, shades),
    series: [
      {
        type: 'heatmap',
        data: plot.cells.filter((cell) => cell.value !== null).map((cell) => tile(cell, plot, shades, narrow)),
        itemStyle: { borderColor: '#fff', borderWidth: 2 },
      },
      // A place without a value says why, so that it does not look like a good one.
      {
        type: 'scatter',
        silent: true,
        symbolSize: 1,
        data: plot.cells
          .filter((cell) => cell.value === null)
          .map((cell) => ({ value: [cell.x, cell.y], name: cell.label })),
        label: { show: true, position: 'inside', fontSize: narrow ? 9 : 11, color: '#57606a', formatter: '{b}' },
      },
    ],
  };
}

/** The darkest shade is this many times the lightest at least: figures that hardly differ look alike. */
const LEAST_SPAN = 2;

function endsOf(values: readonly number[]): { low: number; high: number } {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low <= 0 || high / low >= LEAST_SPAN) return { low, high };
  const widen = Math.sqrt(LEAST_SPAN / (high / low));
  return { low: low / widen, high: high * widen };
}

function scaleOption({ unit }: Heat, { low, high, of }: Shades): Option {
  return {
    min: of(low),
    max: Math.max(of(high), of(low) + 1e-6),
    orient: 'horizontal',
    left: 'center',
    bottom: 4,
    inRange: { color: SEQUENTIAL },
    calculable: false,
    formatter: (value: number) => `${number(low > 0 ? 10 ** value : value)} ${unit}`,
    text: [`${number(high)} ${unit}`, `${number(low)} ${unit}`],
    seriesIndex: 0,
  };
}

/** One cell with its figure, its interval and n beneath it. */
function tile(cell: Heat['cells'][number], plot: Heat, { low, high, of }: Shades, narrow: boolean): Option {
  const value = cell.value ?? 0;
  const dark = (of(value) - of(low)) / Math.max(1e-9, of(high) - of(low)) > 0.55;
  return {
    value: [cell.x, cell.y, of(value)],
    text: `${plot.xTitle}: ${plot.x[cell.x]}<br>${plot.yTitle}: ${plot.y[cell.y]}<br><b>${cell.label} ${plot.unit}</b>${cell.detail === undefined ? '' : `<br>${cell.detail}`}`,
    label: {
      show: true,
      color: dark ? '#fff' : '#111',
      fontSize: narrow ? 10 : 12,
      formatter: `{a|${cell.label}}${linesOf(cell.detail, narrow)
        .map((line) => `\n{b|${line}}`)
        .join('')}`,
      lineHeight: 16,
      rich: {
        a: { fontSize: narrow ? 11 : 13, lineHeight: narrow ? 16 : 20, color: dark ? '#fff' : '#111' },
        b: { fontSize: narrow ? 8 : 10, lineHeight: narrow ? 10 : 14, color: dark ? '#fff' : '#444' },
      },
    },
  };
}

/** Interval and n, one beneath the other where a tile is narrow. */
function linesOf(detail: string | undefined, narrow: boolean): string[] {
  if (detail === undefined) return [];
  return narrow ? detail.split(', ') : [detail];
}
