import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GATE_LIMITS } from '../experiments/campaign';
import { EmbeddedGenerator } from '../experiments/workload';
import { selfSigned } from '../test/fixtures/certificates';
import type { Benchmark } from './index';

const RATES = [30, 130] as const;
const SECONDS = 15;
/** Of a retrieval's answer, as the measured campaigns saw it. */
const ANSWER_BYTES = 45_000;
/** What docs/scale-on-paper.md asks about, requests per second. */
const ON_PAPER = 10_000;

/** What one request costs the embedded generator in processor time, and so how many cores a rate needs. */
export const benchmark: Benchmark = {
  title: `Embedded generator: processor time of a request on a TLS connection of its own, answer of ${ANSWER_BYTES / 1000} kB`,
  async run() {
    const target = await startTarget();
    try {
      const costs: { requests: number; cpuMs: number }[] = [];
      for (const rate of RATES) costs.push(await costOf(target.url, rate));
      const [less, more] = costs as [(typeof costs)[0], (typeof costs)[0]];
      // The difference leaves out what a load costs whatever its rate.
      const each = (more.cpuMs - less.cpuMs) / (more.requests - less.requests);
      const cores = (ON_PAPER * each) / 1000 / GATE_LIMITS.generatorCpu;
      console.log(
        `requests ${less.requests} and ${more.requests}, processor time ${less.cpuMs.toFixed(0)} and ${more.cpuMs.toFixed(0)} ms`,
      );
      console.log(
        `a request costs ${each.toFixed(2)} ms; ${ON_PAPER} per second ask for ${cores.toFixed(1)} such cores`,
      );
      return each > 0;
    } finally {
      target.stop();
    }
  },
};

async function costOf(url: string, rate: number): Promise<{ requests: number; cpuMs: number }> {
  const stages = [
    { target: rate, seconds: 0.001 },
    { target: rate, seconds: SECONDS },
  ];
  const before = process.cpuUsage();
  const { samples } = await new EmbeddedGenerator().run({
    trial: 'bench',
    stages,
    request: { method: 'GET', url, headers: {} },
  });
  const { user, system } = process.cpuUsage(before);
  const failed = samples.error.subarray(0, samples.rows).filter((error) => error !== 0).length;
  if (failed > 0)
    throw new Error(`${failed} of ${samples.rows} requests failed: the machine is too busy to measure a cost.`);
  return { requests: samples.rows, cpuMs: (user + system) / 1000 };
}

/** In a process of its own, whose processor time is not the generator's. */
async function startTarget(): Promise<{ url: string; stop(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'generator-cost-'));
  const { key, certificate } = selfSigned(folder, 'bench');
  const program = ['--import', 'tsx', join(__dirname, 'tls-target.ts'), key, certificate, String(ANSWER_BYTES)];
  const child = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    url: `https://127.0.0.1:${String(port).trim()}/`,
    stop() {
      child.kill();
      rmSync(folder, { recursive: true });
    },
  };
}
