import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { toolCache } from '../../tools/build';

const PARENT = () => join(toolCache(), 'run');

/**
 * A fresh folder for one run, inside the tool cache. Its name starts with this process's id: folders whose process is gone
 * (a run that was killed) are removed first.
 */
export function createRunFolder(purpose: string): string {
  removeStaleRunFolders();
  mkdirSync(PARENT(), { recursive: true });
  return mkdtempSync(join(PARENT(), `${process.pid}-${purpose}-`));
}

/** Every run folder, and whether the process that made it still runs. */
export function runFolders(): { path: string; alive: boolean }[] {
  if (!existsSync(PARENT())) return [];
  return readdirSync(PARENT()).map((entry) => ({
    path: join(PARENT(), entry),
    alive: existsSync(`/proc/${entry.split('-')[0]}`),
  }));
}

/** Removes the folders of runs that were killed. */
export function removeStaleRunFolders(): void {
  for (const { path, alive } of runFolders()) if (!alive) rmSync(path, { recursive: true, force: true });
}
