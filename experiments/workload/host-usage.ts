import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';

/** Milliseconds between two looks at the host. */
const INTERVAL_MS = 1000;

/** One second of a generator's host. */
export interface HostSample {
  /** On the clock that the watch was given. */
  readonly at: number;
  /** Busy share of all cores, 0 to 1. */
  readonly cpu: number;
  /** Used share of memory, 0 to 1. */
  readonly memory: number;
}

/** Watches CPU and memory of the machine that this runs on, every second; in a container, of its node. */
export function watchHost(now: () => number): { stop(): readonly HostSample[] } {
  const samples: HostSample[] = [];
  let before = cpuTimes();
  const look = () => {
    const times = cpuTimes();
    const total = times.total - before.total;
    // A look right after another would divide by almost nothing.
    if (total > 0) samples.push({ at: now(), cpu: 1 - (times.idle - before.idle) / total, memory: memoryInUse() });
    before = times;
  };
  const timer = setInterval(look, INTERVAL_MS);
  return {
    stop: () => {
      clearInterval(timer);
      if (samples.length === 0) look();
      return samples;
    },
  };
}

/** Milliseconds that all cores together have spent, and spent idle. */
function cpuTimes(): { total: number; idle: number } {
  let total = 0;
  let idle = 0;
  for (const { times } of os.cpus()) {
    total += times.user + times.nice + times.sys + times.idle + times.irq;
    idle += times.idle;
  }
  return { total, idle };
}

/** Used share of memory; what the kernel can give back at once counts as free. */
export function memoryInUse(): number {
  if (!existsSync('/proc/meminfo')) return 1 - os.freemem() / os.totalmem();
  const information = readFileSync('/proc/meminfo', 'utf8');
  const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(information)?.[1]);
  return 1 - read('MemAvailable') / read('MemTotal');
}
