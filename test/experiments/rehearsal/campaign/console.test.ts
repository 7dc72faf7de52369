import { progressLine } from '../../../../lib/console/progress-line';
import { cellLines, findingLines } from '../../../../experiments/rehearsal/campaign/console';
import type { RehearsalFinding } from '../../../../experiments/rehearsal/campaign/findings';
import type { TrialSummary } from '../../../../experiments/rehearsal/campaign/trial-summary';

const summary = (variant: string, profile: TrialSummary['profile'], repetition: number): TrialSummary => ({
  trial: `benchmark.fs.${variant}.${profile}.${repetition}`,
  experiment: 'benchmark',
  testType: 'fs',
  variant,
  profile,
  repetition,
  requests: 100,
  failed: 0,
  dropped: 0,
  p50: 10,
  p95: 20,
  within: new Float32Array(1000),
  coreSeconds: 1,
  aborted: false,
  endedAt: 60,
  desired: { 'django-api': [1, 2], idaes: [1, 1] },
  mostPending: { 'django-api': 0, idaes: 0 },
});

const alike = (profile: TrialSummary['profile'], variants: readonly string[], trials = 3): RehearsalFinding => ({
  kind: 'indistinguishable',
  experiment: 'benchmark',
  testType: 'fs',
  profile,
  variants,
  detail: `${trials} trials each show no difference.`,
  assumed: [],
});

test('a variant has one line per profile, in the plan’s order and not in the order of play', () => {
  const [cluster, compose] = ['fs-benchmark-cluster', 'fs-benchmark-compose'];
  const played = [
    summary(compose, 'spike', 1),
    summary(cluster, 'spike', 1),
    summary(cluster, 'average', 1),
    summary(compose, 'average', 1),
    summary(cluster, 'spike', 2),
  ];
  const rows = cellLines(played).slice(1);
  expect(rows.map((row) => row.split(/\s+/).slice(2, 4))).toEqual([
    [cluster, 'average'],
    [cluster, 'spike'],
    [compose, 'average'],
    [compose, 'spike'],
  ]);
});

test('a pair that is alike under two profiles is named once, with both', () => {
  const pair = ['fs-benchmark-cluster', 'fs-benchmark-compose'];
  expect(findingLines([alike('breakpoint', pair), alike('average', pair)])).toEqual([
    'indistinguishable (benchmark fs average, breakpoint): fs-benchmark-cluster from fs-benchmark-compose. ' +
      '3 trials each show no difference.',
  ]);
});

test('other pairs, and pairs that rest on other numbers of trials, keep lines of their own', () => {
  const lines = findingLines([
    alike('average', ['a', 'b']),
    alike('spike', ['a', 'c']),
    alike('breakpoint', ['a', 'b'], 2),
  ]);
  expect(lines).toHaveLength(3);
});

test('what a finding takes for granted stands beside it', () => {
  const assumed = ['the solver of a process uses one core', 'trials differ by 2 %'];
  const [pair] = findingLines([{ ...alike('spike', ['a', 'b']), assumed }]);
  expect(pair).toMatch(/\[assumed: the solver of a process uses one core; trials differ by 2 %\]$/);
});

test('findings about single variants stand together by kind', () => {
  const about = { experiment: 'resources', testType: 'uor', detail: 'So it is.', assumed: [] } as const;
  const lines = findingLines([
    { kind: 'never-scales', variants: ['a'], ...about },
    { kind: 'saturated', profile: 'spike', variants: ['a'], ...about },
    { kind: 'unschedulable', variants: ['b'], ...about },
    { kind: 'never-scales', variants: ['b'], ...about },
  ]);
  expect(lines.map((line) => line.split(' (')[0])).toEqual([
    'unschedulable: b',
    'never-scales: a',
    'never-scales: b',
    'saturated: a',
  ]);
});

test('without a terminal, progress is a plain line at once and then every five seconds', () => {
  const written: string[] = [];
  let clock = 0;
  const show = progressLine({ write: (text) => written.push(text) }, () => clock);
  for (; clock <= 12_000; clock += 1000) show(`${clock / 1000} of 13 trials`);
  show('');
  expect(written).toEqual(['0 of 13 trials\n', '5 of 13 trials\n', '10 of 13 trials\n']);
});

test('on a terminal, progress is one line that is overwritten and never wraps', () => {
  const written: string[] = [];
  const show = progressLine({ isTTY: true, columns: 10, write: (text) => written.push(text) });
  show('1 of 2 trials');
  show('');
  expect(written).toEqual(['\r\x1b[K1 of 2 tr', '\r\x1b[K']);
});
