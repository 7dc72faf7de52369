import { closeSync, fsyncSync, linkSync, openSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Writes a file all or nothing: a reader sees it whole or not at all, and an existing file is never replaced.
 *
 * @throws {Error} with code EEXIST when the file exists, ENOSPC when the disk is full.
 */
export function writeNewFile(path: string, content: string): void {
  const partial = `${path}.partial-${process.pid}`;
  try {
    const descriptor = openSync(partial, 'w');
    try {
      writeFileSync(descriptor, content); // Unlike writeSync, it does not stop at what fitted on a full disk.
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    linkSync(partial, path); // Unlike a rename, a link never replaces a file.
  } finally {
    rmSync(partial, { force: true });
  }
}
