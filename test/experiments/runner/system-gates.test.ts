import { expandTrials } from '../../../experiments/plan';
import type { ReplicaObservation } from '../../../experiments/runner/attempt/ports';
import { Timeline } from '../../../experiments/runner/attempt/observation';
import {
  replicaBounds,
  podsMissing,
  podsReady,
  replicasInBounds,
} from '../../../experiments/runner/attempt/gates/system-gates';
import { ClockWatch, SteadyClock } from '../../../experiments/runner/attempt/clock';
import { emptySamples, errorCode, outcomesOf } from '../../../experiments/workload';
import * as gates from '../../../experiments/runner/attempt/gates/gates';

const START = 1_000_000;
const END = START + 240_000;
const variant = (name: string) => expandTrials(undefined, 1, { variants: [name] })[0]!.variant;

/** A timeline of django-api: moments (seconds from the start), wanted, existing and ready pods. */
function timeline(...rows: readonly (readonly [number, number, number?, number?])[]): Timeline {
  const seen = new Timeline();
  for (const [at, desired, current = desired, ready = current] of rows) {
    const row: ReplicaObservation = { at: START + at * 1000, workload: 'django-api', desired, current, ready };
    seen.replicas(row);
  }
  return seen;
}

describe('the number of pods during a load', () => {
  const judge = (name: string, seen: Timeline) => replicasInBounds(seen, replicaBounds(variant(name)), START, END);

  it('may be what the variant says', () => {
    expect(judge('uor-replicas-2', timeline([-30, 2])).passed).toBe(true);
    expect(judge('uor-minimum-2', timeline([-30, 2], [60, 5], [75, 5, 8], [200, 2])).passed).toBe(true);
  });

  it('may not be changed by hand, nor be left so from before', () => {
    const scaled = judge('uor-replicas-2', timeline([-30, 2], [60, 8], [120, 2]));
    expect(scaled).toMatchObject({ passed: false, value: 1 });
    expect(scaled.detail).toContain('django-api had 8 pods, 8 wanted, at 60 s (the variant has 2)');
    expect(judge('uor-replicas-2', timeline([-30, 8], [120, 2])).passed).toBe(false);
    expect(judge('uor-minimum-2', timeline([-30, 2], [60, 1])).passed).toBe(false);
    expect(judge('uor-minimum-2', timeline([-30, 2], [60, 9])).detail).toContain('(the variant has 2 to 8)');
  });

  it('is an autoscaler’s to change within its bounds, and nobody else’s', () => {
    const seen = timeline([-30, 2], [60, 5], [75, 4], [90, 6], [110, 4]);
    const decided = (at: number, pods: number, second: string) =>
      seen.signal({
        ...{ at: START + at * 1000, workload: 'django-api', active: true, reason: 'ValidMetricFound' },
        ...{ decided: pods, scaledAt: second },
      });
    decided(-30, 2, '');
    decided(60.2, 5, '2026-01-01T00:01:00Z');
    decided(74.8, 4, '2026-01-01T00:01:15Z');
    // It looks again and finds six where it wanted four.
    decided(105, 6, '2026-01-01T00:01:15Z');
    decided(110.3, 4, '2026-01-01T00:01:50Z');
    const judged = judge('uor-minimum-2', seen);
    expect(judged).toMatchObject({ passed: false, value: 1 });
    expect(judged.detail).toBe('django-api was set to 6 pods at 90 s, which its autoscaler did not decide.');
    expect(judged.remedy).toContain('Find out who scales');
    decided(91, 6, '2026-01-01T00:01:30Z');
    const before = seen.signalRows.pop()!;
    seen.signalRows.splice(3, 0, before);
    expect(judge('uor-minimum-2', seen)).toMatchObject({ passed: true, value: 0 });
  });

  it('does not pass unseen, and does not count what was before or after', () => {
    expect(judge('uor-replicas-2', new Timeline()).passed).toBe(false);
    expect(judge('uor-replicas-2', timeline([-90, 8], [-30, 2], [300, 4])).passed).toBe(true);
  });
});

describe('ready pods during a load', () => {
  const calm = outcomesOf(emptySamples(0));
  const judge = (seen: Timeline, outcomes = calm) => podsReady(seen, 'uor', outcomes, START, END);

  it('may be missing for seconds and not for a minute', () => {
    expect(judge(timeline([-30, 2], [60, 2, 2, 0], [64, 2])).passed).toBe(true);
    const gone = judge(timeline([-30, 2], [60, 2, 2, 0], [90, 2, 1, 0], [120, 2]));
    expect(gone).toMatchObject({ passed: false, value: 60 });
    expect(gone.detail).toContain('django-api had no ready pod for 60.0 s from 60 s');
    expect(judge(timeline([-30, 2, 2, 0])).value).toBe(240);
  });

  it('may be missing because of overload', () => {
    const outcomes = overwhelmedFrom(40);
    expect(judge(timeline([-30, 2], [60, 2, 2, 0], [120, 2]), outcomes).passed).toBe(true);
    expect(judge(timeline([-30, 2], [20, 2, 2, 0], [39, 2]), outcomes).passed).toBe(false);
  });
});

/** Ten requests a second that are answered at once up to a moment, and then never: after the 150th in flight starts are dropped. */
function overwhelmedFrom(moment: number) {
  const samples = emptySamples(2400);
  for (let row = 0; row < samples.rows; row++) {
    const unanswered = row - moment * 10;
    samples.scheduled_s[row] = row / 10;
    samples.started_s[row] = unanswered < 150 ? row / 10 : NaN;
    samples.waiting_ms[row] = unanswered < 0 ? 20 : 240_000;
    samples.error[row] = unanswered < 150 ? 0 : errorCode('dropped');
  }
  return outcomesOf(samples);
}

describe('as many ready pods as the variant has at least', () => {
  const calm = outcomesOf(emptySamples(0));
  const judge = (name: string, seen: Timeline, outcomes = calm) =>
    podsMissing(seen, replicaBounds(variant(name)), 'uor', outcomes, START, END);
  const flapping = timeline(
    [-30, 4],
    ...Array.from({ length: 20 }, (_, turn) => [10 + 10 * turn, 4, 4, turn % 2 === 0 ? 3 : 4] as const),
  );

  it('may be missing for a probe, and may be more', () => {
    expect(judge('uor-replicas-4', timeline([-30, 4], [60, 4, 4, 3], [80, 4])).passed).toBe(true);
    expect(judge('uor-minimum-2', timeline([-30, 2], [60, 5, 5, 2], [80, 5])).passed).toBe(true);
  });

  it('may not come and go, nor stay away', () => {
    expect(judge('uor-replicas-4', flapping)).toMatchObject({ passed: false, value: 100 });
    const gone = judge('uor-replicas-4', timeline([-30, 4], [60, 4, 4, 3]));
    expect(gone).toMatchObject({ passed: false, value: 180 });
    expect(gone.detail).toContain('django-api had fewer than its 4 pods ready for 180.0 s in all, first from 60 s');
  });

  it('may be missing because of overload', () => {
    expect(judge('uor-replicas-4', flapping, overwhelmedFrom(0)).passed).toBe(true);
  });
});

describe('the clocks of the generator', () => {
  it('may run fast or slow by as much as a bad crystal does (500 ppm)', () => {
    let [wall, monotonic] = [5_000_000, 100];
    const watch = new ClockWatch({ wall: () => wall, monotonic: () => monotonic });
    monotonic += 600_000;
    wall += 600_000 * 1.0005;
    expect(gates.clockSteady(watch.stop()).passed).toBe(true);
  });

  it('show by how much the wall clock was set, either way', () => {
    for (const step of [-20_000, 3000]) {
      let [wall, monotonic] = [5_000_000, 100];
      const watch = new ClockWatch({ wall: () => wall, monotonic: () => monotonic });
      monotonic += 12_000;
      wall += 12_000 + step;
      const verdict = gates.clockSteady(watch.stop());
      expect(verdict).toMatchObject({ passed: false, value: Math.abs(step) / 1000 });
      expect(verdict.detail).toContain(step < 0 ? 'set back by 20.0 s, seen 12 s' : 'set ahead by 3.0 s');
    }
  });

  it('let a slewed clock pass', () => {
    let [wall, monotonic] = [5_000_000, 100];
    const watch = new ClockWatch({ wall: () => wall, monotonic: () => monotonic });
    monotonic += 600_000;
    wall += 600_000 + 300; // 500 ppm, the most that a kernel slews.
    expect(gates.clockSteady(watch.stop()).passed).toBe(true);
  });

  it('stamp what is observed with a time that runs on', () => {
    let [wall, monotonic] = [5_000_000, 100];
    const clock = new SteadyClock({ wall: () => wall, monotonic: () => monotonic });
    monotonic += 10_000;
    wall -= 20_000;
    expect(clock.now()).toBe(5_010_000);
    clock.setByWallClock();
    expect(clock.now()).toBe(4_980_000);
  });
});

describe('pauses of the generator', () => {
  const result = (pauses: { at_s: number; seconds: number }[], late = 0) => {
    const samples = emptySamples(10);
    samples.started_s.fill(0);
    samples.started_s[4] = late;
    return { generator: 'embedded' as const, startedAt: new Date(), aborted: false, samples, pauses };
  };

  it('void a trial, seen from its event loop or from a start that came late', () => {
    expect(gates.generatorPauses(result([{ at_s: 3, seconds: 0.2 }])).passed).toBe(true);
    expect(gates.generatorPauses(result([{ at_s: 3, seconds: 0.6 }]))).toMatchObject({ passed: false, value: 0.6 });
    expect(gates.generatorPauses(result([], 0.6)).passed).toBe(false);
  });
});
