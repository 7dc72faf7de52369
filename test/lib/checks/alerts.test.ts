import { checkPlatform } from '../../../lib/checks';
import { EMPTY_MODEL } from '../synthesis/empty-model';

const application = {
  path: 'argocd/workloads.yaml',
  component: 'workloads',
  objects: [
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'workloads', namespace: 'argocd' },
      spec: {
        source: { path: 'dist/workloads/production', helm: { valuesObject: { global: { scrapeInterval: '60s' } } } },
      },
    },
  ],
};

interface Written {
  readonly for?: string;
  readonly severity?: string;
  readonly summary?: string;
  readonly interval?: string;
}

const rules = (expr: string, { severity = 'warning', summary = 'It is late.', interval, ...rest }: Written = {}) => {
  const annotations = { summary, remedy: 'Look.' };
  const rule = { alert: 'Late', expr, for: rest.for ?? '5m', labels: { severity }, annotations };
  return { path: 'alerts/rules.yaml', content: JSON.stringify({ groups: [{ name: 'all', interval, rules: [rule] }] }) };
};

const board = (...exprs: string[]) => {
  const panels = exprs.map((expr, index) => ({
    title: `panel ${index}`,
    gridPos: { x: 0, y: 0, w: 4, h: 4 },
    targets: [{ expr }],
  }));
  return { path: 'alerts/dashboard.json', content: JSON.stringify({ panels }) };
};

const said = (...files: { path: string; content: string }[]) =>
  checkPlatform({ ...EMPTY_MODEL, files }, [application])
    .filter(({ rule }) => rule === 'alerts-can-fire')
    .map(({ object, field, message }) => [object, field, message].join(' '));

const C = 'cluster="c"';

test.each([
  ['a name that is not there', `kube_cronjob_created{${C},cronjob="backup"}`, /^Late expr there is no CronJob backup/],
  ['one of several', `x{${C},deployment=~"web|api"}`, /there is no Deployment web/],
  ['a namespace that is not there', `x{${C},namespace="shop"}`, /there is no Namespace shop/],
  ['another Application', `argocd_application_info{${C},name="workload"}`, /there is no Application workload/],
  ['a folder that nobody syncs', `argocd_application_info{${C},path!="dist/workload"}`, /no Application syncs dist\/workload/],
  ['a bracket too few', `absent(up{${C},job="a"}`, /a \( has no partner/],
  ['no cluster', 'up{job="a"} == 0', /up is asked of every cluster/],
  ['several values as one', `up{${C},state="a|b"} == 0`, /state="a\|b" is one value; write =~/],
  ['a condition that is none', `kube_node_status_condition{${C},condition="Redy"} == 0`, /there is no condition Redy/],
  ['a window of one sample', `rate(up{${C}}[30s]) > 1`, /\[30s\] never holds two samples/],
  ['a share above one', `node_filesystem_avail_bytes{${C}} / node_filesystem_size_bytes{${C}} < 15`, /15 is no limit: .*a share of the disk/],
  ['more degrees than a Pi bears', `max by (instance) (node_hwmon_temp_celsius{${C}}) > 780`, /780 is no limit/],
  ['longer than certificates last', `(probe_ssl_earliest_cert_expiry{${C}} - time()) / 86400 < 140`, /140 is no limit/],
  ['seconds for days', `(probe_ssl_earliest_cert_expiry{${C}} - time()) < 14`, /14 is no limit/],
  ['fewer hours than a day', `(time() - (kube_cronjob_status_last_successful_time{${C}})) / 3600 > 24`, /24 is no limit/],
  ['a young run', `(time() - (kube_cronjob_status_last_successful_time{${C}})) / 3600 < 26`, /while the last run is young/],
  ['what is well', `kube_node_status_condition{${C},condition="Ready",status="true"} == 1`, /fires while all is well/],
  ['what answers', `probe_success{${C}} == 1`, /fires while all is well/],
  ['a time of nothing', `kube_cronjob_created{${C}} == 0`, /a time is never 0/],
])('an alert that asks for %s is refused', (_, expr, message) => {
  expect(said(rules(expr)).join('\n')).toMatch(message);
}); // prettier-ignore

test.each<[string, Written, RegExp]>([
  ['a duration that is none', { for: '5 min' }, /Late for "5 min" is no duration/],
  ['no severity that is known', { severity: 'high' }, /labels\.severity it is none of critical/],
  ['nothing to read', { summary: '' }, /annotations\.summary whoever is told does not learn/],
  ['a label that no series has', { summary: 'Node {{ $labels.instance }}' }, /no series has the label instance \(they have node/],
  ['a function that is none', { summary: '{{ $value | humanisePercentage }}' }, /no function humanisePercentage; the nearest is humanizePercentage/],
  ['an hour between two looks', { interval: '1h' }, /^all interval "1h" is no time of 5m at most/],
])('an alert with %s is refused', (_, written, message) => {
  expect(said(rules(`kube_node_status_condition{${C}} == 0`, written)).join('\n')).toMatch(message);
}); // prettier-ignore

test('a dashboard is held to the same, and its panels lie beside each other', () => {
  const found = said(rules(`node_load1{${C}} > 9`), board(`node_load11{${C}}`, `sum(up{${C},deployment="web"}[1h])`));
  expect(found).toEqual([
    expect.stringMatching(/^Late expr node_load1 is nearly node_load11, which is asked for elsewhere/),
    expect.stringMatching(/^panel 0 targets\[0\]\.expr node_load11 is nearly node_load1/),
    expect.stringMatching(/^panel 1 gridPos it lies on "panel 0"/),
    expect.stringMatching(/^panel 1 targets\[0\]\.expr there is no Deployment web/),
  ]);
});

test('alerts that can fire are agreed to', () => {
  const expr = `rate(up{${C},job=~"a|b",path!="dist/workloads/production"}[5m]) > 0.5 and on() (vector(1))`;
  expect(said(rules(expr, { for: '1h30m', interval: '1m' }), board(`up{${C}}`))).toEqual([]);
});
