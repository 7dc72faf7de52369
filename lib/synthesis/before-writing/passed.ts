import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where slow checks keep what they and the compiler need not look at again; removed with the packages. */
const CACHE = join(__dirname, '..', '..', '..', 'node_modules', '.cache');

/** Whether a check agreed to the very same content before. */
export function hasPassed(check: string, digest: string): boolean {
  return existsSync(join(CACHE, check, digest));
}

/** Remembers that it agreed. A folder that cannot be written to costs time, not correctness. */
export function keepPassed(check: string, digest: string): void {
  try {
    mkdirSync(join(CACHE, check), { recursive: true });
    writeFileSync(join(CACHE, check, digest), '');
  } catch {
    // The check is made again.
  }
}
