import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { EmbeddedGenerator, threadSource } from '../experiments/workload';
import type { Benchmark } from './index';

const RATE = 200;
const SECONDS = 15;
const TARGET_P99_MS = 2;

/** How late the embedded generator's starts are at the highest rate of the plan. */
export const benchmark: Benchmark = {
  title: `Embedded generator: start error at ${RATE} requests per second over ${SECONDS} s`,
  async run() {
    const { url, stop } = await startTarget();
    const stages = [
      { target: RATE, seconds: 0.001 },
      { target: RATE, seconds: SECONDS },
    ];
    const request = { method: 'GET' as const, url, headers: {} };
    const { samples } = await new EmbeddedGenerator().run({ trial: 'bench', stages, request });
    await stop();
    const late = Array.from(samples.started_s, (start, row) => (start - samples.scheduled_s[row]!) * 1000).sort(
      (a, b) => a - b,
    );
    const failed = samples.error.filter((error) => error !== 0).length;
    const at = (share: number) => late[Math.min(late.length - 1, Math.floor(share * late.length))]!;
    console.log(`requests ${late.length}, failed ${failed}`);
    console.log(`start error ms: p50 ${at(0.5).toFixed(3)}, p99 ${at(0.99).toFixed(3)}, highest ${at(1).toFixed(3)}`);
    const met = at(0.99) < TARGET_P99_MS && failed === 0;
    console.log(`target p99 < ${TARGET_P99_MS} ms: ${met ? 'met' : 'MISSED (is the machine otherwise idle?)'}`);
    return met;
  },
};

/** A server in a thread of its own that answers after 10 ms. */
async function startTarget(): Promise<{ url: string; stop(): Promise<unknown> }> {
  const thread = new Worker(threadSource(join(__dirname, 'generator-target.ts')), { eval: true, execArgv: [] });
  const port = await new Promise<number>((resolve, reject) => thread.once('message', resolve).once('error', reject));
  return { url: `http://127.0.0.1:${port}/`, stop: () => thread.terminate() };
}
