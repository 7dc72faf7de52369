import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ruleGroup } from '../../argocd/alerts/rules';
import { recordingRules, traefikServiceName } from '../../charts/signals/metric-rules';
import { settings } from '../../facts/settings';
import { ensureDebianPackages } from '../fixtures/debian-packages';

// The rules of charts/signals and their alert in Prometheus' own unit tests (promtool).

const CLUSTER = settings.monitoring.clusterName;
const SERVICE = traefikServiceName(settings.namespace);
const FLOOR = { replicas: 4, leadSeconds: 120 };

beforeAll(() => ensureDebianPackages(['prometheus']), 300_000);

/** What promtool says of rules under series; undefined where all is as expected. */
function problems(rules: string, series: Readonly<Record<string, string>>, expected: object, interval = '5s') {
  const folder = mkdtempSync(join(tmpdir(), 'signal-rules-'));
  try {
    writeFileSync(join(folder, 'rules.yml'), rules);
    const test = {
      interval,
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      ...expected,
    };
    writeFileSync(
      join(folder, 'test.yml'),
      stringify({ rule_files: ['rules.yml'], evaluation_interval: interval, tests: [test] }),
    );
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', join(folder, 'test.yml')], {
      encoding: 'utf8',
    });
    return status === 0 ? undefined : stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const rulesWith = (...peaks: string[]) =>
  recordingRules({ ...settings, signals: { ...settings.signals, peaks } }, [FLOOR]);

/** One query at one time, and the only value that it may have; none where it may have no answer. */
const one = (expr: string, evaluated: string, value?: number) => ({
  promql_expr_test: [
    { expr: `sum(${expr})`, eval_time: evaluated, exp_samples: value === undefined ? [] : [{ labels: '{}', value }] },
  ],
});

const counter = (metric: string, method: string, service = SERVICE) =>
  `${metric}{code="200",method="${method}",protocol="http",service="${service}"}`;
const DURATIONS = 'traefik_service_request_duration_seconds_sum';
/** What every test of a figure needs: the Service’s count of requests, which says how much of the window is there. */
const counted = (values: string) => ({ [counter('traefik_service_requests_total', 'GET')]: values });
const floor = 'scheduled_replicas{replicas="4",lead_seconds="120"}';

test('in flight is the sum over methods for the API, and of POSTs for the solver; other Services do not count', () => {
  const series = {
    ...counted('0+1x40'),
    [counter(DURATIONS, 'GET')]: '0+10x40',
    [counter(DURATIONS, 'POST')]: '0+5x40',
    [counter(DURATIONS, 'GET', 'other@kubernetes')]: '0+999x40',
  };
  const inFlight = (workload: string) => `requests_in_flight{workload="${workload}"}`;
  expect(problems(rulesWith(), series, one(inFlight('django-api'), '2m', 3))).toBeUndefined();
  expect(problems(rulesWith(), series, one(inFlight('idaes'), '2m', 1))).toBeUndefined();
  // The test itself can fail.
  expect(problems(rulesWith(), series, one(inFlight('idaes'), '2m', 2))).toContain('FAILED');
});

test('where nothing was solved the solver has no request on its way, and where nothing is known there is no figure', () => {
  const idle = { ...counted('0+1x40'), [counter(DURATIONS, 'GET')]: '0+10x40' };
  expect(problems(rulesWith(), idle, one('requests_in_flight{workload="idaes"}', '2m', 0))).toBeUndefined();
  expect(problems(rulesWith(), {}, one('requests_in_flight', '2m'))).toBeUndefined();
});

test('figures that are not numbers are none, and those that stop are none after the window', () => {
  const spoilt = { ...counted('0+1x40'), [counter(DURATIONS, 'GET')]: Array(40).fill('NaN').join(' ') };
  expect(problems(rulesWith(), spoilt, one('requests_in_flight', '2m'))).toBeUndefined();
  const stopped = { ...counted('0+1x10 _x40'), [counter(DURATIONS, 'GET')]: '0+10x10 _x40' };
  expect(problems(rulesWith(), stopped, one('requests_in_flight{workload="django-api"}', '45s', 2))).toBeUndefined();
  expect(problems(rulesWith(), stopped, one('requests_in_flight', '2m'))).toBeUndefined();
  // None that falls in between, while the window empties: it would take pods with it.
  for (const moment of ['60s', '65s', '70s'])
    expect(problems(rulesWith(), stopped, one('requests_in_flight', moment))).toBeUndefined();
});

test.each([
  ['7m50s', 1],
  ['8m10s', 4],
  ['11m50s', 4],
  ['12m10s', 1],
])('a floor for 00:10 is at %s after midnight %s pods', (evaluated, value) => {
  expect(problems(rulesWith('00:10'), {}, one(floor, evaluated, value))).toBeUndefined();
});

test('a floor reaches across midnight, two peaks do not add up, and without a peak it is one pod', () => {
  expect(problems(rulesWith('23:59'), {}, one(floor, '30s', 4))).toBeUndefined();
  expect(problems(rulesWith('00:00'), {}, one(floor, '30s', 4))).toBeUndefined();
  expect(problems(rulesWith('00:01', '00:02'), {}, one(floor, '1m30s', 4))).toBeUndefined();
  expect(problems(rulesWith(), {}, one(floor, '30s', 1))).toBeUndefined();
});

test('an autoscaler that has lost its signal is told of after two minutes, and one that is well never', () => {
  const rules = stringify({ groups: [ruleGroup(CLUSTER, true)] });
  const series = (value: number) => ({
    [`kube_horizontalpodautoscaler_status_condition{cluster="${CLUSTER}",horizontalpodautoscaler="idaes",condition="ScalingActive",status="true"}`]: `${value}x60`,
  });
  const alerts = (evaluated: string, fires: boolean) => ({
    promql_expr_test: [
      {
        expr: 'count(ALERTS{alertname="AutoscalerWithoutSignal",alertstate="firing",severity="critical"})',
        eval_time: evaluated,
        exp_samples: fires ? [{ labels: '{}', value: 1 }] : [],
      },
    ],
  });
  expect(problems(rules, series(0), alerts('1m', false), '1m')).toBeUndefined();
  expect(problems(rules, series(0), alerts('4m', true), '1m')).toBeUndefined();
  expect(problems(rules, series(1), alerts('30m', false), '1m')).toBeUndefined();
});
