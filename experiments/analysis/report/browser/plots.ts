import type { Plot, PlotPoint } from '../../answers/model';
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
  // A log axis ends at whole decades unless told otherwise.
  const all = plot.series.flatMap((series) => series.points.flatMap((point) => [point.y, point.low, point.high]));
  const positive = all.filter((value): value is number => typeof value === 'number' && value > 0);
  const log = plot.yLog === true && positive.length > 0;
  return {
    aria: { enabled: true },
    animation: false,
    textStyle: TEXT,
    color: PALETTE,
    grid: {
      left: 66,
      right: 16,
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
        : {},
      splitLine: { show: !category, lineStyle: { color: '#eee' } },
    },
    yAxis: {
      type: log ? 'log' : 'value',
      name: plot.yTitle,
      nameLocation: 'middle',
      nameGap: 50,
      min: log ? 10 ** Math.floor(Math.log10(Math.min(...positive)) - 0.05) : undefined,
      splitLine: { lineStyle: { color: '#e4e4e4' } },
    },
    series: plot.series.flatMap((series, index): Option[] => {
      const position = (point: PlotPoint) => (category ? String(point.x) : Number(point.x));
      const known = series.points.filter((point) => point.y !== null);
      if (series.line === true)
        return [
          {
            type: 'line',
            name: series.name,
            data: known.map((point) => [position(point), point.y]),
            showSymbol: false,
            lineStyle: { width: 2, type: 'dashed' },
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
                value: [position(point), point.y],
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
            value: [position(point), point.y],
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
            .filter((point) => point.low != null && point.high != null)
            .map((point) => [position(point), point.low, point.high]),
          itemStyle: { color: PALETTE[index % PALETTE.length] },
          silent: true,
          z: 1,
          renderItem: whisker(PALETTE[index % PALETTE.length], shift),
        },
      ];
    }),
  };
}

interface RenderApi {
  value(dimension: number): number;
  coord(point: readonly number[]): number[];
}

function whisker(color: string, shift: number) {
  return (_: unknown, api: RenderApi) => {
    const top = api.coord([api.value(0), api.value(2)]);
    const bottom = api.coord([api.value(0), api.value(1)]);
    const x = top[0] + shift;
    const line = (x1: number, y1: number, x2: number, y2: number) => ({
      type: 'line',
      shape: { x1, y1, x2, y2 },
      style: { stroke: color, lineWidth: 1.5 },
    });
    const children = [
      line(x, top[1], x, bottom[1]),
      line(x - 4, top[1], x + 4, top[1]),
      line(x - 4, bottom[1], x + 4, bottom[1]),
    ];
    return { type: 'group', children };
  };
}

function tooltip(name: string, series: string, point: PlotPoint): string {
  const interval = point.low != null && point.high != null ? `<br>${number(point.low)} to ${number(point.high)}` : '';
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
              text: `${plot.xTitle}: ${plot.x[cell.x]}<br>${plot.yTitle}: ${plot.y[cell.y]}<br><b>${cell.label} ${plot.unit}</b>`,
              label: {
                show: true,
                color: dark ? '#fff' : '#111',
                fontSize: narrow ? 10 : 12,
                formatter: number(value),
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
    const grid = { left: 66, right: 20, top: from + headRoom, height: unit * panel.share };
    from += headRoom + unit * panel.share;
    return grid;
  });
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
      valueFormatter: (value: number | null) => (value === null || value === undefined ? '–' : number(value)),
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
      type: panel.log === true ? 'log' : 'value',
      gridIndex: index,
      name: panel.title,
      nameLocation: 'middle',
      nameGap: 46,
      nameTextStyle: { fontSize: narrow ? 10 : 11 },
      minInterval: panel.title.includes('replicas') ? 1 : undefined,
      splitNumber: 3,
      splitLine: { lineStyle: { color: '#e4e4e4' } },
    })),
    series: lines.map((line) => ({
      type: 'line',
      name: line.name,
      xAxisIndex: line.panel,
      yAxisIndex: line.panel,
      showSymbol: false,
      step: line.step === true ? 'end' : false,
      data: line.t.map((second, index) => [second, positiveOrGap(line.y[index], panels[line.panel].log === true)]),
      lineStyle: {
        width: 1.8,
        type: DASHES[(line.dash ?? 0) % DASHES.length],
        color: PALETTE[line.color % PALETTE.length],
      },
      itemStyle: { color: PALETTE[line.color % PALETTE.length] },
      areaStyle: line.area === true ? { opacity: 0.12 } : undefined,
    })),
  };
}

function positiveOrGap(value: number | null | undefined, log: boolean): number | null {
  return value === null || value === undefined || (log && value <= 0) ? null : value;
}

export function number(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–';
  return Math.abs(value) >= 100 ? Math.round(value).toString() : Number(value.toPrecision(3)).toString();
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
