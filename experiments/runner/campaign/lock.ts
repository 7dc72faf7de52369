import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One process at a time runs a campaign: returns the way to release it. A lock whose process is gone does not count.
 *
 * @throws {Error} when another process holds it.
 */
export function lockCampaign(folder: string): () => void {
  const file = join(folder, 'runner.lock');
  if (!tryLock(file)) {
    const holder = holderOf(file);
    if (holder > 0 && holder !== process.pid && isAlive(holder)) throw isHeld(holder, folder);
    rmSync(file, { force: true });
    if (!tryLock(file)) throw isHeld(holderOf(file), folder);
  }
  return () => rmSync(file, { force: true });
}

/** Returns false where there is a lock: whoever makes the file has it. */
function tryLock(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function holderOf(file: string): number {
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
}

function isHeld(holder: number, folder: string): Error {
  return new Error(`Process ${holder} runs the campaign in ${folder} already: wait for it, or end it.`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A pid may have been given to another program since.
    return !existsSync(`/proc/${pid}/cmdline`) || readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('node');
  } catch {
    return false;
  }
}
