import { readdirSync, readFileSync } from 'node:fs';

/** What the tier may take of a machine's memory, bytes: a newcomer's laptop has it beside a browser and an editor. */
export const MEMORY_LIMIT = 4 * 2 ** 30;

/** Milliseconds between two looks; one costs some hundredths of a second of CPU. */
const BETWEEN_LOOKS = 5000;

/** Remembers the most memory that a process and all below it held together. */
export class MemoryWatch {
  /** Bytes, at the look that saw the most. */
  peak = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly pid: number) {
    this.look();
    this.timer = setInterval(() => this.look(), BETWEEN_LOOKS);
    this.timer.unref();
  }

  end(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    this.peak = Math.max(this.peak, memoryOf(this.pid));
  }
}

/**
 * Memory of a process and all its descendants, bytes: the sum of their proportional set sizes, so that a page which several share
 * counts once. Processes in namespaces below it count; what the kernel caches of files does not.
 */
export function memoryOf(pid: number): number {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    // The name in brackets may hold blanks and brackets itself; state and parent follow the last one.
    const [, parent] = /^.*\) \S (\d+) /s.exec(read(`/proc/${entry}/stat`)) ?? [];
    if (parent !== undefined) children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(entry)]);
  }
  const sum = (each: number): number =>
    proportionalSetSize(each) + (children.get(each) ?? []).reduce((total, child) => total + sum(child), 0);
  return sum(pid);
}

function proportionalSetSize(pid: number): number {
  const [, kibibytes = '0'] = /^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`)) ?? [];
  return Number(kibibytes) * 1024;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // It ended while being looked at.
  }
}
