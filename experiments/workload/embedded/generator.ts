import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { LoadGenerator, LoadOptions, LoadProgress, LoadResult } from '../generator';
import type { Load } from '../load';
import { threadSource } from '../thread-source';
import { COUNTERS, type WorkerInput, type WorkerOutput } from './protocol';

/** Milliseconds between two reports of progress. */
const PROGRESS_MS = 500;

/**
 * An open-model generator in a thread of its own: requests start on schedule whatever the system does, so a slow system
 * cannot slow the load down. It needs nothing but Node.
 */
export class EmbeddedGenerator implements LoadGenerator {
  run(load: Load, { onProgress, signal }: LoadOptions = {}): Promise<LoadResult> {
    signal?.throwIfAborted();
    const counters = new SharedArrayBuffer(Object.keys(COUNTERS).length * Int32Array.BYTES_PER_ELEMENT);
    const input: WorkerInput = { load, counters };
    const worker = new Worker(threadSource(join(__dirname, 'worker.ts')), {
      eval: true,
      workerData: input,
      execArgv: [],
      env: process.env,
    });
    const started = performance.now();
    const report = () => onProgress?.(progress(new Int32Array(counters), (performance.now() - started) / 1000));
    const timer = setInterval(report, PROGRESS_MS);
    return new Promise<LoadResult>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      worker.once('message', ({ startedAt, aborted, samples }: WorkerOutput) =>
        resolve({ generator: 'embedded', startedAt: new Date(startedAt), aborted, samples }),
      );
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`The load generator's thread ended early with code ${code}.`)));
    }).finally(() => {
      clearInterval(timer);
      report();
      return worker.terminate();
    });
  }
}

function progress(counters: Int32Array, seconds: number): LoadProgress {
  const read = (counter: number) => Atomics.load(counters, counter);
  return {
    seconds,
    started: read(COUNTERS.started),
    finished: read(COUNTERS.finished),
    failed: read(COUNTERS.failed),
    dropped: read(COUNTERS.dropped),
    inFlight: read(COUNTERS.inFlight),
  };
}
