import { getEventListeners } from 'node:events';
import { EmbeddedGenerator, errorCode, K6Generator, type Load } from '../../../experiments/workload';
import { SPIKE, startAnsweringServer, type AnsweringServer } from './answering-server';

let server: AnsweringServer;
const load: AnsweringServer['load'] = (...what) => server.load(...what);

beforeAll(async () => {
  server = await startAnsweringServer(1500);
});

afterAll(() => server.close());

describe('the embedded generator', () => {
  it('starts as many requests as the schedule has, none early, each on a connection of its own', async () => {
    server.connections();
    const { samples, aborted } = await new EmbeddedGenerator().run(load('/', SPIKE));
    expect([samples.rows, server.connections(), aborted]).toEqual([20, 20, false]);
    for (let row = 0; row < samples.rows; row++) {
      expect(samples.started_s[row]!).toBeGreaterThanOrEqual(samples.scheduled_s[row]!);
      expect([samples.status[row], samples.error[row]]).toEqual([200, 0]);
      // On a busy machine the end of sending may be noticed late, at the expense of the waiting.
      expect(samples.sending_ms[row]! + samples.waiting_ms[row]!).toBeGreaterThan(3);
    }
  });

  it('leaves no listener on a signal that outlives it', async () => {
    const { signal } = new AbortController();
    await new EmbeddedGenerator().run(load('/', [{ target: 20, seconds: 0.2 }]), { signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('counts a redirect, any status but 200 and a refused connection as failures', async () => {
    const stages = [{ target: 20, seconds: 0.5 }];
    const errors = async (one: Load) => [...(await new EmbeddedGenerator().run(one)).samples.error];
    const refused = load('/', stages);
    const all = await Promise.all([
      errors(load('/redirect', stages)),
      errors(load('/broken', stages)),
      errors({ ...refused, request: { ...refused.request, url: 'http://127.0.0.1:1/' } }),
    ]);
    expect(all).toEqual((['redirect', 'status', 'refused'] as const).map((error) => Array(5).fill(errorCode(error))));
  });

  it('drops starts while 150 requests are in flight, and counts them', async () => {
    const progress: number[] = [];
    const { samples } = await new EmbeddedGenerator().run(
      load('/slow', [
        { target: 200, seconds: 0.001 },
        { target: 200, seconds: 1 },
      ]),
      { onProgress: ({ inFlight }) => progress.push(inFlight) },
    );
    const dropped = samples.error.filter((error) => error === errorCode('dropped')).length;
    expect([samples.rows, dropped]).toEqual([200, 50]);
    expect(Math.max(...progress)).toBe(150);
    expect(samples.started_s.filter(Number.isNaN)).toHaveLength(50);
  });

  it('ends a breakpoint as soon as more than 100 requests are in flight', async () => {
    const breakpoint = load('/slow', [{ target: 200, seconds: 2 }], { abortAboveVirtualUsers: 100 });
    const { samples, aborted } = await new EmbeddedGenerator().run(breakpoint);
    expect(aborted).toBe(true);
    expect(samples.rows).toBe(101);
    expect([...samples.error]).toEqual(Array(101).fill(errorCode('interrupted')));
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 200);
    await expect(
      new EmbeddedGenerator().run(load('/', [{ target: 1, seconds: 60 }]), { signal: stop.signal }),
    ).rejects.toThrow('enough');
  });
});

describe('the k6 generator', () => {
  it('says in one sentence that k6 is missing', async () => {
    await expect(new K6Generator('no-such-k6').run(load('/', SPIKE))).rejects.toThrow(
      'k6 is not on the PATH: install it, or use --generator embedded.',
    );
  });
});
