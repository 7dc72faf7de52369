import { escape, number, TEXT, type Option } from './chart-text';
import { axisOption, fittedLogAxis, tickLines, type FittedAxis } from './fitted-axis';
import { DASHES, PALETTE } from './palette';

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
export function tracesOption(
  lines: readonly TraceLine[],
  panels: readonly TracePanel[],
  narrow: boolean,
  height: number,
): Option {
  const grids = gridsOf(lines, panels, narrow, height);
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
    legend: legendsOf(lines, grids),
    tooltip: {
      trigger: 'axis',
      confine: true,
      formatter: (items: readonly TooltipItem[]) => traceTooltip(items, axes),
    },
    axisPointer: { link: [{ xAxisIndex: 'all' }] },
    dataZoom: [
      // The plain wheel scrolls the page.
      { type: 'inside', zoomOnMouseWheel: 'ctrl', moveOnMouseWheel: false, xAxisIndex: every },
      { type: 'slider', xAxisIndex: every, height: 16, bottom: 6 },
    ],
    grid: grids,
    xAxis: every.map((index) => timeAxis(index, index === panels.length - 1)),
    yAxis: panels.map((panel, index) => valueAxis(panel, index, axes[index], narrow)),
    series: [
      ...axes.flatMap((axis, index) => (axis === null ? [] : [tickLines(axis, index)])),
      ...lines.map((line) => lineOption(line, axes[line.panel], narrow)),
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

function gridsOf(lines: readonly TraceLine[], panels: readonly TracePanel[], narrow: boolean, height: number): Grid[] {
  const unit = (height - FOOT_ROOM - HEAD_ROOM * panels.length) / panels.reduce((sum, panel) => sum + panel.share, 0);
  const right = lines.some((line) => line.labelled === true) && !narrow ? 150 : 20;
  let from = 0;
  return panels.map((panel) => {
    const grid = { left: 66, right, top: from + HEAD_ROOM, height: unit * panel.share };
    from += HEAD_ROOM + unit * panel.share;
    return grid;
  });
}

/** A name stands in the legend of the first panel that has it. */
function legendsOf(lines: readonly TraceLine[], grids: readonly Grid[]): Option[] {
  const named = new Set<string>();
  return grids.map(({ top }, index) => {
    const names = [...new Set(lines.filter((line) => line.panel === index).map((line) => line.name))].filter(
      (name) => !named.has(name),
    );
    names.forEach((name) => named.add(name));
    return { top: top - 27, left: 60, right: 10, type: 'scroll', textStyle: TEXT, itemWidth: 20, data: names };
  });
}

function timeAxis(index: number, lowest: boolean): Option {
  return {
    type: 'value',
    gridIndex: index,
    min: 0,
    max: 'dataMax',
    axisLabel: { show: lowest },
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
    splitLine: { lineStyle: { color: '#e4e4e4' } },
    ...(axis === null ? {} : axisOption(axis, (value) => number(value))),
  };
}

function lineOption(line: TraceLine, axis: FittedAxis | null, narrow: boolean): Option {
  const color = PALETTE[line.color % PALETTE.length];
  return {
    type: 'line',
    name: line.name,
    xAxisIndex: line.panel,
    yAxisIndex: line.panel,
    showSymbol: false,
    step: line.step === true ? 'end' : false,
    data: line.t.map((second, index) => [second, placed(line.y[index], axis)]),
    endLabel: { show: line.labelled === true && !narrow, formatter: '{a}', fontSize: 11, color },
    labelLayout: { moveOverlap: 'shiftY' },
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
