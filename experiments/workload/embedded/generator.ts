import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { LoadGenerator, LoadOptions, LoadResult, RecentResponses } from '../generator';
import type { Load } from '../load';
import { threadSource } from '../thread-source';
import { progress } from './generator-progress';
import { COUNTERS, type WorkerInput, type WorkerOutput } from './protocol';
import { RecentTimes } from './recent-times';

/** Milliseconds between two reports of progress. */
const PROGRESS_MS = 500;
/** Response times are shown for this many reports: five seconds. */
const WINDOW_REPORTS = 10;

/**
 * An open-model generator in a thread of its own: requests start on schedule whatever the system does, so a slow system
 * cannot slow the load down. It needs nothing but Node.
 */
export class EmbeddedGenerator implements LoadGenerator {
  run(load: Load, { onProgress, signal }: LoadOptions = {}): Promise<LoadResult> {
    signal?.throwIfAborted();
    const counters = new SharedArrayBuffer(Object.keys(COUNTERS).length * Int32Array.BYTES_PER_ELEMENT);
    const recent = new SharedArrayBuffer(RecentTimes.BYTES);
    const input: WorkerInput = { load, counters, recent };
    // One reading of the wall clock, before the load: whatever is done to it later, the start keeps its place.
    const [wall, monotonic] = [Date.now(), process.hrtime.bigint()];
    const worker = new Worker(threadSource(join(__dirname, 'worker.ts')), {
      eval: true,
      workerData: input,
      execArgv: [],
      env: process.env,
    });
    const started = performance.now();
    const window = new RecentWindow(new RecentTimes(recent));
    const report = () =>
      onProgress?.({
        ...progress(new Int32Array(counters), (performance.now() - started) / 1000),
        ...window.look(),
      });
    const timer = setInterval(report, PROGRESS_MS);
    let onAbort: () => void = () => undefined;
    return new Promise<LoadResult>((resolve, reject) => {
      onAbort = () => reject(signal?.reason as Error);
      signal?.addEventListener('abort', onAbort);
      worker.once('message', ({ startedAt, ...rest }: WorkerOutput) =>
        resolve({
          generator: 'embedded',
          startedAt: new Date(wall + Number(startedAt - monotonic) / 1e6),
          ...rest,
        }),
      );
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`The load generator's thread ended early with code ${code}.`)));
    }).finally(() => {
      clearInterval(timer);
      // The signal outlives the load: it is the whole campaign's.
      signal?.removeEventListener('abort', onAbort);
      report();
      return worker.terminate();
    });
  }
}

/** Response times of the last few reports, so that a figure does not jump with each of them. */
class RecentWindow {
  private readonly seen: number[] = [0];

  constructor(private readonly times: RecentTimes) {}

  look(): { recent?: RecentResponses } {
    const { seen, recent } = this.times.since(this.seen[0]!);
    this.seen.push(seen);
    if (this.seen.length > WINDOW_REPORTS) this.seen.shift();
    return recent === undefined ? {} : { recent };
  }
}
