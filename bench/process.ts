import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What one run of a program took, its children included. */
export interface ProcessCost {
  readonly seconds: number;
  /** Processor time of the program and its children, which other programs on the machine hardly change. */
  readonly cpuSeconds: number;
  /** The most that the program and its children held at once, MiB; sampled every 10 ms. */
  readonly peakMiB: number;
}

/**
 * Runs a program to its end.
 *
 * @throws Error with what it printed when it fails.
 */
export function measureProcess(
  program: string,
  arguments_: readonly string[],
  environment: NodeJS.ProcessEnv,
  folder?: string,
): Promise<ProcessCost> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, arguments_, {
      ...(folder !== undefined && { cwd: folder }),
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    child.stdout.on('data', (chunk) => (printed += chunk));
    child.stderr.on('data', (chunk) => (printed += chunk));
    let [peakMiB, ticks] = [0, 0];
    const sampling = setInterval(() => {
      const usage = usageOf(child.pid!);
      [peakMiB, ticks] = [Math.max(peakMiB, usage.mebibytes), Math.max(ticks, usage.ticks)];
    }, 10);
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(sampling);
      const seconds = (performance.now() - start) / 1000;
      if (code === 0) resolve({ seconds, cpuSeconds: ticks / TICKS_PER_SECOND, peakMiB });
      else reject(new Error(`${program} ${arguments_.join(' ')} failed: ${printed.slice(-2000)}`));
    });
  });
}

/** The unit of times in /proc: USER_HZ, which is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Resident memory and processor time of a process and its descendants, from /proc (proc(5)). */
function usageOf(pid: number): { mebibytes: number; ticks: number } {
  try {
    const kibibytes = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    // After the name in brackets; utime and stime, and those of children that have ended (fields 14 to 17).
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
      .slice(11, 15)
      .map(Number);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    return children
      .map((child) => usageOf(Number(child)))
      .reduce((total, one) => ({ mebibytes: total.mebibytes + one.mebibytes, ticks: total.ticks + one.ticks }), {
        mebibytes: kibibytes / 1024,
        ticks: fields.reduce((total, field) => total + field, 0),
      });
  } catch {
    return { mebibytes: 0, ticks: 0 }; // It has ended meanwhile.
  }
}
