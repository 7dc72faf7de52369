import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OpenModelLoad } from '../embedded/open-model-load';
import { progress } from '../embedded/generator-progress';
import { COUNTERS } from '../embedded/protocol';
import { RecentTimes } from '../embedded/recent-times';
import { watchHost } from '../host-usage';
import type { Load } from '../load';
import { encodeResult } from './result-file';
import { shareOfLoad } from '../share';

/** Milliseconds between two lines of progress. */
const PROGRESS_MS = 2000;
/** How long the result is kept for the runner to fetch, seconds. */
const KEPT_SECONDS = 600;

/**
 * One generator of an Indexed Job: sends its share of a load from the common start, writes `result` into the folder, and stays until
 * the runner has fetched it. Its index is the one that Kubernetes gives each pod of such a Job.
 */
async function main([loadFile, folder]: readonly string[]): Promise<void> {
  const { of, startAt, ...load } = JSON.parse(readFileSync(loadFile!, 'utf8')) as Load & {
    of: number;
    startAt: number;
  };
  const share = { index: Number(process.env['JOB_COMPLETION_INDEX']), of };
  const late = Date.now() - startAt;
  if (late > 0) throw new Error(`Generator ${share.index} was there ${late} ms after the common start.`);
  // Finer than Date.now(), and the clock that the load's own start is read on.
  const [wall, monotonic] = [performance.timeOrigin + performance.now(), process.hrtime.bigint()];
  const counters = new SharedArrayBuffer(Object.keys(COUNTERS).length * Int32Array.BYTES_PER_ELEMENT);
  const host = watchHost(Date.now);
  const timer = setInterval(
    () => console.log(JSON.stringify(progress(new Int32Array(counters), (Date.now() - startAt) / 1000))),
    PROGRESS_MS,
  );
  const recent = new SharedArrayBuffer(RecentTimes.BYTES);
  const output = await new OpenModelLoad({ load: shareOfLoad(load, share, startAt), counters, recent }).run();
  clearInterval(timer);
  const startedAt = new Date(Math.round(wall + Number(output.startedAt - monotonic) / 1e6));
  const bytes = encodeResult({ generator: 'embedded', ...output, startedAt, host: host.stop() });
  // Nobody ever fetches half a result.
  writeFileSync(join(folder!, 'unfinished'), bytes);
  renameSync(join(folder!, 'unfinished'), join(folder!, 'result'));
  setTimeout(() => process.exit(1), KEPT_SECONDS * 1000);
  // The runner ends it once it has the result.
  process.once('SIGTERM', () => process.exit(0));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error((error as Error).message);
  process.exit(1);
});
