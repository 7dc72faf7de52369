import type { ResultCache } from './cache';
import type { TrialInput } from './campaign-input';
import type { PooledResult } from './cell-result';
import type { Engine } from './engine';
import type { Finding } from './finding';
import { bootstrapQuery, CREATE_TABLES, pooledQuery, windowsQuery } from './trial/queries';
import { traceBlob } from './trial/trace-blob';
import { PERCENTILE_NAMES, PERCENTILES, type AnalysisSettings, type PercentileName } from './settings';
import {
  pooledPercentileInterval,
  restsOnFewBursts,
  type PooledSamples,
  type WindowCount,
} from '../statistics/pooled-percentile';
import { loadTrial } from './trial/loading';
import { measureTrial } from './trial/measurement';
import type { TrialResult } from './trial/result';

/** One trial that counts, measured. */
export interface MeasuredTrial extends TrialResult {
  readonly input: TrialInput;
}

/** One cell, measured. */
export interface MeasuredCell {
  readonly trials: readonly MeasuredTrial[];
  readonly pooled: PooledResult | null;
  /** Compressed traces for the report's figures. */
  readonly traces: string;
  readonly findings: readonly Finding[];
  /** Trials that were computed now rather than taken from the cache. */
  readonly computed: number;
}

/** Windows of the load in which trials are held against each other: long enough that neighbours hardly depend on each other. */
export const LOAD_WINDOWS = 10;

type StoredTrial = TrialResult | { readonly excluded: Finding };
interface StoredCell {
  readonly pooled: PooledResult | null;
  readonly traces: string;
}

/** Measures the trials of one cell, taking from the cache what has not changed. */
export async function measureCell(
  engine: Engine,
  id: string,
  inputs: readonly TrialInput[],
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
    const slots = trials.filter((trial) => trial.measures.succeeded > 0).map((trial) => trial.slot);
    cell = {
      pooled: slots.length === 0 ? null : await pool(engine, slots, inputs[0].record.scheduledSeconds, settings),
      traces: traceBlob(trials),
    };
    cache.set(id, cellInputs, cell);
  }
  const findings = stored.flatMap((result) =>
    result === undefined ? [] : 'excluded' in result ? [result.excluded] : result.findings,
  );
  return { trials, ...cell, findings, computed: stale };
}

async function pool(
  engine: Engine,
  slots: readonly number[],
  scheduledSeconds: number,
  settings: AnalysisSettings,
): Promise<PooledResult> {
  const [point] = await engine.rows<{ samples: number; percentiles_ms: number[] }>(pooledQuery(slots));
  const values = point.percentiles_ms;
  const several = slots.length > 1;
  const sorted = several ? await sortedSamples(engine, slots) : slots.map(() => new Float64Array());
  const windows = several
    ? await windowCounts(engine, slots, values, scheduledSeconds / LOAD_WINDOWS)
    : PERCENTILES.map(() => []);
  const interval = (index: number) =>
    pooledPercentileInterval(
      values[index],
      PERCENTILES[index],
      { sorted, windows: windows[index] },
      settings.confidence,
    );
  return {
    samples: point.samples,
    percentiles: Object.fromEntries(PERCENTILE_NAMES.map((name, index) => [name, interval(index)])) as Record<
      PercentileName,
      ReturnType<typeof interval>
    >,
    fewBursts: PERCENTILE_NAMES.filter((_, index) => several && restsOnFewBursts(PERCENTILES[index], windows[index])),
  };
}

/** For each of the values, what each window of the load holds of each trial. */
async function windowCounts(
  engine: Engine,
  slots: readonly number[],
  values: readonly number[],
  windowSeconds: number,
): Promise<PooledSamples['windows'][]> {
  const rows = await engine.rows<Record<string, number>>(windowsQuery(slots, values, windowSeconds));
  const last = Math.max(...rows.map((row) => row['window_number']));
  return values.map((_, index) => {
    const windows: WindowCount[][] = Array.from({ length: last + 1 }, () =>
      slots.map(() => ({ requests: 0, slower: 0 })),
    );
    for (const row of rows)
      windows[row['window_number']][slots.indexOf(row['slot'])] = {
        requests: row['requests'],
        slower: row[`slower_${index}`],
      };
    return windows;
  });
}

async function sortedSamples(engine: Engine, slots: readonly number[]): Promise<Float64Array[]> {
  const { slot, response_ms: values } = await engine.columns<'slot' | 'response_ms'>(bootstrapQuery(slots));
  const starts = slots.map((wanted) => slot.indexOf(wanted));
  return [...slots].map((_, index) => values.subarray(starts[index], starts[index + 1] ?? values.length));
}
