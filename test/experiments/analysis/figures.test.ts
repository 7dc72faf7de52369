import { inflateRawSync } from 'node:zlib';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseCampaign } from '../../../experiments/analysis';
import type { Plot } from '../../../experiments/analysis/answers/model';
import { estimate, withUnit } from '../../../experiments/analysis/answers/numbers';
import type { Trace } from '../../../experiments/analysis/measurement/trial/trace-blob';
import { spread } from '../../../experiments/analysis/report/browser/end-labels';
import { heatOption } from '../../../experiments/analysis/report/browser/heat';
import { legendRows } from '../../../experiments/analysis/report/browser/legend';
import { furtherHeight, leastWidth, pointsOption } from '../../../experiments/analysis/report/browser/points';
import { tracesOption } from '../../../experiments/analysis/report/browser/traces/option';
import { overlayLines } from '../../../experiments/analysis/report/browser/traces/lines';
import { autoscalingAnswer } from '../../../experiments/analysis/answers/questions/autoscaling';
import type { CampaignAnalysis } from '../../../experiments/analysis/measurement/analyse';
import { meanOffered, requiredPods } from '../../../experiments/analysis/measurement/trial/scaling-measures';
import { cellOf, decided } from './decided-cells';
import { writeCampaign } from './queueing-campaign';

jest.setTimeout(60_000);

type Points = Extract<Plot, { kind: 'points' }>;
type Heat = Extract<Plot, { kind: 'heat' }>;
const SURFACE = { narrow: false, width: 900, height: 380, paper: false };
const points = (more: Partial<Points>): Points => ({
  id: 'p',
  title: '',
  caption: '',
  kind: 'points',
  xTitle: '',
  yTitle: '',
  xType: 'category',
  series: [],
  ...more,
});

interface Drawn {
  readonly type: string;
  readonly name?: string;
  readonly symbolSize: number;
  readonly itemStyle: { readonly color: string };
  readonly data: readonly { readonly name: string; readonly value: readonly number[] }[];
}

describe('Names at the ends of lines', () => {
  it('stay within their panel as long as they have room in it', () => {
    expect(Math.max(...spread([95, 96, 99], 13, { from: 0, to: 100 }))).toBeLessThanOrEqual(100);
    expect(Math.min(...spread([3, 2, 50], 13, { from: 0, to: 100 }))).toBeGreaterThanOrEqual(0);
  });

  it('stand at the edge, where no other line goes on behind them', () => {
    const curve = (name: string, most: number) => ({
      name,
      line: true,
      points: [
        { x: 1, y: 40 },
        { x: most, y: 80 },
      ],
    });
    const plot = points({ xType: 'value', xLog: true, yLog: true, series: [curve('few', 100), curve('many', 30_000)] });
    const option = pointsOption(plot, SURFACE);
    const { max } = option['xAxis'] as { max: number };
    const names = (option['series'] as Drawn[]).at(-1)!.data;
    expect(names.map(({ name }) => name)).toEqual(['few', 'many']);
    expect(names.map(({ value }) => value[0])).toEqual([max, max]);
  });

  it('stay where they are when there is room', () => expect(spread([10, 100, 50])).toEqual([10, 100, 50]));

  it('move apart by a gap around where they wanted to be, in their order', () =>
    expect(spread([50, 50, 51], 13)).toEqual([
      expect.closeTo(37.33, 1),
      expect.closeTo(50.33, 1),
      expect.closeTo(63.33, 1),
    ]));

  it('never lie over one another, whatever the heights', () => {
    let seed = 7;
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    for (let run = 0; run < 200; run++) {
      const heights = Array.from({ length: 1 + Math.floor(random() * 12) }, () => random() * 150);
      const places = spread(heights, 13);
      const sorted = [...places].sort((a, b) => a - b);
      sorted.slice(1).forEach((place, index) => expect(place - sorted[index]).toBeGreaterThan(13 - 1e-6));
      const order = (values: readonly number[]) => values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
      expect(order(places)).toEqual(order(heights));
    }
  });
});

describe('Axes', () => {
  it('hold every interval where figures lie on both sides of zero', () => {
    const plot = points({
      series: [
        {
          name: 'rho',
          points: [
            { x: 'a', y: 0.1, low: -0.63, high: 0.38 },
            { x: 'b', y: -0.2, low: -0.44, high: -0.02 },
          ],
        },
      ],
    });
    const { min, max } = pointsOption(plot, SURFACE)['yAxis'] as { min: number; max: number };
    expect(min).toBeLessThanOrEqual(-0.63);
    expect(max).toBeGreaterThanOrEqual(0.38);
  });

  it('of what is counted have no tick between whole numbers, and room above the highest', () => {
    const option = pointsOption(
      points({ yWhole: true, series: [{ name: 'pods', points: [{ x: 4.5, y: 1 }] }] }),
      SURFACE,
    );
    expect(option['yAxis']).toMatchObject({ min: 0, max: 2, interval: 1 });
  });

  it.each([1, 4, 10, 12, 16, 23, 64])('of whole numbers up to %d end at a tick as far from the next as all', (most) => {
    const plot = points({ yWhole: true, series: [{ name: 'pods', points: [{ x: 4.5, y: most }] }] });
    const { max, interval } = pointsOption(plot, SURFACE)['yAxis'] as { max: number; interval: number };
    expect(max).toBeGreaterThan(most);
    expect([max % interval, Number.isInteger(interval), max / interval <= 8]).toEqual([0, true, true]);
  });

  it('reach beyond the places where values can be, and hold those without a point', () => {
    const pods = { name: 'pods', points: [{ x: 4, y: 2 }] };
    const option = pointsOption(points({ xType: 'value', xTicks: [4, 8, 24], series: [pods] }), SURFACE);
    expect(option['xAxis']).toMatchObject({ min: 3, max: 25, axisTick: { customValues: [4, 8, 24] } });
  });

  it('show two figures at one place, one within the outline of the other', () => {
    const at = [{ x: 4, y: 2 }];
    const series = [
      { name: 'certain', points: at },
      { name: 'possible', points: at, open: true },
    ];
    const drawn = (pointsOption(points({ xType: 'value', series }), SURFACE)['series'] as Drawn[]).filter(
      ({ type }) => type === 'scatter',
    );
    expect(drawn[1].symbolSize).toBeGreaterThan(drawn[0].symbolSize);
    expect(drawn[1].itemStyle.color).toBe('transparent');
  });

  it('stand at the left of a logarithmic plot, not at its one', () => {
    const curve = {
      name: 'a',
      line: true,
      points: [
        { x: 1, y: 40 },
        { x: 1000, y: 80 },
      ],
    };
    const option = pointsOption(points({ xType: 'value', xLog: true, yLog: true, series: [curve] }), SURFACE);
    expect(option['yAxis']).toMatchObject({ axisLine: { onZero: false } });
  });

  it('leave slanted names room of their own, so that points keep theirs', () => {
    const many = points({
      series: [
        {
          name: 'a',
          points: Array.from({ length: 9 }, (_, index) => ({ x: `memory of other containers ${index}`, y: 1 })),
        },
      ],
    });
    const few = points({ series: [{ name: 'a', points: [{ x: 'one', y: 1 }] }] });
    const room = (plot: Points) => {
      const height = 280 + furtherHeight(plot, false);
      const { top, bottom } = pointsOption(plot, { ...SURFACE, height })['grid'] as { top: number; bottom: number };
      return height - top - bottom;
    };
    expect(furtherHeight(few, false)).toBe(0);
    expect(room(many)).toBeCloseTo(room(few), 0);
  });
});

it('on a narrow page a figure of many variants is wider than the page, so that no name lies over the next', () => {
  const variants = Array.from({ length: 34 }, (_, index) => ({ x: `variant-${index}`, y: index }));
  const plot = points({ series: [{ name: 'a', points: variants }] });
  expect(leastWidth(plot, true)).toBeGreaterThan(34 * 12);
  expect(leastWidth(plot, false)).toBe(0);
  expect(leastWidth(points({ xType: 'value', series: [{ name: 'a', points: [{ x: 1, y: 2 }] }] }), true)).toBe(0);
});

it('a heat map shows interval and n on a narrow page, too', () => {
  const cell = { x: 0, y: 0, value: 75.9, label: '75.9', detail: '64.8 to 97.2, n = 3' };
  const plot = { ...points({}), kind: 'heat', unit: 'ms', x: ['50'], y: ['500'], cells: [cell] } as unknown as Heat;
  const shown = (narrow: boolean) =>
    (heatOption(plot, narrow)['series'] as { data: { label: { formatter: string } }[] }[])[0].data[0].label.formatter;
  expect(shown(false)).toBe('{a|75.9}\n{b|64.8 to 97.2, n = 3}');
  expect(shown(true)).toBe('{a|75.9}\n{b|64.8 to 97.2}\n{b|n = 3}');
});

it('a heat map shades figures that hardly differ nearly alike', () => {
  const plot: Heat = {
    id: 'h',
    title: '',
    caption: '',
    kind: 'heat',
    xTitle: '',
    yTitle: '',
    unit: 'ms',
    x: ['50'],
    y: ['500', '1000'],
    cells: [
      { x: 0, y: 0, value: 75.9, label: '75.9' },
      { x: 0, y: 1, value: 73, label: '73' },
    ],
  };
  const { min, max } = heatOption(plot, false)['visualMap'] as { min: number; max: number };
  expect((Math.log10(75.9) - Math.log10(73)) / (max - min)).toBeLessThan(0.1);
});

it('on paper no name of a legend is hidden behind arrows, and no slider is drawn', () => {
  const names = Array.from({ length: 12 }, (_, index) => `cpu-${index}000m-target-50`);
  const lines = names.map((name, color) => ({ name, panel: 0, t: [1, 2], y: [40, 50], color, labelled: true }));
  const paper = { narrow: false, width: 700, height: 520, paper: true };
  const option = tracesOption(lines, [{ title: 'ms', log: true, share: 1 }], paper);
  expect(option['dataZoom']).toEqual([]);
  const [legend] = option['legend'] as { type: string; itemGap: number }[];
  expect(legend.type).toBe('plain');
  // A saved figure is set in a font that is wider than the one the library reckons with.
  expect(legend.itemGap).toBeGreaterThan(20);
  const [{ top }] = option['grid'] as { top: number }[];
  expect(top).toBeGreaterThanOrEqual(19 * legendRows(names, paper));
  expect(legendRows(names, paper)).toBeGreaterThan(1);
});

describe('The demand of an overlay', () => {
  const offered = Float64Array.from({ length: 60 }, (_, second) => (second < 20 ? 1 : 5 + (second % 3)));
  const trace = (seconds: number): Trace => {
    const t = Array.from({ length: 60 }, (_, second) => second + 1);
    const means = meanOffered(offered.subarray(0, seconds));
    const demanded = t.map((_, second) => (second < seconds ? means[second] : null));
    return { trial: 'a', t, lines: { demanded, offered: [...offered], 'ready idaes': t.map(() => 1) } };
  };
  const demandOf = (traces: readonly Trace[]) =>
    overlayLines(
      traces.map((one, index) => ({ label: `v${index}`, index, trace: one })),
      ['idaes'],
      { idaes: 1.55 },
    ).find(({ name }) => name === 'demand')!.y;

  it('is that of the tables, and does not turn with every request', () => {
    expect(demandOf([trace(60)])).toEqual([...requiredPods(offered, 1.55)]);
    const turns = demandOf([trace(60)]).filter((pods, second, all) => second > 0 && pods !== all[second - 1]);
    expect(turns.length).toBeLessThanOrEqual(4);
  });

  it('is that of the longest load, where others ended before', () => {
    expect(demandOf([trace(30), trace(60)])).toEqual([...requiredPods(offered, 1.55)]);
  });
});

it('under a climbing load alone no figure shows response times: they describe the climb', () => {
  const climbing = (variant: string, rate: number) =>
    cellOf(
      ['resources', 'uor', variant, 'breakpoint'],
      [rate, rate * 1.01, rate * 0.99].map((one) => ({ sustainedRate: one })),
    );
  const cells = [climbing('uor-cpu-500m-target-50', 40), climbing('uor-cpu-1000m-target-50', 80)];
  const analysis = { ...decided(cells), manifest: { order: [] } } as unknown as CampaignAnalysis;
  const { plots } = autoscalingAnswer(analysis, 'resources', 'uor', [], []);
  expect(plots.map(({ id }) => id)).toEqual(['resources-uor-heat', 'resources-uor-traces']);
  expect(plots[0]).toMatchObject({ title: 'Peak sustained throughput over target and allocation', unit: 'req/s' });
});

describe('A unit stands', () => {
  const unit = (value: number, low: number | null, high: number | null, n: number, more = {}) =>
    withUnit(estimate({ value, low, high, n, ...more }), '%').text;

  it.each([
    [unit(0, null, null, 1), '0 % (n = 1)'],
    [unit(5, 4, 6, 3), '5 (4 to 6) %'],
    [unit(5, 4, 6, 2, { without: 1 }), '5 (4 to 6; 2 of 3 trials) %'],
    [unit(5, null, null, 1, { without: 2 }), '5 % (n = 1; 1 of 3 trials)'],
    [unit(5, 4, null, 3, { atLeast: true }), '≥ 5 (4 or more) %'],
    [withUnit({ text: '–', value: null }, '%').text, '–'],
  ])('%s', (shown, expected) => expect(shown).toBe(expected));
});

it('a trace ends with what was watched, and its EWMA with the load', async () => {
  const root = mkdtempSync(join(tmpdir(), 'figures-'));
  try {
    const campaign = join(root, 'campaign');
    writeCampaign(campaign, {
      scale: { rate: 0.5, duration: 0.1 },
      only: ({ id }) => id.startsWith('minimum-replicas.uor.uor-minimum-1.spike'),
    });
    const { cells } = await analyseCampaign(campaign);
    const traces = JSON.parse(inflateRawSync(Buffer.from(cells[0].traces, 'base64')).toString()) as Trace[];
    expect(traces).toHaveLength(3);
    for (const { lines, t } of traces) {
      const last = (name: string) => t[(lines[name] ?? []).findLastIndex((value) => value !== null && value > 0)];
      expect(last('ewma_ms')).toBeLessThanOrEqual(Math.max(last('offered'), last('served')));
      expect(t.at(-1)).toBeLessThanOrEqual(Math.max(last('served'), last('p50'), last('ready django-api')));
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
