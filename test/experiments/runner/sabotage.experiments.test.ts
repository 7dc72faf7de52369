import type http from 'node:http';
import { gzipSync } from 'node:zlib';
import { ArrivalSchedule, WARM_UP } from '../../../experiments/plan';
import type { Ports } from '../../../experiments/runner/attempt/ports';
import { EmbeddedGenerator, emptySamples, errorCode } from '../../../experiments/workload';
import { answerUnitOperations, UNIT_OPERATIONS } from './file-world';
import { failedGates, oneAttempt, type AttemptOptions } from './one-attempt';

jest.setTimeout(60_000);
// Each trial has a server, a generator's thread and two seconds of load of its own, so several run side by side.

/** A server that answers well through the warm-up and the first requests of the load, and then as it is told. */
function turning(bad: http.RequestListener, after = 30): http.RequestListener {
  let requests = 0;
  return (request, response) => (++requests > WARM_UP.requests + after ? bad : answerUnitOperations)(request, response);
}

/** Every other request of the load is answered so. */
function alternating(bad: http.RequestListener): http.RequestListener {
  let requests = 0;
  return turning((request, response) => (++requests % 2 === 0 ? bad : answerUnitOperations)(request, response), 0);
}

const json =
  (status: number, body: string): http.RequestListener =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(body);
const SIGN_IN = '<!doctype html><title>Sign in</title><form action="/oauth2/start"></form>';

/** What the verdict says of a gate. */
async function verdict(options: AttemptOptions, gate: string) {
  const record = await oneAttempt(options);
  return { record, failed: failedGates(record), told: record.gates.find((one) => one.gate === gate) };
}

describe('a trial is kept', () => {
  it.concurrent.each<[string, http.RequestListener]>([
    ['whose answers are right', answerUnitOperations],
    [
      'whose answers come compressed',
      (_, response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
          .end(gzipSync(UNIT_OPERATIONS)),
    ],
    [
      'whose answers come in chunks, of which some are compressed',
      (() => {
        let turn = 0;
        return (_, response) => {
          const zipped = turn++ % 2 === 0;
          const body = zipped ? gzipSync(UNIT_OPERATIONS) : Buffer.from(UNIT_OPERATIONS);
          response.writeHead(200, {
            'content-type': 'application/json; charset=utf-8',
            ...(zipped ? { 'content-encoding': 'gzip' } : {}),
          });
          response.write(body.subarray(0, 20));
          response.end(body.subarray(20));
        };
      })(),
    ],
    [
      'whose values differ from answer to answer',
      (() => {
        let solves = 0;
        return (_, response) => {
          const value = solves++ * 12345.678;
          const body = JSON.parse(UNIT_OPERATIONS) as { properties: { value: number }[] }[];
          body[0]!.properties[0]!.value = value;
          response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
        };
      })(),
    ],
  ])('%s', async (_, answer) => {
    const { record, told } = await verdict({ answer }, 'error-budget');
    expect(told).toMatchObject({ passed: true, value: 0 });
    expect(record.rows.samples).toBe(80);
    expect(record.gates.find(({ gate }) => gate === 'answer-learnt')!.detail).toContain('a list of 1');
  });

  it.concurrent('and marked as saturated when the system cannot keep up', async () => {
    const { record, told } = await verdict(
      {
        answer: turning((request, response) => void setTimeout(() => answerUnitOperations(request, response), 2500), 0),
        scale: { rate: 4, duration: 1 / 120 },
      },
      'dropped-starts',
    );
    expect(record.saturated).toBe(true);
    expect(told!.value).toBeGreaterThan(0.01);
    expect(record.gates.find(({ gate }) => gate === 'error-budget')).toMatchObject({ passed: true });
  });
});

describe('a trial is void, and says why, when in the midst of its load', () => {
  it.concurrent.each<[string, http.RequestListener, string, string | RegExp]>([
    [
      'everything is answered 401',
      turning(json(401, '{"detail":"no"}')),
      'session-accepted',
      /50 requests.*status 401/,
    ],
    [
      'everything is answered 302',
      turning((_, response) => void response.writeHead(302, { location: '/' }).end()),
      'no-redirects',
      '50 requests were redirected',
    ],
    [
      'the sign-in page comes with status 200',
      turning((_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end(SIGN_IN)),
      'error-budget',
      '50 × wrong answer',
    ],
    ['the sign-in page calls itself JSON', turning(json(200, SIGN_IN)), 'error-budget', '50 × wrong answer'],
    [
      'every second answer is an error body with status 200',
      alternating(json(200, '{"error":"no database"}')),
      'error-budget',
      '40 × wrong answer',
    ],
    [
      'every second answer is an error body as long as the right one',
      alternating(json(200, `[{"error":"${'x'.repeat(UNIT_OPERATIONS.length - 14)}"}]`)),
      'error-budget',
      '40 × wrong answer',
    ],
    ['lists come back empty', alternating(json(200, '[]')), 'error-budget', '40 × wrong answer'],
    [
      'bodies are cut off, and their length says so',
      alternating(json(200, UNIT_OPERATIONS.slice(0, 60))),
      'error-budget',
      '40 × wrong answer',
    ],
    [
      'bodies are cut off before their length',
      alternating((_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': UNIT_OPERATIONS.length });
        response.write(UNIT_OPERATIONS.slice(0, 60), () => response.destroy());
      }),
      'error-budget',
      '40 × truncated',
    ],
    [
      'every second answer is whole, of the right length and another one: a pod with stale results',
      alternating(json(200, UNIT_OPERATIONS.replace('0.5', '0.4'))),
      'error-budget',
      '40 × wrong answer',
    ],
    [
      'every second answer comes compressed and is another one',
      alternating(
        (_, response) =>
          void response
            .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
            .end(gzipSync(UNIT_OPERATIONS.replace('"kind":"pump"', '"kind":"heater"'))),
      ),
      'error-budget',
      '40 × wrong answer',
    ],
    [
      'redirects lead in a circle',
      turning((request, response) => void response.writeHead(307, { location: request.url }).end()),
      'no-redirects',
      '50 requests were redirected',
    ],
    [
      'answers have no body',
      alternating((_, response) => void response.writeHead(204).end()),
      'error-budget',
      '40 × status 204',
    ],
    ['the gateway answers 502', turning(json(502, 'bad gateway')), 'error-budget', '50 × status 502'],
    [
      'a limiter of the gateway answers 429 to a system at ease',
      alternating(json(429, '{}')),
      'error-budget',
      '40 × status 429',
    ],
    ['the gateway answers 404', turning(json(404, 'no route')), 'error-budget', '50 × status 404'],
    ['connections are reset', turning((request) => request.socket.resetAndDestroy()), 'error-budget', '50 × reset'],
  ])('%s', async (_, answer, gate, detail) => {
    const { record, told } = await verdict({ answer }, gate);
    expect(told).toMatchObject({ passed: false, detail: expect.stringMatching(detail) as string });
    expect(told!.remedy).toBeTruthy();
    expect(record.valid).toBe(false);
  });

  it.concurrent('nothing listens any more', async () => {
    const answer: http.RequestListener = turning((request, response) => {
      answerUnitOperations(request, response);
      const { server } = request.socket as unknown as { server: http.Server };
      server.close();
    });
    const { told } = await verdict({ answer }, 'error-budget');
    expect(told).toMatchObject({ passed: false, detail: expect.stringContaining('× refused') as string });
  });

  it.concurrent('the name of the gateway does not resolve', async () => {
    const generator = new EmbeddedGenerator();
    const change = () => ({
      generator: {
        run: (load: Parameters<EmbeddedGenerator['run']>[0], options = {}) =>
          generator.run({ ...load, request: { ...load.request, url: 'http://no-such-host.invalid/' } }, options),
      },
    });
    const { told } = await verdict({ change }, 'error-budget');
    expect(told).toMatchObject({ passed: false, detail: expect.stringContaining('80 × dns') as string });
  });

  it.concurrent('bodies trickle in', async () => {
    const trickle: http.RequestListener = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': UNIT_OPERATIONS.length });
      let sent = 0;
      const timer = setInterval(() => response.write(UNIT_OPERATIONS[sent++] ?? ''), 200);
      response.once('close', () => clearInterval(timer));
    };
    const { told } = await verdict({ answer: alternating(trickle) }, 'error-budget');
    expect(told).toMatchObject({ passed: false, detail: expect.stringContaining('40 × stalled') as string });
  });

  it.concurrent('the wall clock of the generator is set back', async () => {
    let back = 0;
    const clocks = { wall: () => Date.now() - back, monotonic: () => performance.now() };
    const onLoad = () => setTimeout(() => (back = 20_000), 800);
    const { record, told } = await verdict({ change: () => ({ clocks }), onLoad }, 'clock-steady');
    expect(told).toMatchObject({ passed: false, detail: expect.stringContaining('set back by 20.0 s') as string });
    expect(record.valid).toBe(false);
  });

  it.concurrent('the wall clock of the generator jumps ahead', async () => {
    let ahead = 0;
    const clocks = { wall: () => Date.now() + ahead, monotonic: () => performance.now() };
    const onLoad = () => setTimeout(() => (ahead = 3_600_000), 800);
    const { told } = await verdict({ change: () => ({ clocks }), onLoad }, 'clock-steady');
    expect(told).toMatchObject({ passed: false, detail: expect.stringContaining('set ahead by 3600.0 s') as string });
  });

  it.concurrent('the generator has no virtual users to send it with', async () => {
    const generator: Ports['generator'] = {
      run: (load) => {
        const rows = ArrivalSchedule.of(load).arrivals();
        const samples = emptySamples(rows.length);
        samples.scheduled_s.set(rows);
        samples.error.fill(errorCode('dropped'));
        return Promise.resolve({ generator: 'embedded', startedAt: new Date(), aborted: false, samples });
      },
    };
    const { record, told } = await verdict({ change: () => ({ generator }) }, 'error-budget');
    expect(told).toMatchObject({ passed: false, detail: expect.stringContaining('80 × dropped') as string });
    expect(record.valid).toBe(false);
  });
});
