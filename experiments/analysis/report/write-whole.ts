import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AnalysisError } from '../measurement/finding';

/**
 * All or nothing: a report that is being read is never half new.
 *
 * @throws {AnalysisError} when the file cannot be written.
 */
export function writeWhole(path: string, content: string | Buffer): string {
  const partial = `${path}.partial-${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(partial, content);
    renameSync(partial, path);
    return path;
  } catch (error) {
    rmSync(partial, { force: true });
    throw new AnalysisError(
      `${path} cannot be written (${(error as Error).message}): name another place with --output.`,
    );
  }
}
