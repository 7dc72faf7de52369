import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { Authority } from '../fixtures/certificates';
import { issueServerCertificate, servedSerial } from './certificates';
import { memoryOf } from './memory';
import { traces } from './traces';

test('memory is that of a process and all below it, and a page that two share counts once', async () => {
  // Each of the two maps 100 MiB, the same ones.
  const script = '$| = 1; $size = 100 * 2 ** 20; $held = "a" x $size; if (fork == 0) { print "ready"; sleep 60 } wait';
  const child = spawn('perl', ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  try {
    await once(child.stdout, 'data');
    const mebibytes = memoryOf(child.pid!) / 2 ** 20;
    expect(mebibytes).toBeGreaterThan(100);
    expect(mebibytes).toBeLessThan(150);
  } finally {
    process.kill(-child.pid!, 'SIGKILL');
  }
  expect(memoryOf(spawnSync('true').pid)).toBe(0);
});

describe('what a live cluster left', () => {
  const cache = mkdtempSync(join(tmpdir(), 'traces-'));
  const before = process.env.XDG_CACHE_HOME;
  const proc = join(cache, 'proc');
  const folder = (pid: number) => join(cache, 'ahuora-platform', 'run', `${pid}-live-abc`);

  beforeAll(() => {
    process.env.XDG_CACHE_HOME = cache;
    for (const pid of [11, 13]) mkdirSync(folder(pid), { recursive: true });
    const processes = {
      11: 'jest',
      20: `etcd --data-dir=${folder(11)}/etcd`,
      21: `etcd --data-dir=${folder(13)}/etcd`,
    };
    for (const [pid, command] of Object.entries(processes)) {
      mkdirSync(join(proc, pid), { recursive: true });
      writeFileSync(join(proc, pid, 'cmdline'), command.replaceAll(' ', '\0'));
    }
    mkdirSync(join(proc, 'self'));
    const mount = (pid: number) => `1 2 0:3 / ${folder(pid)}/nodes/control/lib rw - ext4`;
    writeFileSync(join(proc, 'self', 'mountinfo'), [mount(11), mount(13)].join('\n'));
  });
  afterAll(() => {
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
    rmSync(cache, { recursive: true });
  });

  test('is the folder, mount and process of a run whose process is gone, and nothing of one that runs', () => {
    const found = traces(proc).filter((each) => each.includes('-live-abc'));
    expect(found.map((each) => each.replaceAll(cache, ''))).toEqual([
      'mount 1 2 0:3 / /ahuora-platform/run/13-live-abc/nodes/control/lib rw - ext4',
      'folder 13-live-abc',
      'process 21: etcd --data-dir=/ahuora-platform/run/13-live-abc/etcd',
    ]);
  });
});

test('a renewed certificate has another serial number than the one a server goes on showing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  const authority = Authority.make(folder, 'test');
  const serve = async () => {
    const { certificate, key } = authority.pair('apiserver');
    const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return { server, serial: () => servedSerial((server.address() as AddressInfo).port) };
  };
  issueServerCertificate(authority);
  const old = await serve();
  const before = await old.serial();
  issueServerCertificate(authority);
  const renewed = await serve();
  try {
    expect(before).toMatch(/^[0-9A-F]{16,}$/);
    expect(await old.serial()).toBe(before);
    expect(await renewed.serial()).not.toBe(before);
  } finally {
    old.server.close();
    renewed.server.close();
    rmSync(folder, { recursive: true });
  }
});
