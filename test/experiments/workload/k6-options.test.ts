import { loadProfile, type ProfileName, type TestType } from '../../../experiments/plan';
import {
  k6Bundle,
  k6Options,
  SAMPLE_ERRORS,
  samplesFromLines,
  type Load,
  type SampleLine,
  type StartLine,
} from '../../../experiments/workload';

function loadFor(profile: ProfileName, testType: TestType): Load {
  const { stages, abortAboveVirtualUsers } = loadProfile(profile, testType);
  const request = { method: 'GET' as const, url: 'https://127.0.0.1/', headers: {} };
  return { trial: 't', stages, request, ...(abortAboveVirtualUsers === undefined ? {} : { abortAboveVirtualUsers }) };
}

describe('the options of k6', () => {
  it.each([
    [
      'average',
      'uor',
      [
        [15, '30000ms'],
        [15, '540000ms'],
        [0, '30000ms'],
      ],
    ],
    [
      'stress',
      'fs',
      [
        [2, '30000ms'],
        [2, '540000ms'],
        [0, '30000ms'],
      ],
    ],
    [
      'spike',
      'uor',
      [
        [80, '120000ms'],
        [0, '120000ms'],
      ],
    ],
    ['breakpoint', 'fs', [[32, '600000ms']]],
  ] as const)('for %s %s are those of the specification', (profile, testType, stages) => {
    expect(k6Options(loadFor(profile, testType))).toEqual({
      insecureSkipTLSVerify: true,
      noConnectionReuse: true,
      discardResponseBodies: true,
      maxRedirects: 0,
      scenarios: {
        load: {
          executor: 'ramping-arrival-rate',
          startRate: 0,
          timeUnit: '1s',
          preAllocatedVUs: 100,
          maxVUs: 150,
          stages: stages.map(([target, duration]) => ({ target, duration })),
          gracefulStop: '30s',
        },
      },
      thresholds: profile === 'breakpoint' ? { vus: [{ threshold: 'value<=100', abortOnFail: true }] } : {},
    });
  });

  it('count fractions of a scaled-down plan per thousand seconds, since k6 takes whole numbers', () => {
    const { stages } = loadProfile('average', 'uor', { rate: 0.05, duration: 0.05 });
    const options = k6Options({ ...loadFor('average', 'uor'), stages });
    expect(options.scenarios!['load']).toMatchObject({
      timeUnit: '1000s',
      stages: [{ target: 750, duration: '1500ms' }, {}, {}],
    });
  });
});

describe('the k6 bundle', () => {
  it('imports nothing but modules of k6', () => {
    const modules = [...k6Bundle().matchAll(/from\s*"([^"]+)"/g)].map(([, name]) => name);
    expect(modules.sort()).toEqual(['k6/execution', 'k6/http']);
  });
});

describe('the lines of k6', () => {
  const load: Load = {
    ...loadFor('spike', 'uor'),
    stages: [
      { target: 4, seconds: 0.001 },
      { target: 4, seconds: 2 },
    ],
  };
  const line = (started_s: number, iteration: number): SampleLine => ({
    ...{ iteration, trial: 't', scheduled_s: 0, started_s, blocked_ms: 1, connecting_ms: 1, tls_ms: 0, sending_ms: 0 },
    ...{ waiting_ms: 5, receiving_ms: 0, status: 200, error_code: 0, start_time: 0 },
  });

  it('become one row per request, those that k6 dropped included', () => {
    // Eight arrivals, 0.25 s apart; the ones at 0.75 s and 1.0 s were dropped.
    const samples = samplesFromLines(load, [0.251, 0.501, 1.252, 1.501, 1.751, 2.001].map(line));
    const dropped = [...samples.error].map((code) => code === 1);
    expect(dropped).toEqual([false, false, true, true, false, false, false, false]);
    expect(samples.started_s[2]).toBeNaN();
    expect(samples.started_s[4]).toBeCloseTo(1.252);
  });

  it('never drop more than is missing, however late the starts are', () => {
    const samples = samplesFromLines(
      load,
      Array.from({ length: 8 }, (_, n) => line(1.9 + n / 100, n)),
    );
    expect([...samples.error]).toEqual(Array(8).fill(0));
  });

  it('that tell of a start alone become requests that were interrupted', () => {
    const start: StartLine = { iteration: 5, started_s: 2.001, start_time: 0 };
    const ended = [0.251, 0.501, 0.751, 1.001, 1.251].map((begin, iteration) => line(begin, iteration));
    const starts = ended.map(({ iteration, started_s, start_time }) => ({ iteration, started_s, start_time }));
    const samples = samplesFromLines(load, [...starts, start, ...ended], 2.001);
    const errors = [...samples.error].map((code) => SAMPLE_ERRORS[code]);
    expect(errors).toEqual([null, null, null, null, null, 'dropped', 'dropped', 'interrupted']);
    expect([samples.started_s[7], samples.status[7], samples.waiting_ms[7]]).toEqual([2.001, 0, 0]);
  });

  it('may hold a request twice, which counts once', () => {
    const starts = [0.251, 0.501, 0.751, 1.001, 1.252, 1.501, 1.751, 2.001].map(line);
    const [once, twice] = [starts, [...starts, starts[3]!]].map((lines) => samplesFromLines(load, lines));
    expect(twice).toEqual(once);
  });

  it('are refused where some were lost, since their requests would be taken for dropped starts', () => {
    const long: Load = {
      ...load,
      stages: [
        { target: 100, seconds: 0.001 },
        { target: 100, seconds: 4 },
      ],
    };
    const lines = Array.from({ length: 390 }, (_, n) => line((n + 1) / 100 + 0.001, n));
    expect(samplesFromLines(long, lines).rows).toBeGreaterThan(390);
    expect(() => samplesFromLines(long, [...lines.slice(0, 50), ...lines.slice(70)])).toThrow(
      "k6's samples lack 20 of the requests that it sent, first number 51: look at the room on its disk, and run the trial again.",
    );
  });

  it('are refused where there are more of them than arrivals', () => {
    expect(() =>
      samplesFromLines(
        load,
        Array.from({ length: 9 }, (_, iteration) => line(2, iteration)),
      ),
    ).toThrow('k6 sent 9 requests where the schedule has 8.');
  });
});
