import type { Loose } from '../../../fixtures/loose';
import type { SoundPlatform } from '../sound-platform';
import { find } from '../sound-platform';
import type { Case } from './case';

const PROBE = [
  'prometheus.exporter.blackbox "public" {',
  `  config = ${JSON.stringify(JSON.stringify({ modules: { public: { prober: 'http', timeout: '10s' } } }))}`,
  '  target {',
  '    module = "public"',
  '  }',
  '}',
  'prometheus.scrape "public" {',
  '  targets = prometheus.exporter.blackbox.public.targets',
  '  scrape_interval = "60s"',
  '}',
].join('\n');

const sound = (): Loose => ({
  cluster: { name: 'shop' },
  global: { scrapeInterval: '60s' },
  destinations: [{ name: 'logs', type: 'loki' }],
  clusterMetrics: {
    'kube-state-metrics': {
      collectors: ['cronjobs', 'nodes'],
      metricsTuning: { includeMetrics: ['argocd_application_info'] },
      rbac: { extraRules: [{ apiGroups: ['argoproj.io'], resources: ['applications'], verbs: ['list', 'watch'] }] },
      customResourceState: {
        config: {
          spec: {
            resources: [
              {
                groupVersionKind: { group: 'argoproj.io', kind: 'Application' },
                metricNamePrefix: 'argocd_application',
                metrics: [{ name: 'info', each: { info: { labelsFromPath: { path: ['spec', 'source', 'path'] } } } }],
              },
            ],
          },
        },
      },
    },
    'node-exporter': { metricsTuning: { includeMetrics: ['node_hwmon_temp_.*'] }, extraMetricProcessingRules: '' },
  },
  podLogsViaKubernetesApi: { enabled: true, collector: 'alloy-logs', destinations: ['logs'] },
  'alloy-logs': {
    enabled: true,
    controller: { replicas: 1 },
    alloy: { clustering: { enabled: false } },
    rbac: { rules: [{ resources: ['pods/log'], verbs: ['get', 'list', 'watch'] }] },
    extraConfig: PROBE,
  },
  extraObjects: [{ subjects: [{ kind: 'ServiceAccount', name: 'watcher-alloy-logs' }] }],
});

const ASKED = ['kube_cronjob_created', 'node_hwmon_temp_celsius', 'argocd_application_info']
  .map((metric) => `${metric}{cluster="shop"}`)
  .join(' ');

/** The chart with one value changed, beside alerts that ask for three metrics. */
const changed = (change: (values: Loose) => void) => (p: SoundPlatform) => {
  const valuesObject = sound();
  change(valuesObject);
  p.model.files.push({ path: 'alerts/rules.yaml', content: JSON.stringify({ note: ASKED }) });
  p.files.push({
    path: 'argocd/watcher.yaml',
    component: 'watcher',
    objects: [
      {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Application',
        metadata: { name: 'watcher', namespace: 'argocd' },
        spec: { source: { chart: 'k8s-monitoring', helm: { releaseName: 'watcher', valuesObject } } },
      },
    ],
  });
};

const row =
  (rule: string) =>
  (when: string, field: string, message: RegExp, change: (values: Loose) => void): Case => ({
    rule,
    when,
    breakIt: changed(change),
    object: 'Application/watcher',
    field: `spec.source.helm.valuesObject: ${field}`,
    message,
  });

const arrives = row('metrics-that-are-asked-for-arrive');
const works = row('collectors-can-do-their-work');
const STATE = 'clusterMetrics.kube-state-metrics';
const CONFIG = 'alloy-logs.extraConfig';
const state = (values: Loose) => values.clusterMetrics['kube-state-metrics'];
const applications = (values: Loose) => state(values).customResourceState.config.spec.resources[0];
const config = (when: string, from: string, to: string, message: RegExp) =>
  works(when, CONFIG, message, (v) => (v['alloy-logs'].extraConfig = PROBE.replace(from, to)));

const policy = (when: string, field: string, message: RegExp, change: (spec: Loose) => void): Case => ({
  rule: 'admission-policies-hold',
  when,
  breakIt: (p) => {
    const spec: Loose = {
      matchConstraints: {
        resourceRules: [{ operations: ['CREATE', 'UPDATE'], resources: ['pods', 'pods/ephemeralcontainers'] }],
      },
      variables: [{ name: 'reads', expression: "object.spec.?serviceAccountName.orValue('') == 'x'" }],
      validations: [{ expression: 'variables.reads || !object.spec.?hostPID.orValue(false)', message: 'leave it out' }],
    };
    change(spec);
    p.files.push({
      path: 'platform/guard.yaml',
      component: 'guard',
      objects: [
        {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'ValidatingAdmissionPolicy',
          metadata: { name: 'guard' },
          spec,
        },
      ],
    });
  },
  object: 'ValidatingAdmissionPolicy/guard',
  field: `spec.${field}`,
  message,
});
const says = (expression: string) => (spec: Loose) => (spec.validations[0].expression = expression);

const calls = (when: string, cidr: string, port: number, message: RegExp): Case => ({
  rule: 'policies-open-what-listens',
  when,
  breakIt: (p) =>
    find(p, 'NetworkPolicy/web').spec.egress.push({ to: [{ ipBlock: { cidr } }], ports: [{ port, protocol: 'TCP' }] }),
  object: 'NetworkPolicy/web',
  field: 'spec.egress[2].ports',
  message,
});

/** What is collected, by whom, and what the API server is to refuse. */
// prettier-ignore
export const collectorCases: readonly Case[] = [
  arrives('a kind is not read', `${STATE}.collectors`, /cronjobs is missing, of which kube_cronjob_created comes/, (v) => state(v).collectors.shift()),
  arrives('a kind is in the singular', `${STATE}.collectors`, /node is no collector/, (v) => state(v).collectors.push('node')),
  arrives('the heat of nodes is left out', 'clusterMetrics.node-exporter.metricsTuning.includeMetrics', /nothing includes node_hwmon_temp_celsius/, (v) => (v.clusterMetrics['node-exporter'].metricsTuning.includeMetrics = [])),
  arrives('a series of Applications is called otherwise', `${STATE}.customResourceState`, /nothing makes argocd_application_info \(argocd_application_status\)/, (v) => (applications(v).metrics[0].name = 'status')),
  arrives('a series of Applications is dropped', `${STATE}.metricsTuning.includeMetrics`, /nothing includes argocd_application_info/, (v) => (state(v).metricsTuning.includeMetrics = [])),
  arrives('a label comes from no field', `${STATE}.customResourceState`, /no field spec\.sources\.path/, (v) => (applications(v).metrics[0].each.info.labelsFromPath.path[1] = 'sources')),
  arrives('the cluster has another name', 'cluster.name', /it is other, and alerts ask for the cluster shop/, (v) => (v.cluster.name = 'other')),
  arrives('Applications may not be followed', `${STATE}.rbac.extraRules`, /nothing lets it list and watch applications of argoproj\.io/, (v) => (state(v).rbac.extraRules[0].verbs = ['get'])),
  { ...arrives('a label is called otherwise', `${STATE}.customResourceState`, /argocd_application_info has no label name \(it has path\)/, () => undefined), breakIt: (p) => { changed(() => undefined)(p); p.model.files.push({ path: 'alerts/more.yaml', content: 'argocd_application_info{name="x"}' }); } },
  works('it asks every second', 'global.scrapeInterval', /more often than a mobile line carries/, (v) => (v.global.scrapeInterval = '1s')),
  works('logs go nowhere', 'podLogsViaKubernetesApi.destinations', /sent nowhere/, (v) => (v.podLogsViaKubernetesApi.destinations = [])),
  works('there are two of it', 'alloy-logs.controller.replicas', /each of 2 sends everything/, (v) => (v['alloy-logs'].controller.replicas = 2)),
  works('it may read no log', 'alloy-logs.rbac.rules', /pods\/log is missing/, (v) => (v['alloy-logs'].rbac.rules[0].resources = ['pods'])),
  works('a right goes to another account', 'extraObjects.0.subjects.0.name', /makes no account watcher-alloy-metrics/, (v) => (v.extraObjects[0].subjects[0].name = 'watcher-alloy-metrics')),
  config('a block does not end', '  target {', '  target', /a \{ has no partner/),
  config('a block of another name is asked', 'blackbox.public.targets', 'blackbox.probe.targets', /prometheus\.exporter\.blackbox\.probe is made by no block/),
  config('a module of another name is asked', 'module = "public"', 'module = "http_2xx"', /there is no module http_2xx \(there are public\)/),
  config('a prober is none', '\\"http\\"', '\\"https\\"', /https is no prober/),
  config('it waits longer than it pauses', '10s', '2m', /it waits 2m for an answer/),
  config('an interval has no unit', '"60s"', '"60"', /scrape_interval is "60"/),
  works('a rule does what is none', 'clusterMetrics.node-exporter.extraMetricProcessingRules', /label_drop is no action/, (v) => (v.clusterMetrics['node-exporter'].extraMetricProcessingRules = 'rule {\n  action = "label_drop"\n}')),
  policy('a change is not looked at', 'matchConstraints.resourceRules[0].operations', /not looked at by UPDATE/, (s) => s.matchConstraints.resourceRules[0].operations.pop()),
  policy('what is added later is not looked at', 'matchConstraints.resourceRules[0].resources', /pods\/ephemeralcontainers/, (s) => s.matchConstraints.resourceRules[0].resources.pop()),
  policy('a variable is misspelt', 'validations[0].expression', /no variable read \(there are reads\)/, says('variables.read')),
  policy('a field may be missing', 'validations[0].expression', /hostPID fails where it is not set/, says('!object.spec.hostPID.orValue(false)')),
  policy('silence is refused', 'validations[0].expression', /says nothing of hostPID is refused/, says('!object.spec.?hostPID.orValue(true)')),
  policy('root of the node is agreed to', 'validations[0].expression', /SYS_ADMIN is agreed to/, says('capability in ["SYS_ADMIN"]')),
  policy('it says nothing', 'validations[0].message', /does not learn what to change/, (s) => delete s.validations[0].message),
  calls('the API server is called elsewhere', '192.0.2.2/32', 443, /head answers on 6443 alone/),
  calls('machines are called by SSH', '192.0.2.0/24', 22, /SSH of the machines/),
];
