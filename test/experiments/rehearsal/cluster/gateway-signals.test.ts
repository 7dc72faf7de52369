import {
  extrapolatedRate,
  GatewaySignals,
  scheduledFloor,
} from '../../../../experiments/rehearsal/cluster/gateway-signals';
import { EventQueue } from '../../../../experiments/rehearsal/engine/event-queue';
import { Timers } from '../../../../experiments/rehearsal/engine/timers';

const MODEL = { scrapeSeconds: 5, windowSeconds: 20, relistSeconds: 30 };

function signals(testType: 'uor' | 'fs', phases = { scrape: 0, relist: 1 }) {
  const queue = new EventQueue(0);
  const timers = new Timers(queue);
  const made = new GatewaySignals(timers, MODEL, testType, phases);
  return { made, timers, playUntil: (time: number) => queue.runUntil(time, () => false) };
}

describe('the rate of a counter', () => {
  const steady = (from: number, to: number) =>
    Array.from({ length: (to - from) / 5 + 1 }, (_, index) => ({ at: from + 5 * index, value: 1000 + 15 * index }));

  it('is the true one where the counter grows evenly, wherever the window ends', () => {
    for (const now of [20, 21.5, 24.9]) expect(extrapolatedRate(steady(0, 25), now, 20)).toBeCloseTo(3, 10);
  });

  it('is not drawn out to an end that lies further away than samples do', () => {
    // Samples at 5, 10 and 15 hold 30 in 10 s. The window begins 2 s before and ends 8 s after, where half a step is added.
    expect(extrapolatedRate(steady(5, 15), 23, 20)).toBeCloseTo((3 * (10 + 2 + 2.5)) / 20, 10);
  });

  it('does not begin below zero', () => {
    const born = [
      { at: 10, value: 3 },
      { at: 15, value: 18 },
    ];
    // From zero to 3 takes one second at that pace: no more is drawn out before the first sample.
    expect(extrapolatedRate(born, 15, 20)).toBeCloseTo((3 * (5 + 1)) / 20, 10);
  });

  it('needs two samples in the window', () => {
    expect(extrapolatedRate(steady(0, 5), 24, 20)).toBeUndefined();
    expect(extrapolatedRate([], 24, 20)).toBeUndefined();
  });
});

describe('signals of the gateway', () => {
  it('are the requests on their way at once and those answered per second, in thousandths', () => {
    const { made, timers, playUntil } = signals('uor');
    // Four requests a second, each half a second long: by Little's law two are on their way.
    timers.every(0.25, 0.1, () => made.completed(0.5));
    playUntil(60);
    expect(made.read('requests_per_second', 'django-api', 60)).toBe(4000);
    expect(made.read('requests_in_flight', 'django-api', 60)).toBe(2000);
  });

  it('know nothing of requests that are not over', () => {
    const { made, playUntil } = signals('fs');
    playUntil(29);
    made.completed(30);
    expect(made.read('requests_in_flight', 'django-api', 29)).toBe(0);
    playUntil(31);
    expect(made.read('requests_in_flight', 'django-api', 31)).toBeGreaterThan(1000);
  });

  it('are those of solves for the solver', () => {
    for (const testType of ['uor', 'fs'] as const) {
      const { made, timers, playUntil } = signals(testType);
      timers.every(0.5, 0.1, () => made.completed(1));
      playUntil(60);
      expect(made.read('requests_in_flight', 'idaes', 60)).toBe(testType === 'fs' ? 2000 : 0);
    }
  });

  it('have no answer before the adapter has listed a series, nor once scrapes have stopped for a window', () => {
    const { made, playUntil } = signals('uor', { scrape: 3, relist: 12 });
    playUntil(11);
    expect(made.read('requests_per_second', 'django-api', 11)).toBeUndefined();
    playUntil(13);
    expect(made.read('requests_per_second', 'django-api', 13)).toBe(0);
    expect(made.read('requests_per_second', 'django-api', 60)).toBeUndefined();
  });
});

test('a scheduled floor holds around the peak, and is one pod elsewhere', () => {
  const floor = { replicas: 4, leadSeconds: 30 };
  expect([0, 89, 90, 120, 150, 151].map((now) => scheduledFloor(floor, 120, now))).toEqual([
    1000, 1000, 4000, 4000, 4000, 1000,
  ]);
});
