import { settings } from '../../../../facts/settings';
import { oddNight } from '../../../../lib/kubernetes/schedule/clock-change';

const from = new Date('2026-11-27T00:00:00Z');

describe('a daily schedule on the nights when clocks are changed', () => {
  test.each([
    // New Zealand goes forward at 02:00 in September and back at 03:00 in April.
    ['30 2 * * *', 'Pacific/Auckland', { date: '2027-04-04', times: 2 }],
    ['0 2 * * *', 'Pacific/Auckland', { date: '2027-04-04', times: 2 }],
    ['59 1 * * *', 'Pacific/Auckland', undefined],
    ['0 3 * * *', 'Pacific/Auckland', undefined],
    ['30 2 * * *', 'Europe/Berlin', { date: '2027-03-28', times: 0 }],
    ['30 1 * * *', 'Europe/London', { date: '2027-03-28', times: 0 }],
    ['30 0 * * *', 'Africa/Cairo', { date: '2027-04-30', times: 0 }],
    // Half an hour forward at 02:00 in October, back at 02:00 in April.
    ['45 1 * * *', 'Australia/Lord_Howe', { date: '2027-04-04', times: 2 }],
    ['30 2 * * *', 'UTC', undefined],
    ['30 2 * * *', 'Asia/Kolkata', undefined],
    ['*/5 * * * *', 'Europe/Berlin', undefined],
  ])('%s in %s: %j', (schedule, timeZone, expected) => {
    expect(oddNight(schedule, timeZone, from)).toEqual(expected);
  });

  test('the backup runs exactly once every night', () => {
    const { schedule, timeZone } = settings.backup;
    expect(oddNight(schedule, timeZone, from)).toBeUndefined();
  });
});
