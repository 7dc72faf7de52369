import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WARM_UP } from '../../../experiments/plan';
import { answerUnitOperations, DELAY_MS } from './file-world';
import { oneAttempt } from './one-attempt';

/**
 * A trial against a name that resolves elsewhere from the midst of the load on; prints the verdict. It replaces /etc/hosts, and so
 * runs in a mount namespace of its own.
 */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'moved-name-'));
  const hosts = join(folder, 'hosts');
  const resolveTo = (address: string) => writeFileSync(hosts, `${address} system-under-test\n`);
  resolveTo('127.0.0.2');
  execFileSync('mount', ['--bind', hosts, '/etc/hosts']);
  let requests = 0;
  const server = http.createServer((request, response) => {
    if (++requests === WARM_UP.requests + 15) resolveTo('127.0.0.3');
    setTimeout(() => answerUnitOperations(request, response), DELAY_MS);
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const url = `http://system-under-test:${(server.address() as AddressInfo).port}`;
  const record = await oneAttempt({
    scale: { rate: 0.5, duration: 1 / 60 },
    change: ({ cluster }) => ({ cluster: { ...cluster, url: () => url } }),
  });
  server.close();
  execFileSync('umount', ['/etc/hosts']);
  rmSync(folder, { recursive: true });
  process.stdout.write(JSON.stringify(record));
}

void main();
