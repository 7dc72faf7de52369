import { escape, number, TEXT, type Option } from '../chart-text';
import { endLabels, type EndLabel } from '../end-labels';
import { axisOption, fittedLogAxis, tickLines, type FittedAxis } from '../fitted-axis';
import { LEGEND_ROW, legendOption, legendRows, type Surface } from '../legend';
import { DASHES, PALETTE } from '../palette';

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

/** One of the plots above one another. */
export interface TracePanel {
  readonly title: string;
  readonly log?: boolean;
  /** Of the height, held against the other panels. */
  readonly share: number;
}

/** Panels above one another on one time axis, with one pointer through them all. */
export function tracesOption(lines: readonly TraceLine[], panels: readonly TracePanel[], surface: Surface): Option {
  const { narrow, paper } = surface;
  const legends = panels.map((_, index) => newNames(lines, index));
  const grids = gridsOf(lines, panels, legends, surface);
  const axes = panels.map((panel, index): FittedAxis | null =>
    panel.log === true
      ? fittedLogAxis(
          lines.filter((line) => line.panel === index).flatMap(({ y }) => y.flatMap((value) => value ?? [])),
        )
      : null,
  );
  const every = panels.map((_, index) => index);
  return {
    aria: { enabled: true },
    animation: false,
    textStyle: TEXT,
    legend: legends.map((names, index) => ({
      ...legendOption(names, surface),
      top: grids[index].top - 8 - LEGEND_ROW * legendRows(names, surface),
      left: 60,
      right: 10,
      data: names,
    })),
    tooltip: {
      trigger: 'axis',
      confine: true,
      formatter: (items: readonly TooltipItem[]) => traceTooltip(items, axes),
    },
    axisPointer: { link: [{ xAxisIndex: 'all' }] },
    dataZoom: paper
      ? []
      : [
          // The plain wheel scrolls the page.
          { type: 'inside', zoomOnMouseWheel: 'ctrl', moveOnMouseWheel: false, xAxisIndex: every },
          { type: 'slider', xAxisIndex: every, height: 16, bottom: 6 },
        ],
    grid: grids,
    xAxis: every.map((index) => timeAxis(index, index === panels.length - 1)),
    yAxis: panels.map((panel, index) => valueAxis(panel, index, axes[index], narrow)),
    series: [
      ...axes.flatMap((axis, index) => (axis === null ? [] : [tickLines(axis, index)])),
      ...lines.map((line) => lineOption(line, axes[line.panel])),
      ...(narrow ? [] : namesAtEnds(lines, axes, grids)),
    ],
  };
}

interface Grid {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly height: number;
}

/** Each panel has its legend above it, the lowest one the time axis and the zoom slider below it. */
const HEAD_ROOM = 34;
const FOOT_ROOM = 72;
const FOOT_ROOM_ON_PAPER = 44;

function gridsOf(
  lines: readonly TraceLine[],
  panels: readonly TracePanel[],
  legends: readonly (readonly string[])[],
  surface: Surface,
): Grid[] {
  const { narrow, height, paper } = surface;
  const heads = legends.map((names) => HEAD_ROOM + LEGEND_ROW * (legendRows(names, surface) - 1));
  const taken = (paper ? FOOT_ROOM_ON_PAPER : FOOT_ROOM) + heads.reduce((sum, head) => sum + head, 0);
  const unit = (height - taken) / panels.reduce((sum, panel) => sum + panel.share, 0);
  const right = lines.some((line) => line.labelled === true) && !narrow ? 150 : 20;
  let from = 0;
  return panels.map((panel, index) => {
    const grid = { left: 66, right, top: from + heads[index], height: unit * panel.share };
    from += heads[index] + unit * panel.share;
    return grid;
  });
}

/** A name stands in the legend of the first panel that has it. */
function newNames(lines: readonly TraceLine[], panel: number): string[] {
  const above = new Set(lines.filter((line) => line.panel < panel).map(({ name }) => name));
  return [...new Set(lines.filter((line) => line.panel === panel).map(({ name }) => name))].filter(
    (name) => !above.has(name),
  );
}

/** The labelled lines' names beside their ends. */
function namesAtEnds(
  lines: readonly TraceLine[],
  axes: readonly (FittedAxis | null)[],
  grids: readonly Grid[],
): Option[] {
  const end = Math.max(...lines.flatMap(({ t }) => t.at(-1) ?? 0));
  const labels = lines.flatMap((line): EndLabel[] => {
    const axis = axes[line.panel];
    const last = line.y.findLastIndex((value) => placed(value, axis) !== null);
    if (line.labelled !== true || axis === null || last < 0) return [];
    const y = placed(line.y[last], axis)!;
    const { top, height } = grids[line.panel];
    const color = PALETTE[line.color % PALETTE.length];
    return [
      {
        name: line.name,
        at: [end, y],
        color,
        height: top + (height * (axis.max - y)) / (axis.max - axis.min),
      },
    ];
  });
  const [{ top, height }] = grids;
  return labels.length === 0 ? [] : [endLabels(labels, { from: top, to: top + height })];
}

function timeAxis(index: number, lowest: boolean): Option {
  return {
    type: 'value',
    gridIndex: index,
    min: 0,
    max: 'dataMax',
    axisLabel: { show: lowest, hideOverlap: true },
    name: lowest ? 'time from the start of the load, s' : '',
    nameLocation: 'middle',
    nameGap: 22,
    splitLine: { lineStyle: { color: '#eee' } },
  };
}

function valueAxis({ title }: TracePanel, index: number, axis: FittedAxis | null, narrow: boolean): Option {
  return {
    type: 'value',
    gridIndex: index,
    name: title,
    nameLocation: 'middle',
    nameGap: 46,
    nameTextStyle: { fontSize: narrow ? 10 : 11 },
    minInterval: title.includes('replicas') ? 1 : undefined,
    splitNumber: 3,
    axisLabel: { formatter: (value: number) => number(value) },
    splitLine: { lineStyle: { color: '#e4e4e4' } },
    ...(axis === null ? {} : axisOption(axis, (value) => number(value))),
  };
}

function lineOption(line: TraceLine, axis: FittedAxis | null): Option {
  const color = PALETTE[line.color % PALETTE.length];
  return {
    type: 'line',
    name: line.name,
    xAxisIndex: line.panel,
    yAxisIndex: line.panel,
    showSymbol: false,
    step: line.step === true ? 'end' : false,
    data: line.t.map((second, index) => [second, placed(line.y[index], axis)]),
    lineStyle: { width: line.width ?? 1.8, type: DASHES[(line.dash ?? 0) % DASHES.length], color },
    itemStyle: { color },
    areaStyle: line.area === true ? { opacity: 0.12 } : undefined,
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
