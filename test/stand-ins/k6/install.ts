import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Puts the stand-in into a folder of its own as an executable named `k6`. */
export function installK6StandIn(): { readonly command: string; readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'k6-stand-in-'));
  const command = join(folder, 'k6');
  const tsx = createRequire(__filename).resolve('tsx/cli');
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${tsx}' '${join(__dirname, 'run.ts')}' "$@"\n`);
  chmodSync(command, 0o755);
  return { command, folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
