import type { Plot, PlotPoint, PlotSeries } from '../../answers/model';
import { escape, number, TEXT, type Option } from './chart-text';
import { axisOption, fittedLogAxis, roundEnd, tickLines, type FittedAxis } from './fitted-axis';
import { DASHES, PALETTE, SYMBOLS } from './palette';
import { BEYOND, fittedHeights, whisker } from './whiskers';

type Points = Extract<Plot, { kind: 'points' }>;

/** Pixels beyond which the name of a category is cut, and the slant of names that have no room side by side, degrees. */
const LABEL_WIDTH = 180;
const LABEL_SLANT = 55;

/** Where things are, worked out once for a chart. */
interface Layout {
  readonly plot: Points;
  readonly narrow: boolean;
  readonly categories: readonly string[];
  readonly slanted: boolean;
  /** Pixels that the names of categories need below the axis. */
  readonly labelRoom: number;
  readonly xAxis: FittedAxis | null;
  readonly yAxis: FittedAxis | null;
  /** The heights that the axis must hold. */
  readonly heights: readonly number[];
}

/** The chart of measured points with intervals, and of fitted curves. */
export function pointsOption(plot: Points, narrow: boolean): Option {
  const layout = layoutOf(plot, narrow);
  const { yAxis, labelRoom } = layout;
  return {
    aria: { enabled: true },
    animation: false,
    textStyle: TEXT,
    color: PALETTE,
    grid: {
      left: 66,
      right: plot.xLog === true && !narrow ? 150 : 16,
      top: plot.series.length > 1 ? 44 : 16,
      bottom: plot.xType === 'category' ? labelRoom + 36 : 52,
    },
    legend: plot.series.length > 1 ? { top: 4, type: 'scroll', textStyle: TEXT } : undefined,
    tooltip: { trigger: 'item', confine: true },
    xAxis: xAxisOption(layout),
    yAxis: yAxisOption(layout),
    series: [
      ...(yAxis === null ? [] : [tickLines(yAxis)]),
      ...plot.series.flatMap((series, index) =>
        series.line === true ? lineSeries(series, index, layout) : pointSeries(series, index, layout),
      ),
    ],
  };
}

function layoutOf(plot: Points, narrow: boolean): Layout {
  const categories = [...new Set(plot.series.flatMap((series) => series.points.map((point) => String(point.x))))];
  const slanted = plot.xType === 'category' && (narrow || categories.length > 6);
  // Slanted labels need the room of the longest, up to the width at which they are cut.
  const longest = Math.min(LABEL_WIDTH, 6.2 * Math.max(0, ...categories.map((label) => label.length)));
  const heights = fittedHeights(plot);
  const xs = () => plot.series.flatMap(({ points }) => points.map(({ x }) => Number(x)));
  return {
    plot,
    narrow,
    categories,
    slanted,
    labelRoom: slanted ? 12 + longest * Math.sin((LABEL_SLANT * Math.PI) / 180) : 22,
    xAxis: plot.xLog === true ? fittedLogAxis(xs()) : null,
    yAxis: plot.yLog === true ? fittedLogAxis(heights) : null,
    heights,
  };
}

function xAxisOption({ plot, categories, slanted, labelRoom, xAxis }: Layout): Option {
  const category = plot.xType === 'category';
  return {
    type: category ? 'category' : 'value',
    data: category ? categories : undefined,
    name: plot.xTitle,
    nameLocation: 'middle',
    nameGap: category ? labelRoom + 14 : 30,
    scale: true,
    axisLabel: category
      ? {
          interval: 0,
          rotate: slanted ? LABEL_SLANT : 0,
          fontSize: 11,
          width: slanted ? LABEL_WIDTH : 120,
          overflow: 'truncate',
        }
      : { customValues: plot.xTicks },
    axisTick: plot.xTicks === undefined ? {} : { customValues: plot.xTicks },
    splitLine: { show: !category && plot.xTicks === undefined, lineStyle: { color: '#eee' } },
    ...(xAxis === null ? {} : axisOption(xAxis, (value) => number(value))),
  };
}

function yAxisOption({ plot, yAxis, heights }: Layout): Option {
  return {
    type: 'value',
    name: plot.yTitle,
    nameLocation: 'middle',
    nameGap: 50,
    min: heights.some((value) => value < 0) ? undefined : 0,
    max:
      yAxis === null && heights.length > 0 && heights.every((value) => value >= 0)
        ? roundEnd(Math.max(...heights))
        : undefined,
    splitLine: { lineStyle: { color: '#e4e4e4' } },
    ...(yAxis === null ? {} : axisOption(yAxis, (value) => number(value))),
  };
}

/** Where a point lies on the x axis, and how high: null where it has no height. */
function placesOf({ plot, xAxis, yAxis }: Layout) {
  const atX = (x: number | string) => (xAxis === null ? Number(x) : xAxis.to(Number(x)));
  return {
    across: ({ x }: PlotPoint) => (plot.xType === 'category' ? String(x) : atX(x)),
    up: (y: number | null | undefined) => (y === null || y === undefined ? null : yAxis === null ? y : yAxis.to(y)),
  };
}

const known = ({ points }: PlotSeries) => points.filter((point) => point.y !== null);

/** A curve, and the names of the points that it joins. */
function lineSeries(series: PlotSeries, index: number, layout: Layout): Option[] {
  const { across, up } = placesOf(layout);
  const color = PALETTE[index % PALETTE.length];
  return [
    {
      type: 'line',
      name: series.name,
      data: known(series).map((point) => [across(point), up(point.y)]),
      showSymbol: false,
      lineStyle: { width: 2, type: DASHES[(index + 1) % DASHES.length] },
      endLabel: { show: !layout.narrow && layout.plot.xLog === true, formatter: '{a}', fontSize: 11, color },
      labelLayout: { moveOverlap: 'shiftY' },
      itemStyle: { color },
      tooltip: { show: false },
    },
    // Only what a line joins is named in the plot: names of all points would cover one another.
    {
      type: 'scatter',
      silent: true,
      symbolSize: 1,
      data: known(series)
        .filter((point) => point.label !== undefined)
        .map((point, place) => ({
          value: [across(point), up(point.y)],
          name: point.label,
          label: { position: place % 2 === 0 ? 'top' : 'bottom' },
        })),
      label: { show: !layout.narrow, distance: 10, fontSize: 11, color: '#222', formatter: '{b}' },
      labelLayout: { hideOverlap: true },
    },
  ];
}

/** Measured points, side by side where several series share a category, and their intervals. */
function pointSeries(series: PlotSeries, index: number, layout: Layout): Option[] {
  const { plot, narrow } = layout;
  const { across, up } = placesOf(layout);
  const color = PALETTE[index % PALETTE.length];
  const measured = plot.series.filter((one) => one.line !== true).length;
  const shift = plot.xType === 'category' && measured > 1 ? (index - (measured - 1) / 2) * (narrow ? 6 : 14) : 0;
  return [
    {
      type: 'scatter',
      name: series.name,
      symbol: SYMBOLS[index % SYMBOLS.length],
      symbolSize: 9,
      symbolOffset: [shift, 0],
      data: known(series).map((point) => ({
        value: [across(point), up(point.y)],
        name: point.label ?? String(point.x),
        point,
      })),
      itemStyle: { color },
      tooltip: {
        formatter: (item: { data: { name: string; point: PlotPoint } }) =>
          tooltip(item.data.name, series.name, item.data.point),
      },
    },
    {
      type: 'custom',
      name: series.name,
      data: known(series)
        .filter((point) => point.low != null)
        // A figure known only as a lower bound has no upper end: its whisker leaves the plot, with an arrow.
        .map((point) => [across(point), up(point.low), point.high == null ? BEYOND : up(point.high)]),
      itemStyle: { color },
      silent: true,
      z: 1,
      renderItem: whisker(color, shift),
    },
  ];
}

function tooltip(name: string, series: string, point: PlotPoint): string {
  const interval =
    point.low == null ? '' : `<br>${number(point.low)} ${point.high == null ? 'or more' : `to ${number(point.high)}`}`;
  const trials = point.n === undefined ? '' : `<br>n = ${point.n} trials`;
  return `<b>${escape(name)}</b> ${escape(series)}<br>${number(point.y)}${interval}${trials}`;
}
