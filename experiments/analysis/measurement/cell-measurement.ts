import type { ResultCache } from './cache';
import type { RecordedTrial } from './campaign-input';
import type { PooledResult } from './cell-result';
import type { Engine } from './engine';
import type { TrialFinding } from './finding';
import { bootstrapQuery, CREATE_TABLES, pooledQuery, windowsQuery } from './trial/queries';
import { traceBlob } from './trial/trace-blob';
import {
  LEAST_REQUESTS_ABOVE,
  PERCENTILE_NAMES,
  PERCENTILES,
  type AnalysisSettings,
  type PercentileName,
  LOAD_WINDOWS,
} from './settings';
import { pooledMeanInterval } from '../statistics/pooled/mean';
import { pooledPercentileInterval } from '../statistics/pooled/percentile';
import type { WindowCount, WindowSum } from '../statistics/pooled/window-scatter';
import type { Bounds, Interval } from '../statistics/mean-interval';
import { loadTrial } from './trial/loading';
import { measureTrial } from './trial/measurement';
import type { TrialFigures } from './trial/result';

/** One trial that counts, measured. */
export interface TrialOfCell extends TrialFigures {
  readonly input: RecordedTrial;
}

/** One cell, measured. */
export interface MeasuredCell {
  readonly trials: readonly TrialOfCell[];
  readonly pooled: PooledResult | null;
  /** Compressed traces for the report's figures. */
  readonly traces: string;
  readonly findings: readonly TrialFinding[];
  /** Trials that were computed now rather than taken from the cache. */
  readonly computed: number;
}

type StoredTrial = TrialFigures | { readonly excluded: TrialFinding };
interface StoredCell {
  readonly pooled: PooledResult | null;
  readonly traces: string;
}

/** Measures the trials of one cell, taking from the cache what has not changed. */
export async function measureCell(
  engine: Engine,
  id: string,
  inputs: readonly RecordedTrial[],
  settings: AnalysisSettings,
  cache: ResultCache,
): Promise<MeasuredCell> {
  const stored = inputs.map((input) => cache.get<StoredTrial>(input.folder, input.fingerprint));
  const cellInputs = inputs.map((input) => `${input.folder}:${input.fingerprint}`).join();
  let cell = cache.get<StoredCell>(id, cellInputs);
  const stale = stored.filter((result) => result === undefined).length;

  if (cell === undefined || stale > 0) {
    await engine.run(CREATE_TABLES);
    for (const [slot, input] of inputs.entries()) {
      const known = stored[slot];
      if (known !== undefined && 'excluded' in known) continue;
      const problem = await loadTrial(engine, slot, input);
      stored[slot] =
        problem === null ? (known ?? (await measureTrial(engine, slot, input, settings))) : { excluded: problem };
      if (known === undefined) cache.set(input.folder, input.fingerprint, stored[slot]);
    }
  }

  const trials = inputs.flatMap((input, slot) => {
    const result = stored[slot];
    return result === undefined || 'excluded' in result ? [] : [{ input, ...result, slot }];
  });
  if (cell === undefined || stale > 0) {
    const answered = trials.filter((trial) => trial.measures.succeeded > 0);
    cell = {
      pooled: answered.length === 0 ? null : await pool(engine, answered, inputs[0].record.scheduledSeconds, settings),
      traces: traceBlob(trials),
    };
    cache.set(id, cellInputs, cell);
  }
  const findings = stored.flatMap((result) =>
    result === undefined ? [] : 'excluded' in result ? [result.excluded] : result.findings,
  );
  return { trials, ...cell, findings, computed: stale };
}

type SlottedTrial = TrialOfCell & { readonly slot: number };

interface PooledRow {
  readonly samples: number;
  readonly percentiles_ms: readonly number[];
  readonly scheduled_percentiles_ms: readonly number[];
  readonly spectrum_ms: readonly number[];
}

async function pool(
  engine: Engine,
  trials: readonly SlottedTrial[],
  scheduledSeconds: number,
  settings: AnalysisSettings,
): Promise<PooledResult> {
  const slots = trials.map(({ slot }) => slot);
  const [point] = await engine.rows<PooledRow & Record<string, unknown>>(pooledQuery(slots));
  const values = point.percentiles_ms;
  const several = slots.length > 1;
  const sorted = several ? await sortedSamples(engine, slots) : slots.map(() => new Float64Array());
  const windows = several ? await loadWindows(engine, slots, values, scheduledSeconds / LOAD_WINDOWS) : [];
  const saturated = trials.some(({ measures }) => measures.saturated);
  const bounds = possibleTimes(point.spectrum_ms, trials[0].input.plan.generator.timeoutSeconds);
  const percentile = (index: number) => {
    if (point.samples * (1 - PERCENTILES[index]) < LEAST_REQUESTS_ABOVE) return null;
    const counts = windows.map((window) => window.map(({ requests, slower }) => ({ requests, slower: slower[index] })));
    return censored(
      pooledPercentileInterval(
        values[index],
        PERCENTILES[index],
        { sorted, windows: counts },
        settings.confidence,
        bounds,
      ),
      saturated,
    );
  };
  const mean = pooledMeanInterval(
    trials.flatMap(({ measures }) => measures.mean ?? []),
    windows,
    settings.confidence,
    bounds,
  );
  return {
    samples: point.samples,
    percentiles: byName((index) => percentile(index)),
    mean: mean === null ? null : censored(mean, saturated),
    fromSchedule: byName((index) => point.scheduled_percentiles_ms[index]),
    spectrum: point.spectrum_ms,
  };
}

function byName<Value>(of: (index: number) => Value): Record<PercentileName, Value> {
  return Object.fromEntries(PERCENTILE_NAMES.map((name, index) => [name, of(index)])) as Record<PercentileName, Value>;
}

/** No response is faster than the fastest seen is likely to be, and none outlasts the time-out. */
function possibleTimes(spectrum: readonly number[], timeoutSeconds: number): Bounds {
  return { least: spectrum[0], most: Math.max(timeoutSeconds * 1000, spectrum[spectrum.length - 1]) };
}

/** Starts that were dropped would have waited longer than those that were let in: what is seen is a lower bound. */
function censored(interval: Interval, saturated: boolean): Interval {
  return saturated ? { ...interval, high: null, atLeast: true } : interval;
}

interface LoadWindow extends WindowSum {
  /** For each of the values, how many requests were slower. */
  readonly slower: readonly WindowCount['slower'][];
}

/** What each window of the load holds of each trial. */
async function loadWindows(
  engine: Engine,
  slots: readonly number[],
  values: readonly number[],
  windowSeconds: number,
): Promise<LoadWindow[][]> {
  const rows = await engine.rows<Record<string, number>>(windowsQuery(slots, values, windowSeconds));
  const last = Math.max(...rows.map((row) => row['window_number']));
  const nothing: LoadWindow = { requests: 0, sum: 0, slower: values.map(() => 0) };
  const windows: LoadWindow[][] = Array.from({ length: last + 1 }, () => slots.map(() => nothing));
  for (const row of rows)
    windows[row['window_number']][slots.indexOf(row['slot'])] = {
      requests: row['requests'],
      sum: row['total_ms'],
      slower: values.map((_, index) => row[`slower_${index}`]),
    };
  return windows;
}

async function sortedSamples(engine: Engine, slots: readonly number[]): Promise<Float64Array[]> {
  const { slot, response_ms: values } = await engine.columns<'slot' | 'response_ms'>(bootstrapQuery(slots));
  const starts = slots.map((wanted) => slot.indexOf(wanted));
  return [...slots].map((_, index) => values.subarray(starts[index], starts[index + 1] ?? values.length));
}
