import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { toolCache } from '../../tools/build';

/**
 * A fresh folder for one run, inside the tool cache. Its name starts with this process's id: folders whose process is gone
 * (a run that was killed) are removed first.
 */
export function createRunFolder(purpose: string): string {
  const parent = join(toolCache(), 'run');
  mkdirSync(parent, { recursive: true });
  for (const entry of readdirSync(parent)) {
    const pid = /^(\d+)-/.exec(entry)?.[1];
    if (pid && !existsSync(`/proc/${pid}`)) rmSync(join(parent, entry), { recursive: true, force: true });
  }
  return mkdtempSync(join(parent, `${process.pid}-${purpose}-`));
}
