import { goDurationSeconds } from '../../../../lib/kubernetes/schedule/duration';
import { secondsOfDay } from '../../../../lib/kubernetes/schedule/time-of-day';

test.each([
  ['30s', 30],
  ['1h30m', 5400],
  ['1.5h', 5400],
  ['250ms', 0.25],
  ['2m0.5s', 120.5],
  ['0', 0],
  ['', undefined],
  ['30', undefined],
  ['30 s', undefined],
  ['1d', undefined],
  ['-30s', undefined],
  ['1h30', undefined],
  [30, undefined],
  [undefined, undefined],
])('Go reads %j as %j seconds', (text, seconds) => expect(goDurationSeconds(text)).toBe(seconds));

test.each([
  ['00:00', 0],
  ['08:30', 30_600],
  ['23:59', 86_340],
  ['24:00', undefined],
  ['8:30', undefined],
  ['08:60', undefined],
  ['08:30:00', undefined],
])('%j is %j seconds after midnight', (time, seconds) => expect(secondsOfDay(time)).toBe(seconds));
