import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs `work` while holding an exclusive lock on a file. A small `flock` process holds it and ends with its standard input,
 * so the lock cannot outlive this process, however it ends; `onWait` is told when another holds it for more than a second.
 *
 * @throws Error when `flock` (util-linux) is missing, or whatever `work` throws.
 */
export async function withLock<T>(file: string, work: () => Promise<T>, onWait: () => void): Promise<T> {
  const holder = spawn('flock', [file, 'sh', '-c', 'echo held; exec cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = setTimeout(onWait, 1000);
  await Promise.race([
    once(holder.stdout, 'data'),
    once(holder, 'error').then(([error]) => {
      throw new Error(`tools: cannot lock ${file}: ${(error as Error).message}; install util-linux`);
    }),
    once(holder, 'exit').then(() => {
      throw new Error(`tools: cannot lock ${file}: flock ended early; is the folder writable?`);
    }),
  ]).finally(() => clearTimeout(waiting));
  try {
    return await work();
  } finally {
    const ended = once(holder, 'exit');
    holder.stdin.end();
    await ended;
  }
}
