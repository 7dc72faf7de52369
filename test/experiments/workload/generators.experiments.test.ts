import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTable, SAMPLE_COLUMNS } from '../../../experiments/campaign';
import { writeSamples } from '../../../experiments/runner/attempt/record/trial-tables';
import { EmbeddedGenerator, errorCode, K6Generator, type LoadGenerator } from '../../../experiments/workload';
import { SPIKE, startAnsweringServer, type AnsweringServer } from './answering-server';
import { installK6StandIn } from '../../stand-ins/k6/install';

jest.setTimeout(60_000);

const k6 = installK6StandIn();
let server: AnsweringServer;
const load: AnsweringServer['load'] = (...what) => server.load(...what);

beforeAll(async () => {
  server = await startAnsweringServer(1000);
});

afterAll(async () => {
  await server.close();
  k6.remove();
});

describe.each<[string, () => LoadGenerator]>([
  ['the embedded generator', () => new EmbeddedGenerator()],
  ['the k6 script under the stand-in', () => new K6Generator(k6.command)],
])('%s', (_, generator) => {
  it('starts as many requests as the schedule has, none early, each on a connection of its own', async () => {
    server.connections();
    const { samples, aborted } = await generator().run(load('/', SPIKE));
    expect(aborted).toBe(false);
    expect(samples.rows).toBe(20);
    expect(server.connections()).toBe(20);
    for (let row = 0; row < samples.rows; row++) {
      // k6's clock counts whole milliseconds.
      expect(samples.started_s[row]! - samples.scheduled_s[row]!).toBeGreaterThan(-0.002);
      expect([samples.status[row], samples.error[row]]).toEqual([200, 0]);
      // On a busy machine the end of sending may be noticed late, at the expense of the waiting.
      expect(samples.sending_ms[row]! + samples.waiting_ms[row]!).toBeGreaterThan(3);
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

  it('ends a breakpoint at the abort rule, and marks what was in flight as interrupted', async () => {
    const stages = [
      { target: 160, seconds: 3 },
      { target: 160, seconds: 15 },
    ];
    const { samples, aborted } = await generator().run(load('/slow', stages, { abortAboveVirtualUsers: 100 }));
    expect(aborted).toBe(true);
    // 2640 requests would be due; at a second an answer the rule ends them early (k6 looks at it every two seconds, later on a busy machine).
    expect(samples.rows).toBeLessThan(2640);
    const rows = [...samples.error.keys()];
    const cut = rows.filter((row) => samples.error[row] === errorCode('interrupted'));
    expect(cut.length).toBeGreaterThan(0);
    expect(cut.length).toBeLessThanOrEqual(150);
    for (const row of cut) {
      expect(samples.status[row]).toBe(0);
      expect(samples.started_s[row]! - samples.scheduled_s[row]!).toBeGreaterThan(-0.002);
    }
    // Everything that was due has ended, was dropped or was cut: nothing is missing.
    const told = ['interrupted', 'dropped', null].map((error) => errorCode(error as 'dropped' | null));
    expect(rows.filter((row) => !told.includes(samples.error[row]!))).toEqual([]);
    expect(rows.filter((row) => samples.error[row] === 0).every((row) => samples.status[row] === 200)).toBe(true);
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
});
