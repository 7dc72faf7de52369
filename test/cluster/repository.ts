import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { settings } from '../../facts/settings';

const ROOT = join(__dirname, '..', '..');

/**
 * The files of `dist/` as they would be committed, by path, with one change: the address of the repository is that of the
 * test's git server, so that nothing is asked of the real one.
 */
export function distAt(repositoryUrl: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(join(ROOT, 'dist'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [
        file.slice(ROOT.length + 1),
        readFileSync(file, 'utf8').replaceAll(settings.repositoryUrl, repositoryUrl),
      ]),
  );
}
