import { emptySamples, errorCode, outcomesOf, type SampleError, type Samples } from '../../../../experiments/workload';
import { countFailures } from '../../../../experiments/campaign/verdict/failures';
import { errorBudget, isSaturated, sessionKept } from '../../../../experiments/campaign/verdict/gates';
import { Strain } from '../../../../experiments/campaign/verdict/strain';

interface Request {
  readonly at: number;
  readonly ms?: number;
  readonly status?: number;
  readonly error?: SampleError;
}

function outcomes(requests: readonly Request[]) {
  const samples: Samples = emptySamples(requests.length);
  requests.forEach(({ at, ms = 40, status = 200, error }, row) => {
    samples.scheduled_s[row] = at;
    if (error !== 'dropped') samples.started_s[row] = at;
    samples.waiting_ms[row] = ms;
    samples.status[row] = status;
    samples.error[row] = errorCode(error ?? null);
  });
  return outcomesOf(samples);
}

/** `rate` requests a second between two moments, each made by its number and its moment. */
const steady = (
  from: number,
  to: number,
  rate: number,
  make: (at: number, n: number) => Partial<Request> = () => ({}),
) =>
  Array.from({ length: (to - from) * rate }, (_, n): Request => {
    const at = from + n / rate;
    return { at, ...make(at, n) };
  });

const causes = (requests: readonly Request[], scaleDowns: readonly number[] = []) =>
  countFailures(outcomes(requests), scaleDowns).map(({ kind, cause, requests: count }) => [kind, cause, count]);

const broken = { status: 502, error: 'status', ms: 3 } as const;

describe('the cause of a failure', () => {
  it('is overload for the bad statuses of a system that is behind its load, and unexpected for those of one at ease', () => {
    const atEase = steady(0, 30, 20, (_, n) => (n % 2 === 0 ? broken : {}));
    expect(causes(atEase)).toEqual([['status 502', 'unexpected', 300]]);
    const behind = steady(0, 30, 20, (_, n) => (n % 10 === 0 ? { ...broken, ms: 6000 } : { ms: 5000 }));
    expect(causes(behind)).toEqual([['status 502', 'overload', 60]]);
  });

  it('is overload at a low rate too, when most of what was due is unanswered', () => {
    const hung = steady(0, 60, 1, (at) => (at >= 20 ? { ms: 40_000, status: 0, error: 'timeout' } : {}));
    expect(causes(hung)).toEqual([['timeout', 'overload', 40]]);
    const one = steady(0, 60, 1, (_, n) => (n === 20 ? { ms: 40_000, status: 0, error: 'timeout' } : {}));
    expect(causes(one)).toEqual([['timeout', 'unexpected', 1]]);
  });

  const hangs = { ms: 60_000, status: 0, error: 'timeout' } as const;

  it.each([
    [15, 10],
    [15, 4],
    [1, 2],
    [15, 2],
    [60, 8],
  ])('is no overload at %d requests a second of which every %dth is taken and never answered', (rate, nth) => {
    const hanging = steady(0, 240, rate, (_, n) => (n > 5 * rate && n % nth === 0 ? hangs : {}));
    const { kind, cause, requests } = countFailures(outcomes(hanging))[0]!;
    expect([kind, cause]).toEqual(['timeout', 'unexpected']);
    expect(requests).toBeGreaterThan((235 * rate) / nth - 2);
  });

  it('is no overload where starts are dropped because requests that are never answered keep all users busy', () => {
    // Four seconds in, 150 users wait for answers that never come, and the others' are prompt.
    const full = steady(0, 120, 80, (at, n) => {
      if (n % 2 === 1) return at > 4 && n % 60 !== 1 ? { status: 0, error: 'dropped' } : hangs;
      return {};
    });
    expect(causes(full).map(([kind, cause]) => [kind, cause])).toEqual([
      ['dropped', 'unexpected'],
      ['timeout', 'unexpected'],
    ]);
  });

  it('stays overload while a pod works off its backlog beside new ones that answer promptly', () => {
    // One pod is behind from 20 s on; from 40 s on, three new ones take three of four requests, and it loses its last ones.
    const healing = steady(0, 100, 40, (at, n) => {
      if (at < 20) return {};
      if (at < 40) return { ms: 30_000 };
      return n % 4 === 0 ? { ms: 30_000, status: 0, error: 'timeout' } : {};
    });
    expect(causes(healing)).toEqual([['timeout', 'overload', 600]]);
  });

  it('is scaling while a pod that is no longer wanted ends, and not for longer', () => {
    const lost = [
      { at: 10, ...broken },
      { at: 40, ms: 5, status: 0, error: 'reset' as const },
      { at: 90, ...broken },
    ];
    expect(causes(lost, [9])).toEqual([
      ['status 502', 'scaling', 1],
      ['reset', 'scaling', 1],
      ['status 502', 'unexpected', 1],
    ]);
  });

  it.each<[string, Partial<Request>, string]>([
    ['a redirect', { status: 302, error: 'redirect' }, 'session'],
    ['a 401', { status: 401, error: 'status' }, 'session'],
    ['a wrong answer', { error: 'answer' }, 'unexpected'],
    ['a refused connection', { status: 0, error: 'refused' }, 'unexpected'],
    ['a name that does not resolve', { status: 0, error: 'dns' }, 'unexpected'],
    ['a 404', { status: 404, error: 'status' }, 'unexpected'],
    ['a body cut off', { error: 'truncated' }, 'unexpected'],
  ])('is never overload for %s, however loaded the system is', (_, failure, cause) => {
    const overloaded = steady(0, 20, 20, (__, n) => (n === 200 ? { ms: 5000, ...failure } : { ms: 5000 }));
    expect(causes(overloaded)).toEqual([[expect.any(String), cause, 1]]);
  });
});

describe('the gates of failures', () => {
  const verdictOn = (requests: readonly Request[]) => errorBudget(requests.length, countFailures(outcomes(requests)));

  it('let a load without failures and an overloaded one pass, and void one with failures that nothing explains', () => {
    expect(verdictOn(steady(0, 10, 10))).toMatchObject({ passed: true, value: 0 });
    const full = steady(0, 20, 20, (_, n) => (n >= 150 ? { error: 'dropped', status: 0 } : { ms: 60_000 }));
    expect(verdictOn(full)).toMatchObject({ passed: true, value: 0 });
    const verdict = verdictOn(steady(0, 100, 20, (_, n) => (n % 600 === 599 ? broken : {})));
    expect(verdict).toMatchObject({ passed: false, value: 3 / 2000 });
    expect(verdict.detail).toContain('3 × status 502 from 30 s to 90 s');
    expect(verdict.remedy).toContain('gateway');
  });

  it('void a load whose starts were dropped while hardly anyone was in flight: its generator had no virtual users', () => {
    const nobody = steady(0, 10, 20, () => ({ error: 'dropped', status: 0 }));
    expect(verdictOn(nobody)).toMatchObject({ passed: false, value: 1 });
    const few = steady(0, 60, 20, (_, n) => (n % 3 === 0 ? { error: 'dropped', status: 0 } : { ms: 1500 }));
    expect(verdictOn(few).detail).toContain('400 × dropped from 0 s to 60 s');
  });

  it('allow one unexplained failure in a thousand, and no refusal of the session', () => {
    expect(verdictOn(steady(0, 100, 20, (_, n) => (n === 999 ? broken : {}))).passed).toBe(true);
    const refused = outcomes(steady(0, 100, 20, (_, n) => (n === 999 ? { status: 401, error: 'status' } : {})));
    expect(sessionKept(countFailures(refused)).map(({ gate, passed }) => [gate, passed])).toEqual([
      ['no-redirects', true],
      ['session-accepted', false],
    ]);
  });

  it('pass nothing when no request was due', () => {
    expect(verdictOn([]).passed).toBe(false);
  });

  it('call a trial saturated when more starts are dropped than the 99th percentile leaves room for', () => {
    const withDropped = (share: number) =>
      outcomes(steady(0, 10, 100, (_, n) => (n < share * 1000 ? { error: 'dropped', status: 0 } : {})));
    expect([isSaturated(withDropped(0.01)), isSaturated(withDropped(0.011))]).toEqual([false, true]);
  });
});

test('a fast system under many requests a second is not strained', () => {
  expect(new Strain(outcomes(steady(0, 20, 200))).between(0, 20)).toBe(false);
});
