import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listing } from './file-system';

/** Makes files and takes them away again for as long as it runs. */
const BUSY = `
const fs = require('node:fs');
for (let number = 0; ; number++) {
  const names = Array.from({ length: 40 }, (_, index) => \`\${process.argv[1]}/of-milliseconds.\${number}.\${index}\`);
  for (const name of names) fs.writeFileSync(name, 'x');
  for (const name of names) fs.unlinkSync(name);
}`;

test('a file that goes away while a running system is listed is no failure, and what stays is listed', async () => {
  const root = mkdtempSync(join(tmpdir(), 'listing-'));
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc', 'kept'), 'kept');
  const busy = spawn(process.execPath, ['--eval', BUSY, join(root, 'etc')], { stdio: 'ignore' });
  try {
    let seen = 0;
    const end = Date.now() + 5000;
    while (seen < 20 && Date.now() < end) {
      const files = [...listing(root).keys()];
      expect(files).toContain('/etc/kept');
      if (files.length > 2) seen += 1;
    }
    expect(seen).toBe(20);
  } finally {
    busy.kill('SIGKILL');
    await once(busy, 'exit');
    rmSync(root, { recursive: true });
  }
});
