import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What one run of a program took, its children included. */
export interface ProcessCost {
  readonly seconds: number;
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
): Promise<ProcessCost> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, arguments_, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    child.stdout.on('data', (chunk) => (printed += chunk));
    child.stderr.on('data', (chunk) => (printed += chunk));
    let peakMiB = 0;
    const sampling = setInterval(() => (peakMiB = Math.max(peakMiB, residentMiB(child.pid!))), 10);
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(sampling);
      const seconds = (performance.now() - start) / 1000;
      if (code === 0) resolve({ seconds, peakMiB });
      else reject(new Error(`${program} ${arguments_.join(' ')} failed: ${printed.slice(-2000)}`));
    });
  });
}

/** Resident memory of a process and its descendants, from /proc. */
function residentMiB(pid: number): number {
  try {
    const kibibytes = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    return children.reduce((total, child) => total + residentMiB(Number(child)), kibibytes / 1024);
  } catch {
    return 0; // It has ended meanwhile.
  }
}
