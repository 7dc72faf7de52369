/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { init, use, type EChartsType } from 'echarts/core';
import { CustomChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts';
import {
  AriaComponent,
  AxisPointerComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components';
import { SVGRenderer } from 'echarts/renderers';
import type { Plot } from '../../answers/model';
import type { Trace } from '../../measurement/trial/trace-blob';
import { startSaving } from './save-figure';
import { startTrialsPages } from './trials-page';
import { heatOption } from './heat';
import type { Surface } from './legend';
import { furtherHeight, leastWidth, pointsOption } from './points';
import { tracesOption } from './traces/option';
import { overlayLines, singleLines, workloadsOf, type Chosen } from './traces/lines';

use([
  CustomChart,
  HeatmapChart,
  LineChart,
  ScatterChart,
  AriaComponent,
  AxisPointerComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  VisualMapComponent,
  SVGRenderer,
]);

type TracePlot = Extract<Plot, { kind: 'traces' }>;

const NARROW = 600;
/** Pixels by which an overlay grows for each workload after the first, so that its panels keep their heights. */
const WORKLOAD_HEIGHT = 150;
const charts: { readonly element: HTMLElement; readonly chart: EChartsType; draw: () => void }[] = [];
const traces = new Map<string, Promise<readonly Trace[]>>();

void start();

async function start(): Promise<void> {
  const plots = JSON.parse(text('plots')) as Plot[];
  const waiting = plots.map(async (plot) => {
    const element = document.getElementById(`plot-${plot.id}`);
    if (element === null) return;
    if (plot.kind === 'traces') await tracesPlot(plot, element);
    else
      show(
        element,
        (surface) => (plot.kind === 'heat' ? heatOption(plot, surface.narrow) : pointsOption(plot, surface)),
        (narrow) => furtherHeight(plot, narrow),
        (narrow) => leastWidth(plot, narrow),
      );
  });
  await Promise.all(waiting);
  window.addEventListener('resize', redraw);
  unfoldOnPaper();
  drawForPaper();
  openLinked();
  window.addEventListener('hashchange', openLinked);
  startTrialsPages();
  startSaving(undecorated);
  document.documentElement.dataset['drawn'] = String(charts.length);
}

/** Paper cannot unfold: everything is open while the page is printed. */
function unfoldOnPaper(): void {
  let folded: HTMLDetailsElement[] = [];
  window.addEventListener('beforeprint', () => {
    folded = [...document.querySelectorAll<HTMLDetailsElement>('details:not([open])')];
    for (const one of folded) one.open = true;
  });
  window.addEventListener('afterprint', () => {
    for (const one of folded) one.open = false;
  });
}

/** Width of an A4 page between margins of 12 mm, and a height of which a page has room for two figures with their text, CSS pixels. */
const PAPER = { width: 700, height: 280 } as const;

/** Whether figures are drawn for what cannot be dragged or scrolled. */
let paper = false;

/** Figures without what only a hand can use, while something is done with them. */
function undecorated(use: () => void): void {
  paper = true;
  redraw();
  use();
  paper = false;
  redraw();
}

/** Figures are drawings of a fixed width, and a window is wider than a page: what is printed is drawn for the page. */
function drawForPaper(): void {
  window.addEventListener('beforeprint', () => {
    for (const { element } of charts) {
      element.style.width = `${PAPER.width}px`;
      if (!element.classList.contains('traces')) element.style.height = `calc(${PAPER.height}px + var(--labels, 0px))`;
    }
    paper = true;
    redraw();
  });
  window.addEventListener('afterprint', () => {
    for (const { element } of charts) element.style.width = element.style.height = '';
    paper = false;
    redraw();
  });
}

/** A link into a folded part opens it. */
function openLinked(): void {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let parent = target?.parentElement; parent; parent = parent.parentElement)
    if (parent instanceof HTMLDetailsElement) parent.open = true;
  target?.scrollIntoView();
}

function show(
  element: HTMLElement,
  option: (surface: Surface) => Record<string, unknown>,
  further: (narrow: boolean) => number = () => 0,
  least: (narrow: boolean) => number = () => 0,
): void {
  const known = charts.find((one) => one.element === element);
  const chart = known?.chart ?? init(element, undefined, { renderer: 'svg' });
  const draw = () => {
    const narrow = element.clientWidth < NARROW;
    element.style.setProperty('--labels', `${further(narrow)}px`);
    element.style.minWidth = `${least(narrow)}px`;
    chart.resize();
    const { clientWidth: width, clientHeight: height } = element;
    chart.setOption(option({ narrow, width, height, paper }), { notMerge: true });
  };
  if (known === undefined) charts.push({ element, chart, draw });
  else known.draw = draw;
  draw();
}

function redraw(): void {
  for (const { draw } of charts) draw();
}

async function tracesPlot(plot: TracePlot, element: HTMLElement): Promise<void> {
  if (plot.mode === 'overlay') {
    await overlay(plot, element);
    return;
  }
  const cellChoice = document.getElementById(`${plot.id}-cell`) as HTMLSelectElement;
  const trialChoice = document.getElementById(`${plot.id}-trial`) as HTMLSelectElement;
  const draw = async (resetTrials: boolean) => {
    const all = await tracesOf(cellChoice.value);
    if (resetTrials) trialChoice.replaceChildren(...all.map((trace, index) => new Option(trace.trial, String(index))));
    const trace = all[Number(trialChoice.value)] ?? all[0];
    const lines = singleLines(trace);
    show(element, (surface) => {
      const { narrow } = surface;
      return tracesOption(
        lines,
        [
          { title: narrow ? 'ms' : 'response time, ms', log: true, share: 3 },
          { title: narrow ? 'req/s' : 'throughput, req/s', share: 2 },
          { title: 'replicas', share: 2 },
          { title: narrow ? 'cores' : 'CPU, cores', share: 2 },
          { title: narrow ? 'MiB' : 'memory, MiB', share: 2 },
        ],
        surface,
      );
    });
  };
  cellChoice.addEventListener('change', () => void draw(true));
  trialChoice.addEventListener('change', () => void draw(false));
  await draw(true);
}

async function overlay(plot: TracePlot, element: HTMLElement): Promise<void> {
  const controls = document.getElementById(`controls-${plot.id}`)!;
  const trialChoice = controls.querySelector('select')!;
  const draw = async () => {
    const chosen = [...controls.querySelectorAll<HTMLInputElement>('input:checked')].map((box) => Number(box.value));
    const chosenTraces = await Promise.all(
      chosen.map(async (index) => {
        const { id, label } = plot.cells[index];
        // A variant's colour and line style stay its own, whichever others are drawn.
        return { label, index, trace: (await tracesOf(id))[Number(trialChoice.value)] as Trace | undefined };
      }),
    );
    const known = chosenTraces.filter((one): one is Chosen => one.trace !== undefined);
    const workloads = [...new Set(known.flatMap(({ trace }) => workloadsOf(trace)))];
    show(
      element,
      (surface) => {
        const { narrow } = surface;
        return tracesOption(
          overlayLines(known, workloads, plot.sustainedByOne ?? {}),
          [
            { title: narrow ? 'EWMA, ms' : 'response time (EWMA), ms', log: true, share: 3 },
            { title: narrow ? 'req/s' : 'offered, req/s', share: 1.5 },
            ...workloads.map((workload) => ({ title: narrow ? workload : `replicas, ${workload}`, share: 2 })),
          ],
          surface,
        );
      },
      () => WORKLOAD_HEIGHT * Math.max(0, workloads.length - 1),
    );
  };
  controls.addEventListener('change', () => void draw());
  await draw();
}

/** A cell's traces, unpacked when they are first wanted. */
function tracesOf(cell: string): Promise<readonly Trace[]> {
  const known = traces.get(cell) ?? unpack(document.getElementById(`traces-${cell}`)?.textContent?.trim() ?? '');
  traces.set(cell, known);
  return known;
}

async function unpack(packed: string): Promise<readonly Trace[]> {
  if (packed === '') return [];
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return JSON.parse(await new Response(stream).text()) as Trace[];
}

function text(id: string): string {
  return document.getElementById(id)?.textContent ?? '[]';
}
