import type { Plot, PlotPoint } from '../../answers/model';
import { axisOption, fittedLogAxis, roundEnd, tickLines, type FittedAxis } from './fitted-axis';
import { DASHES, PALETTE, SEQUENTIAL, SYMBOLS } from './palette';

type Option = Record<string, unknown>;
type Points = Extract<Plot, { kind: 'points' }>;
type Heat = Extract<Plot, { kind: 'heat' }>;

/** Pixels beyond which the name of a category is cut, and the slant of names that have no room side by side, degrees. */
const LABEL_WIDTH = 180;
const LABEL_SLANT = 55;

const TEXT = { color: '#222', fontFamily: 'sans-serif', fontSize: 12 };

/** The chart of measured points with intervals, and of fitted curves. */
export function pointsOption(plot: Points, narrow: boolean): Option {
  const categories = [...new Set(plot.series.flatMap((series) => series.points.map((point) => String(point.x))))];
  const category = plot.xType === 'category';
  const slanted = category && (narrow || categories.length > 6);
  // Slanted labels need the room of the longest, up to the width at which they are cut.
  const longest = Math.min(LABEL_WIDTH, 6.2 * Math.max(0, ...categories.map((label) => label.length)));
  const labelRoom = slanted ? 12 + longest * Math.sin((LABEL_SLANT * Math.PI) / 180) : 22;
  const measured = plot.series.filter((series) => series.line !== true).length;
  const xAxis =
    plot.xLog === true ? fittedLogAxis(plot.series.flatMap(({ points }) => points.map(({ x }) => Number(x)))) : null;
  const heights = fittedHeights(plot);
  const yAxis = plot.yLog === true ? fittedLogAxis(heights) : null;
  const atX = (x: number | string) => (xAxis === null ? Number(x) : xAxis.to(Number(x)));
  const atY = (y: number | null | undefined) =>
    y === null || y === undefined ? null : yAxis === null ? y : yAxis.to(y);
  return {
    aria: { enabled: true },
    animation: false,
    textStyle: TEXT,
    color: PALETTE,
    grid: {
      left: 66,
      right: plot.xLog === true && !narrow ? 150 : 16,
      top: plot.series.length > 1 ? 44 : 16,
      bottom: category ? labelRoom + 36 : 52,
    },
    legend: plot.series.length > 1 ? { top: 4, type: 'scroll', textStyle: TEXT } : undefined,
    tooltip: { trigger: 'item', confine: true },
    xAxis: {
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
    },
    yAxis: {
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
    },
    series: [
      ...(yAxis === null ? [] : [tickLines(yAxis)]),
      ...plot.series.flatMap((series, index): Option[] => {
        const position = (point: PlotPoint) => (category ? String(point.x) : atX(point.x));
        const known = series.points.filter((point) => point.y !== null);
        if (series.line === true)
          return [
            {
              type: 'line',
              name: series.name,
              data: known.map((point) => [position(point), atY(point.y)]),
              showSymbol: false,
              lineStyle: { width: 2, type: DASHES[(index + 1) % DASHES.length] },
              endLabel: {
                show: !narrow && plot.xLog === true,
                formatter: '{a}',
                fontSize: 11,
                color: PALETTE[index % PALETTE.length],
              },
              labelLayout: { moveOverlap: 'shiftY' },
              itemStyle: { color: PALETTE[index % PALETTE.length] },
              tooltip: { show: false },
            },
            // Only what a line joins is named in the plot: names of all points would cover one another.
            {
              type: 'scatter',
              silent: true,
              symbolSize: 1,
              data: known
                .filter((point) => point.label !== undefined)
                .map((point, place) => ({
                  value: [position(point), atY(point.y)],
                  name: point.label,
                  label: { position: place % 2 === 0 ? 'top' : 'bottom' },
                })),
              label: { show: !narrow, distance: 10, fontSize: 11, color: '#222', formatter: '{b}' },
              labelLayout: { hideOverlap: true },
            },
          ];
        const shift = category && measured > 1 ? (index - (measured - 1) / 2) * (narrow ? 6 : 14) : 0;
        return [
          {
            type: 'scatter',
            name: series.name,
            symbol: SYMBOLS[index % SYMBOLS.length],
            symbolSize: 9,
            symbolOffset: [shift, 0],
            data: known.map((point) => ({
              value: [position(point), atY(point.y)],
              name: point.label ?? String(point.x),
              point,
            })),
            itemStyle: { color: PALETTE[index % PALETTE.length] },
            tooltip: {
              formatter: (item: { data: { name: string; point: PlotPoint } }) =>
                tooltip(item.data.name, series.name, item.data.point),
            },
          },
          {
            type: 'custom',
            name: series.name,
            data: known
              .filter((point) => point.low != null)
              // A figure known only as a lower bound has no upper end: its whisker leaves the plot, with an arrow.
              .map((point) => [position(point), atY(point.low), point.high == null ? BEYOND : atY(point.high)]),
            itemStyle: { color: PALETTE[index % PALETTE.length] },
            silent: true,
            z: 1,
            renderItem: whisker(PALETTE[index % PALETTE.length], shift),
          },
        ];
      }),
    ],
  };
}

/** Above any plot. */
const BEYOND = 1e12;

/** Whiskers may reach this many times beyond the estimates before they are cut, and say so by an arrow. */
const WHISKER_REACH = 3;

/** The heights that an axis must hold: every estimate, and whiskers unless they would squeeze the rest. */
function fittedHeights({ series }: Points): number[] {
  const points = series.flatMap((one) => one.points);
  const estimates = points.flatMap(({ y }) => y ?? []);
  const [least, most] = [Math.min(...estimates), Math.max(...estimates)];
  const bounds = points.flatMap(({ low, high }) => [low ?? [], high ?? []].flat());
  const held = bounds.map((bound) =>
    least > 0 ? Math.min(WHISKER_REACH * most, Math.max(least / WHISKER_REACH, bound)) : bound,
  );
  return [...estimates, ...held];
}

interface RenderApi {
  value(dimension: number): number;
  coord(point: readonly number[]): number[];
}

interface Area {
  readonly coordSys: { readonly y: number; readonly height: number };
}

function whisker(color: string, shift: number) {
  return ({ coordSys }: Area, api: RenderApi) => {
    const ceiling = coordSys.y;
    const floor = coordSys.y + coordSys.height;
    const x = api.coord([api.value(0), api.value(1)])[0] + shift;
    const [high, low] = [2, 1].map((dimension) => api.coord([api.value(0), api.value(dimension)])[1]);
    const top = Math.max(ceiling, high);
    const bottom = Math.min(floor, low);
    const line = (x1: number, y1: number, x2: number, y2: number) => ({
      type: 'line',
      shape: { x1, y1, x2, y2 },
      style: { stroke: color, lineWidth: 1.5 },
    });
    // An interval that leaves the plot ends in an arrow rather than in a bar.
    const end = (y: number, cut: boolean, inwards: number) =>
      cut ? [line(x, y, x - 4, y + 6 * inwards), line(x, y, x + 4, y + 6 * inwards)] : [line(x - 4, y, x + 4, y)];
    const children = [line(x, top, x, bottom), ...end(top, high < ceiling, 1), ...end(bottom, low > floor, -1)];
    return { type: 'group', children };
  };
}

function tooltip(name: string, series: string, point: PlotPoint): string {
  const interval =
    point.low == null ? '' : `<br>${number(point.low)} ${point.high == null ? 'or more' : `to ${number(point.high)}`}`;
  const trials = point.n === undefined ? '' : `<br>n = ${point.n} trials`;
  return `<b>${escape(name)}</b> ${escape(series)}<br>${number(point.y)}${interval}${trials}`;
}

/** The heat map of target and allocation, each cell labelled with its figure. */
export function heatOption(plot: Heat, narrow: boolean): Option {
  const values = plot.cells.map((cell) => cell.value).filter((value) => value !== null);
  const low = Math.min(...values);
  const high = Math.max(...values);
  // Response times span decades: the colours follow the logarithm, the labels give the figures.
  const shade = (value: number) => (low > 0 ? Math.log10(value) : value);
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
    visualMap: {
      min: shade(low),
      max: Math.max(shade(high), shade(low) + 1e-6),
      orient: 'horizontal',
      left: 'center',
      bottom: 4,
      inRange: { color: SEQUENTIAL },
      calculable: false,
      formatter: (value: number) => `${number(low > 0 ? 10 ** value : value)} ${plot.unit}`,
      text: [`${number(high)} ${plot.unit}`, `${number(low)} ${plot.unit}`],
      seriesIndex: 0,
    },
    series: [
      {
        type: 'heatmap',
        data: plot.cells
          .filter((cell) => cell.value !== null)
          .map((cell) => {
            const value = cell.value ?? 0;
            const dark = (shade(value) - shade(low)) / Math.max(1e-9, shade(high) - shade(low)) > 0.55;
            return {
              value: [cell.x, cell.y, shade(value)],
              text: `${plot.xTitle}: ${plot.x[cell.x]}<br>${plot.yTitle}: ${plot.y[cell.y]}<br><b>${cell.label} ${plot.unit}</b>${cell.detail === undefined ? '' : `<br>${cell.detail}`}`,
              label: {
                show: true,
                color: dark ? '#fff' : '#111',
                fontSize: narrow ? 10 : 12,
                formatter: `{a|${cell.label}}${cell.detail === undefined || narrow ? '' : `\n{b|${cell.detail}}`}`,
                lineHeight: 16,
                rich: {
                  a: { fontSize: narrow ? 10 : 13, lineHeight: 20, color: dark ? '#fff' : '#111' },
                  b: { fontSize: 10, lineHeight: 14, color: dark ? '#fff' : '#444' },
                },
              },
            };
          }),
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

/** One line of a trace figure. */
export interface TraceLine {
  readonly name: string;
  /** Which panel: 0 is on top. */
  readonly panel: number;
  readonly t: readonly number[];
  readonly y: readonly (number | null)[];
  readonly step?: boolean;
  /** Place in the palette. */
  readonly color: number;
  readonly dash?: number;
  readonly width?: number;
  /** Named at its end, beside the legend. */
  readonly labelled?: boolean;
  readonly area?: boolean;
}

/** Panels above one another on one time axis, with one pointer through them all. */
export function tracesOption(
  lines: readonly TraceLine[],
  panels: readonly { readonly title: string; readonly log?: boolean; readonly share: number }[],
  narrow: boolean,
  height: number,
): Option {
  // Each panel has its legend above it, the lowest one the time axis and the zoom slider below it.
  const headRoom = 34;
  const footRoom = 72;
  const unit = (height - footRoom - headRoom * panels.length) / panels.reduce((sum, panel) => sum + panel.share, 0);
  let from = 0;
  const grids = panels.map((panel) => {
    const grid = {
      left: 66,
      right: lines.some((line) => line.labelled === true) && !narrow ? 150 : 20,
      top: from + headRoom,
      height: unit * panel.share,
    };
    from += headRoom + unit * panel.share;
    return grid;
  });
  const axes = panels.map((panel, index): FittedAxis | null =>
    panel.log === true
      ? fittedLogAxis(
          lines.filter((line) => line.panel === index).flatMap(({ y }) => y.flatMap((value) => value ?? [])),
        )
      : null,
  );
  const named = new Set<string>();
  const legends = panels.map((_, index) => {
    const names = [...new Set(lines.filter((line) => line.panel === index).map((line) => line.name))].filter(
      (name) => !named.has(name),
    );
    names.forEach((name) => named.add(name));
    return {
      top: grids[index].top - 27,
      left: 60,
      right: 10,
      type: 'scroll',
      textStyle: TEXT,
      itemWidth: 20,
      data: names,
    };
  });
  return {
    aria: { enabled: true },
    animation: false,
    textStyle: TEXT,
    legend: legends,
    tooltip: {
      trigger: 'axis',
      confine: true,
      formatter: (items: readonly TooltipItem[]) => traceTooltip(items, axes),
    },
    axisPointer: { link: [{ xAxisIndex: 'all' }] },
    dataZoom: [
      // The plain wheel scrolls the page.
      {
        type: 'inside',
        zoomOnMouseWheel: 'ctrl',
        moveOnMouseWheel: false,
        xAxisIndex: panels.map((_, index) => index),
      },
      { type: 'slider', xAxisIndex: panels.map((_, index) => index), height: 16, bottom: 6 },
    ],
    grid: grids,
    xAxis: panels.map((_, index) => ({
      type: 'value',
      gridIndex: index,
      min: 0,
      max: 'dataMax',
      axisLabel: { show: index === panels.length - 1 },
      name: index === panels.length - 1 ? 'time from the start of the load, s' : '',
      nameLocation: 'middle',
      nameGap: 22,
      splitLine: { lineStyle: { color: '#eee' } },
    })),
    yAxis: panels.map((panel, index) => ({
      type: 'value',
      gridIndex: index,
      name: panel.title,
      nameLocation: 'middle',
      nameGap: 46,
      nameTextStyle: { fontSize: narrow ? 10 : 11 },
      minInterval: panel.title.includes('replicas') ? 1 : undefined,
      splitNumber: 3,
      splitLine: { lineStyle: { color: '#e4e4e4' } },
      ...(axes[index] === null ? {} : axisOption(axes[index], (value) => number(value))),
    })),
    series: [
      ...axes.flatMap((axis, index) => (axis === null ? [] : [tickLines(axis, index)])),
      ...lines.map((line) => ({
        type: 'line',
        name: line.name,
        xAxisIndex: line.panel,
        yAxisIndex: line.panel,
        showSymbol: false,
        step: line.step === true ? 'end' : false,
        data: line.t.map((second, index) => [second, placed(line.y[index], axes[line.panel])]),
        endLabel: {
          show: line.labelled === true && !narrow,
          formatter: '{a}',
          fontSize: 11,
          color: PALETTE[line.color % PALETTE.length],
        },
        labelLayout: { moveOverlap: 'shiftY' },
        lineStyle: {
          width: line.width ?? 1.8,
          type: DASHES[(line.dash ?? 0) % DASHES.length],
          color: PALETTE[line.color % PALETTE.length],
        },
        itemStyle: { color: PALETTE[line.color % PALETTE.length] },
        areaStyle: line.area === true ? { opacity: 0.12 } : undefined,
      })),
    ],
  };
}

interface TooltipItem {
  readonly axisValue: number;
  readonly seriesName: string;
  readonly axisIndex?: number;
  readonly marker: string;
  readonly value: readonly [number, number | null];
}

function traceTooltip(items: readonly TooltipItem[], axes: readonly (FittedAxis | null)[]): string {
  const rows = items.map(({ marker, seriesName, axisIndex, value }) => {
    const axis = axes[axisIndex ?? 0] ?? null;
    const y = value[1];
    return `${marker}${escape(seriesName)} <b>${y === null || y === undefined ? '–' : number(axis === null ? y : axis.from(y))}</b>`;
  });
  return [`${number(items[0]?.axisValue ?? 0)} s`, ...rows].join('<br>');
}

function placed(value: number | null | undefined, axis: FittedAxis | null): number | null {
  if (value === null || value === undefined || (axis !== null && value <= 0)) return null;
  return axis === null ? value : axis.to(value);
}

function number(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–';
  return Math.abs(value) >= 100 ? Math.round(value).toString() : Number(value.toPrecision(3)).toString();
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
