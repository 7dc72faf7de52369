import type { Histogram } from 'hdr-histogram-js';
import type { CampaignAnalysis, Cell } from '../../measurement/analyse';
import type { TrialOfCell } from '../../measurement/cell-measurement';
import { Engine } from '../../measurement/engine';
import { CREATE_TABLES, histogramQuery, requestsQuery } from '../../measurement/trial/queries';
import { caveats } from '../../measurement/caveats';

/** Three digits of every value, from a microsecond on; in nanoseconds, which tools for these files take for granted. */
const PRECISION = {
  lowestDiscernibleValue: 1000,
  highestTrackableValue: 6e10,
  numberOfSignificantValueDigits: 3,
} as const;
const NANOSECONDS_PER_MICROSECOND = 1000;
const NANOSECONDS_PER_MILLISECOND = 1e6;
/** Lines of a list of percentiles between one power of two of the distance to 100 % and the next. */
const TICKS_PER_HALF_DISTANCE = 5;

/**
 * Response times of each cell's successful requests as HdrHistogram has them: `<cell>.hlog`, a histogram log with one interval
 * for each trial, whose sum is the cell, and `<cell>.hgrm`, the percentiles of that sum in milliseconds, which plotters take.
 * (https://hdrhistogram.github.io/HdrHistogram/)
 */
export async function hdrFiles(analysis: CampaignAnalysis): Promise<Map<string, string>> {
  const {
    engines: [engine],
    close,
  } = await Engine.open(1);
  const files = new Map<string, string>();
  try {
    for (const cell of analysis.cells) {
      if (cell.pooled === null) continue;
      const remarks = remarksOn(analysis, cell);
      const trials: RecordedTimes[] = [];
      for (const trial of cell.trials) trials.push(await recordedTimes(engine, trial));
      files.set(`${cell.id}.hlog`, await histogramLog(trials, remarks));
      files.set(`${cell.id}.hgrm`, await percentiles(trials, remarks));
    }
  } finally {
    close();
  }
  return files;
}

interface RecordedTimes {
  readonly trial: string;
  readonly startedAtMs: number;
  /** From the start of the load to its last answer. */
  readonly seconds: number;
  readonly histogram: Histogram;
}

async function emptyHistogram(): Promise<Histogram> {
  const { build } = await import('hdr-histogram-js');
  return build({ ...PRECISION, autoResize: true });
}

async function recordedTimes(engine: Engine, { input }: TrialOfCell): Promise<RecordedTimes> {
  const histogram = await emptyHistogram();
  await engine.run(CREATE_TABLES);
  await engine.run(requestsQuery(0, input.files.samples));
  const { microseconds, requests, finished_s } = await engine.columns<'microseconds' | 'requests' | 'finished_s'>(
    histogramQuery(0),
  );
  for (const [index, value] of microseconds.entries())
    histogram.recordValueWithCount(value * NANOSECONDS_PER_MICROSECOND, requests[index]);
  return {
    trial: input.folder,
    startedAtMs: Date.parse(input.record.startedAt),
    seconds: finished_s.reduce((latest, one) => Math.max(latest, one), 0),
    histogram,
  };
}

/** The log format's version 1.3, whose intervals are compressed histograms of encoding V2. */
async function histogramLog(trials: readonly RecordedTimes[], remarks: readonly string[]): Promise<string> {
  const { HistogramLogWriter } = await import('hdr-histogram-js');
  let text = '';
  const writer = new HistogramLogWriter((part) => void (text += part));
  const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(3);
  const first = Math.min(...trials.map(({ startedAtMs }) => startedAtMs));
  writer.outputLogFormatVersion();
  for (const remark of remarks) writer.outputComment(`[${remark}]`);
  writer.outputComment(`[StartTime: ${seconds(first)} (seconds since epoch), ${new Date(first).toISOString()}]`);
  writer.outputLegend();
  for (const { trial, startedAtMs, seconds: lasted, histogram } of trials) {
    writer.outputComment(`[Trial: ${trial}]`);
    const start = startedAtMs / 1000;
    writer.outputIntervalHistogram(histogram, start, start + lasted, NANOSECONDS_PER_MILLISECOND);
  }
  return text;
}

async function percentiles(trials: readonly RecordedTimes[], remarks: readonly string[]): Promise<string> {
  const sum = await emptyHistogram();
  for (const { histogram } of trials) sum.add(histogram);
  const lines = sum.outputPercentileDistribution(TICKS_PER_HALF_DISTANCE, NANOSECONDS_PER_MILLISECOND);
  return `${lines.trimEnd()}\n${remarks.map((remark) => `#[${remark}]\n`).join('')}`;
}

/** What a reader of a cell's distribution has to know besides. */
function remarksOn(analysis: CampaignAnalysis, { trials }: Cell): string[] {
  const isSaturated = trials.some(({ measures }) => measures.saturated);
  return [
    ...caveats(analysis).map(({ text }) => text),
    ...(isSaturated ? ['Saturated: starts were dropped, so that every value is a lower bound.'] : []),
  ];
}
