import type { Plot, PlotPoint, PlotSeries } from '../../answers/model';
import { escape, number, TEXT, type Option } from './chart-text';
import { endLabels, type EndLabel } from './end-labels';
import { axisOption, endsAround, fittedLogAxis, roundEnd, tickLines, wholeEnds, type FittedAxis } from './fitted-axis';
import { LEGEND_ROW, legendOption, legendRows, type Surface } from './legend';
import { DASHES, PALETTE, SYMBOLS } from './palette';
import { BEYOND, fittedHeights, whisker } from './whiskers';
import { counted } from '../../../../lib/primitives/counted';

type Points = Extract<Plot, { kind: 'points' }>;

/** Pixels beyond which the name of a category is cut, and the slant of names that have no room side by side, degrees. */
const LABEL_WIDTH = 180;
const LABEL_SLANT = 55;

/** Where things are, worked out once for a chart. */
interface Layout {
  readonly plot: Points;
  readonly surface: Surface;
  readonly narrow: boolean;
  /** Pixels above and below what is drawn. */
  readonly top: number;
  readonly bottom: number;
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
export function pointsOption(plot: Points, surface: Surface): Option {
  const layout = layoutOf(plot, surface);
  const { yAxis, narrow, top, bottom } = layout;
  return {
    aria: { enabled: true },
    animation: false,
    textStyle: TEXT,
    color: PALETTE,
    grid: {
      left: 66,
      right: plot.xLog === true && !narrow ? 150 : 16,
      top,
      bottom,
    },
    legend:
      plot.series.length > 1 ? { ...legendOption(namesOf(plot), surface), ...legendMarks(plot), top: 4 } : undefined,
    tooltip: { trigger: 'item', confine: true },
    xAxis: xAxisOption(layout),
    yAxis: yAxisOption(layout),
    series: [
      ...(yAxis === null ? [] : [tickLines(yAxis)]),
      ...plot.series.flatMap((series, index) =>
        series.line === true ? lineSeries(series, index, layout) : pointSeries(series, index, layout),
      ),
      ...namesAtEnds(layout),
    ],
  };
}

/** Pixels below the axis for names that stand side by side. */
const LEVEL_LABELS = 22;

/** A symbol in a legend has its own shape, not that of the space that a line needs. */
const legendMarks = ({ series }: Points): Option => (series.some(({ line }) => line === true) ? {} : { itemWidth: 10 });

const namesOf = ({ series }: Points) => [...new Set(series.map(({ name }) => name))];

function categoriesOf({ series }: Points): string[] {
  return [...new Set(series.flatMap(({ points }) => points.map((point) => String(point.x))))];
}

const isSlanted = (plot: Points, narrow: boolean) =>
  plot.xType === 'category' && (narrow || categoriesOf(plot).length > 6);

/** Slanted labels need the room of the longest, up to the width at which they are cut. */
function labelRoomOf(plot: Points, narrow: boolean): number {
  if (!isSlanted(plot, narrow)) return LEVEL_LABELS;
  const longest = Math.min(LABEL_WIDTH, 6.2 * Math.max(0, ...categoriesOf(plot).map((label) => label.length)));
  return 12 + longest * Math.sin((LABEL_SLANT * Math.PI) / 180);
}

/** By how many pixels a figure grows for slanted names, so that they leave its points the room that all figures have. */
export function furtherHeight(plot: Plot, narrow: boolean): number {
  return plot.kind === 'points' ? Math.round(labelRoomOf(plot, narrow) - LEVEL_LABELS) : 0;
}

/** Pixels between the slanted names of two categories on a narrow page, and beside all of them. */
const CATEGORY_WIDTH = 15;
const BESIDE_CATEGORIES = 82;

/** Width below which the names of a figure's categories would lie over one another: on a narrow page it is scrolled. */
export function leastWidth(plot: Plot, narrow: boolean): number {
  return plot.kind === 'points' && plot.xType === 'category' && narrow
    ? BESIDE_CATEGORIES + CATEGORY_WIDTH * categoriesOf(plot).length
    : 0;
}

function layoutOf(plot: Points, surface: Surface): Layout {
  const { narrow } = surface;
  const labelRoom = labelRoomOf(plot, narrow);
  const heights = fittedHeights(plot);
  const xs = () => plot.series.flatMap(({ points }) => points.map(({ x }) => Number(x)));
  return {
    plot,
    surface,
    narrow,
    top: plot.series.length > 1 ? 25 + LEGEND_ROW * legendRows(namesOf(plot), surface) : 16,
    bottom: plot.xType === 'category' ? labelRoom + 36 : 52,
    categories: categoriesOf(plot),
    slanted: isSlanted(plot, narrow),
    labelRoom,
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
      : { customValues: plot.xTicks, formatter: (value: number) => number(value), hideOverlap: true },
    axisTick: plot.xTicks === undefined ? {} : { customValues: plot.xTicks },
    splitLine: { show: !category && plot.xTicks === undefined, lineStyle: { color: '#eee' } },
    ...(plot.xTicks === undefined ? {} : endsAround(plot.xTicks)),
    ...(xAxis === null ? {} : axisOption(xAxis, (value) => number(value))),
  };
}

function yAxisOption({ plot, yAxis, heights }: Layout): Option {
  return {
    type: 'value',
    name: plot.yTitle,
    nameLocation: 'middle',
    nameGap: 50,
    ...linearEnds(plot, heights),
    axisLabel: { formatter: (value: number) => number(value) },
    splitLine: { lineStyle: { color: '#e4e4e4' } },
    ...(yAxis === null ? {} : axisOption(yAxis, (value) => number(value))),
  };
}

/** Ends of a linear axis: zero is on it, and every interval that it must hold. Whole numbers have one of room above them. */
function linearEnds({ yWhole }: Points, heights: readonly number[]): Option {
  if (heights.length === 0) return { min: 0 };
  const [least, most] = [Math.min(0, ...heights), Math.max(0, ...heights)];
  if (yWhole === true) return wholeEnds(most);
  return { min: least < 0 ? -roundEnd(-least) : 0, max: most > 0 || least === 0 ? roundEnd(most) : 0 };
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
          label: { position: place % 2 === 0 ? 'top' : 'bottom', align: alignment(Number(point.x), layout) },
        })),
      label: {
        show: !layout.narrow,
        distance: 8,
        fontSize: 11,
        color: '#222',
        formatter: '{b}',
        // Whiskers and lines pass behind a name rather than through it.
        backgroundColor: 'rgba(255, 255, 255, 0.85)',
        padding: [1, 0],
      },
      z: 4,
      labelLayout: { hideOverlap: true },
    },
  ];
}

/** Part of the width at either edge in which a name is written inwards. */
const EDGE = 0.06;

/** To which side a point's name is written: inwards at the edges, which would cut it. */
function alignment(x: number, { plot }: Layout): 'left' | 'center' | 'right' {
  const xs = plot.series.flatMap(({ points }) => points.map((point) => Number(point.x))).filter(Number.isFinite);
  const [least, most] = [Math.min(...xs), Math.max(...xs)];
  const across = most > least ? (x - least) / (most - least) : 0.5;
  if (across < EDGE) return 'left';
  return across > 1 - EDGE ? 'right' : 'center';
}

/** Names of curves beside their ends, where the figure has room for them. */
function namesAtEnds(layout: Layout): Option[] {
  const { plot, narrow, xAxis, yAxis, surface, top, bottom } = layout;
  if (narrow || xAxis === null || yAxis === null) return [];
  const { up } = placesOf(layout);
  const labels = plot.series.flatMap((series, index): EndLabel[] => {
    const last = known(series).at(-1);
    const y = up(last?.y);
    if (series.line !== true || last === undefined || y === null) return [];
    const height = top + ((surface.height - top - bottom) * (yAxis.max - y)) / (yAxis.max - yAxis.min);
    // At the edge, since another line may go on behind the end of this one.
    return [{ name: series.name, at: [xAxis.max, y], color: PALETTE[index % PALETTE.length], height }];
  });
  return labels.length === 0 ? [] : [endLabels(labels, { from: top, to: surface.height - bottom })];
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
      symbolSize: series.open === true ? 17 : 9,
      symbolOffset: [shift, 0],
      data: known(series).map((point) => ({
        value: [across(point), up(point.y)],
        name: point.label ?? String(point.x),
        point,
      })),
      itemStyle: series.open === true ? { color: 'transparent', borderColor: color, borderWidth: 2 } : { color },
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
  const trials = point.n === undefined ? '' : `<br>n = ${counted(point.n, 'trial')}`;
  return `<b>${escape(name)}</b> ${escape(series)}<br>${number(point.y)}${interval}${trials}`;
}
