import { expandTrials, OWN_EXPERIMENTS, type Trial } from '../../../experiments/plan';
import { needsKnownPeak, PeakAppointment, startForPeak } from '../../../experiments/runner/attempt/known-peak';
import { portsFor } from '../../../experiments/runner/sites/ports-of-site';

const at = (time: string) => Date.parse(`2026-03-01T${time}Z`);
const trialOf = (variant: string): Trial =>
  expandTrials(OWN_EXPERIMENTS, 1, { variants: [variant], profiles: ['spike'], repetitions: 1 })[0]!;

// A spike's peak is 120 s after its start; at a thousandth of that, 0.12 s after it, with a warm-up of 0.06 s.
const scale = { rate: 1, duration: 0.001 };
const waiting = (variant: string) => ({
  trial: trialOf(variant),
  settings: { scale },
  signal: new AbortController().signal,
});

describe('a load starts so that its peak falls on a known time of the day', () => {
  test.each([
    ['the next of several', ['08:00', '09:30'], 120, '08:10:00', '2026-03-01T09:28:00.000Z'],
    ['at once where it is just in time', ['08:00'], 120, '07:58:00', '2026-03-01T07:58:00.000Z'],
    ['the next day where today’s can no longer be met', ['08:00'], 120, '07:58:01', '2026-03-02T07:58:00.000Z'],
    ['across midnight', ['00:01'], 120, '23:58:00', '2026-03-01T23:59:00.000Z'],
  ])('%s', (_, peaks, leadSeconds, earliest, start) => {
    expect(new Date(startForPeak(peaks, leadSeconds * 1000, at(earliest))).toISOString()).toBe(start);
  });

  test('only where an autoscaler has a floor', () => {
    expect(needsKnownPeak(trialOf('uor-schedule-lead-60s'))).toBe(true);
    expect(needsKnownPeak(trialOf('uor-schedule-none'))).toBe(false);
    expect(PeakAppointment.of(undefined, waiting('uor-schedule-lead-60s'))).toBe(undefined);
  });
});

describe('the appointment', () => {
  test('holds the warm-up and the load back, says so, and sees that both met', async () => {
    const begun = performance.now();
    // Four seconds and 120 ms before eight.
    const now = () => at('07:59:55.880') + (performance.now() - begun);
    const said: string[] = [];
    const detail = (text: string) => said.push(text);
    const appointment = new PeakAppointment(['08:00'], { ...waiting('uor-schedule-lead-60s'), detail }, now);
    await appointment.beforeWarmUp();
    await appointment.beforeLoad();
    expect(Math.abs(now() - at('07:59:59.880'))).toBeLessThan(250);
    expect(said).toEqual(['Waiting 4 s until the warm-up ends where the load must begin.']);
    expect(appointment.verdict(now())).toMatchObject({ gate: 'at-known-peak', passed: true });
    expect(appointment.verdict(now() + 20_000)).toMatchObject({ passed: false, value: expect.closeTo(20, 0) });
  });

  test('ends at once when the campaign is stopped', async () => {
    const stop = new AbortController();
    const waiter = { ...waiting('uor-schedule-lead-60s'), signal: stop.signal, detail: () => stop.abort() };
    const appointment = new PeakAppointment(['08:00'], waiter, () => at('03:00:00'));
    await expect(appointment.near()).rejects.toThrow(/abort/i);
  });
});

test('a campaign of floors is refused where no time of the day is known', () => {
  const settings = { site: 'cluster', generator: 'embedded', scale: { rate: 1, duration: 1 }, attempts: 3 } as const;
  expect(() => portsFor(settings, 'test', [trialOf('fs-schedule-lead-60s')])).toThrow(
    /^fs-schedule-lead-60s raises a floor around signals\.peaks of facts\/settings\.ts, which names no time of day/,
  );
});
