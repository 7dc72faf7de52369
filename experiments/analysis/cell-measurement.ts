import type { ResultCache } from './cache';
import type { TrialInput } from './campaign-input';
import type { PooledResult } from './cell-result';
import type { Engine } from './engine';
import type { Finding } from './problem';
import { bootstrapQuery, CREATE_TABLES, pooledQuery } from './queries';
import { traceBlob } from './trace-blob';
import { PERCENTILE_NAMES, PERCENTILES, type AnalysisSettings, type PercentileName } from './settings';
import { bootstrapInterval, resampledPercentile, trialResamples } from './statistics/trial-bootstrap';
import { loadTrial } from './trial-loading';
import { measureTrial } from './trial-measurement';
import type { TrialResult } from './trial-result';

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
    cell = { pooled: slots.length === 0 ? null : await pool(engine, slots, settings), traces: traceBlob(trials) };
    cache.set(id, cellInputs, cell);
  }
  const findings = stored.flatMap((result) =>
    result === undefined ? [] : 'excluded' in result ? [result.excluded] : result.findings,
  );
  return { trials, ...cell, findings, computed: stale };
}

async function pool(engine: Engine, slots: readonly number[], settings: AnalysisSettings): Promise<PooledResult> {
  const [point] = await engine.rows<{ samples: number; percentiles_ms: number[] }>(pooledQuery(slots));
  const resamples = trialResamples(slots.length);
  const sorted = slots.length > 1 ? await sortedSamples(engine, slots) : [];
  const interval = (index: number) =>
    bootstrapInterval(
      point.percentiles_ms[index],
      slots.length > 1 ? resamples.map(({ counts }) => resampledPercentile(sorted, counts, PERCENTILES[index])) : [],
      resamples,
      slots.length,
      settings.confidence,
    );
  return {
    samples: point.samples,
    percentiles: Object.fromEntries(PERCENTILE_NAMES.map((name, index) => [name, interval(index)])) as Record<
      PercentileName,
      ReturnType<typeof interval>
    >,
  };
}

async function sortedSamples(engine: Engine, slots: readonly number[]): Promise<Float64Array[]> {
  const { slot, response_ms: values } = await engine.columns<'slot' | 'response_ms'>(bootstrapQuery(slots));
  const starts = slots.map((wanted) => slot.indexOf(wanted));
  return [...slots].map((_, index) => values.subarray(starts[index], starts[index + 1] ?? values.length));
}
