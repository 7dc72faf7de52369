import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTable, SAMPLE_COLUMNS } from '../../../experiments/campaign';
import { loadProfile, type Stage } from '../../../experiments/plan';
import { writeSamples } from '../../../experiments/runner/trial-tables';
import {
  EmbeddedGenerator,
  errorCode,
  K6Generator,
  type Load,
  type LoadGenerator,
} from '../../../experiments/workload';
import { installK6StandIn } from './k6-stand-in/install';

jest.setTimeout(60_000);

const k6 = installK6StandIn();
let server: http.Server;
let url: string;
let connections = 0;

beforeAll(async () => {
  server = http.createServer((request, response) => {
    if (request.url === '/redirect') response.writeHead(302, { location: '/elsewhere' });
    if (request.url === '/broken') response.writeHead(503);
    setTimeout(() => response.end('answer'), request.url === '/slow' ? 1000 : 5);
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  k6.remove();
});

function load(path: string, stages: readonly Stage[], more: Partial<Load> = {}): Load {
  return { trial: 'a.uor.b.spike.1', stages, request: { method: 'GET', url: url + path, headers: {} }, ...more };
}

const SPIKE: readonly Stage[] = loadProfile('spike', 'uor', { rate: 0.25, duration: 1 / 120 }).stages;

describe.each<[string, () => LoadGenerator]>([
  ['the embedded generator', () => new EmbeddedGenerator()],
  ['the k6 script under the stand-in', () => new K6Generator(k6.command)],
])('%s', (_, generator) => {
  it('starts as many requests as the schedule has, none early, each on a connection of its own', async () => {
    connections = 0;
    const { samples, aborted } = await generator().run(load('/', SPIKE));
    expect(aborted).toBe(false);
    expect(samples.rows).toBe(20);
    expect(connections).toBe(20);
    for (let row = 0; row < samples.rows; row++) {
      // k6's clock counts whole milliseconds.
      expect(samples.started_s[row]! - samples.scheduled_s[row]!).toBeGreaterThan(-0.002);
      expect([samples.status[row], samples.error[row]]).toEqual([200, 0]);
      expect(samples.waiting_ms[row]).toBeGreaterThan(3);
    }
  });

  it('counts a redirect as a failure and does not follow it', async () => {
    const { samples } = await generator().run(load('/redirect', [{ target: 10, seconds: 1 }]));
    expect([...samples.error]).toEqual(Array(5).fill(errorCode('redirect')));
    expect([...samples.status]).toEqual(Array(5).fill(302));
  });

  it('counts any status but 200 as a failure', async () => {
    const { samples } = await generator().run(load('/broken', [{ target: 10, seconds: 1 }]));
    expect([...samples.error]).toEqual(Array(5).fill(errorCode('status')));
  });

  it('counts a refused connection as a failure', async () => {
    const closed = load('/', [{ target: 10, seconds: 1 }]);
    const { samples } = await generator().run({
      ...closed,
      request: { ...closed.request, url: 'http://127.0.0.1:1/' },
    });
    expect([...samples.error]).toEqual(Array(5).fill(errorCode('refused')));
    expect([...samples.status]).toEqual(Array(5).fill(0));
  });

  it('writes samples that the one reader takes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'samples-'));
    const { samples } = await generator().run(load('/', SPIKE));
    writeSamples(folder, 'a.uor.b.spike.1', samples);
    const rows = await readTable(join(folder, 'samples.parquet'), SAMPLE_COLUMNS);
    expect(rows).toHaveLength(20);
    expect(Object.keys(rows[0]!)).toEqual(Object.keys(SAMPLE_COLUMNS));
    expect(rows[0]).toMatchObject({ trial: 'a.uor.b.spike.1', status: 200, error: null });
    rmSync(folder, { recursive: true });
  });
});

describe('the k6 generator', () => {
  it('says in one sentence that k6 is missing', async () => {
    await expect(new K6Generator('no-such-k6').run(load('/', SPIKE))).rejects.toThrow(
      'k6 is not on the PATH: install it, or use --generator embedded.',
    );
  });

  it('ends a breakpoint at the abort rule, and only requests that were due are samples', async () => {
    const breakpoint = load(
      '/slow',
      [
        { target: 160, seconds: 3 },
        { target: 160, seconds: 5 },
      ],
      { abortAboveVirtualUsers: 100 },
    );
    const { samples, aborted } = await new K6Generator(k6.command).run(breakpoint);
    expect(aborted).toBe(true);
    // 1040 requests would be due; at a second an answer the rule, which k6 looks at every two seconds, ends them early.
    expect(samples.rows).toBeGreaterThan(20);
    expect(samples.rows).toBeLessThan(1040);
  });
});
