import { percent, setPercent, wholePercent } from '../../../lib/primitives/percent';

test.each([
  [0, '0.0 %', '0 %', '0 %'],
  [0.0001, '0.01 %', '0 %', '0.01 %'],
  [0.025, '2.5 %', '3 %', '2.5 %'],
  [0.05, '5.0 %', '5 %', '5 %'],
  [0.95, '95.0 %', '95 %', '95 %'],
])('the share %j is shown, rounded and quoted', (share, shown, whole, quoted) => {
  expect([percent(share), wholePercent(share), setPercent(share)]).toEqual([shown, whole, quoted]);
});
