import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArrivalSchedule } from '../../../experiments/plan';
import { decodeResult, mergeResults, podProgram, type LoadResult } from '../../../experiments/workload';
import { encodeResult } from '../../../experiments/workload/pod/result-file';
import { eventually } from '../../cluster/eventually';

// Longer than the test's own bounds together: its wait for the common start, the load, and the results.
jest.setTimeout(30_000);

const stages = [{ seconds: 1, target: 60 }];
let folder: string;
let server: http.Server;
let children: ChildProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pods-'));
  server = http.createServer((_, response) => void response.end('answer'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Bundled before anything is timed.
  writeFileSync(join(folder, 'program.cjs'), podProgram());
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/** Starts one generator as a pod of an Indexed Job would: nothing but Node, its file, the load, and its index. */
function generator(index: number, of: number, startAt: number): ChildProcess {
  const { port } = server.address() as AddressInfo;
  const request = { method: 'GET', url: `http://127.0.0.1:${port}/`, headers: {} };
  writeFileSync(join(folder, 'load.json'), JSON.stringify({ trial: 'one', stages, request, of, startAt }));
  const results = join(folder, String(index));
  mkdirSync(results);
  const child = spawn(process.execPath, [join(folder, 'program.cjs'), join(folder, 'load.json'), results], {
    env: { JOB_COMPLETION_INDEX: String(index) },
  });
  children.push(child);
  return child;
}

test('three generators with nothing but Node send together what one would', async () => {
  const startAt = Date.now() + 3000;
  for (const index of [0, 1, 2]) generator(index, 3, startAt);
  const file = (index: number) => join(folder, String(index), 'result');
  await eventually(
    'every result is there',
    () => Promise.resolve([0, 1, 2].every((index) => existsSync(file(index)))),
    15_000,
  );
  const parts = [0, 1, 2].map((index) => decodeResult(readFileSync(file(index))));
  const { scheduled_s, started_s, status, rows } = mergeResults(parts, startAt).samples;
  expect([...scheduled_s]).toEqual([...ArrivalSchedule.of({ stages }).arrivals()]);
  expect(rows).toBeGreaterThan(20);
  expect([...status]).toEqual(Array.from({ length: rows }, () => 200));
  // None before it was due; how late they are is the live cluster's to show.
  for (let row = 0; row < rows; row++) expect(started_s[row]! - scheduled_s[row]!).toBeGreaterThan(-0.005);
  for (const { host } of parts) expect(host!.length).toBeGreaterThan(0);
});

test('one that is there after the common start says so and sends nothing', async () => {
  let asked = 0;
  server.on('request', () => asked++);
  const child = generator(0, 1, Date.now() - 250);
  let words = '';
  child.stderr!.on('data', (text: Buffer) => (words += text.toString()));
  const [status] = (await once(child, 'close')) as [number];
  expect([status, asked]).toEqual([1, 0]);
  expect(words).toMatch(/^Generator 0 was there \d+ ms after the common start\.\n$/);
});

test('a result comes back as it was sent, and half of one is refused', () => {
  const result: LoadResult = {
    generator: 'embedded',
    startedAt: new Date(1_700_000_000_123),
    aborted: true,
    pauses: [{ at_s: 1.5, seconds: 0.2 }],
    samples: {
      rows: 2,
      scheduled_s: Float64Array.of(0.25, 0.5),
      started_s: Float64Array.of(0.251, NaN),
      ...{ blocked_ms: Float32Array.of(1, 0), connecting_ms: Float32Array.of(2, 0), tls_ms: Float32Array.of(3, 0) },
      ...{ sending_ms: Float32Array.of(4, 0), waiting_ms: Float32Array.of(5, 0), receiving_ms: Float32Array.of(6, 0) },
      ...{ status: Int16Array.of(200, 0), error: Uint8Array.of(0, 3) },
    },
  };
  const bytes = encodeResult(result);
  expect(decodeResult(bytes)).toEqual(result);
  expect(() => decodeResult(bytes.subarray(0, bytes.length - 12))).toThrow();
});
