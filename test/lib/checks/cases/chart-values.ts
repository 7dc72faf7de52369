import type { Loose } from '../../../fixtures/loose';
import type { SoundPlatform } from '../sound-platform';
import type { Case } from './case';

const closed = () => ({
  global: { networkPolicy: { create: true, defaultDenyIngress: true } },
  configs: {
    cm: { 'admin.enabled': 'false', 'users.anonymous.enabled': 'false', 'timeout.reconciliation': '180s' },
    params: { 'controller.sync.timeout.seconds': '1800' },
    rbac: { 'policy.default': '' },
  },
  controller: { resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '512Mi' } } },
});

const INSTALLED = {
  chart: 'https://%{KUBERNETES_API}%/static/charts/argo-cd-9.3.7.tgz',
  targetNamespace: 'argocd',
  failurePolicy: 'abort',
  timeout: '20m',
};

/** Argo CD's chart with one value changed. */
const argoCd = (change: (values: Loose) => void) => (p: SoundPlatform) => {
  const values = closed();
  change(values);
  p.files.push({
    path: 'argocd/argo-cd.yaml',
    component: 'argo-cd',
    objects: [
      {
        apiVersion: 'helm.cattle.io/v1',
        kind: 'HelmChart',
        metadata: { name: 'argo-cd', namespace: 'kube-system' },
        spec: { ...INSTALLED, valuesContent: JSON.stringify(values) },
      },
    ],
  });
};

const row = (rule: string, when: string, change: (values: Loose) => void, field: string, message: RegExp): Case => ({
  rule,
  when,
  breakIt: argoCd(change),
  object: 'HelmChart/argo-cd',
  field: `spec.valuesContent: ${field}`,
  message,
});

/** How K3s is told to install the chart, with one field changed. */
const installed = (when: string, change: object, field: string, message: RegExp): Case[] => [
  {
    rule: 'charts-of-k3s-are-installed-as-meant',
    when,
    breakIt: (p) => {
      argoCd(() => undefined)(p);
      Object.assign(p.files.at(-1)!.objects[0].spec, change);
    },
    object: 'HelmChart/argo-cd',
    field,
    message,
  },
];

export const chartValueCases: readonly Case[] = [
  row('argo-cd-stays-closed', 'its admin is on', (v) => (v.configs.cm['admin.enabled'] = 'true'), 'configs.cm.admin.enabled', /admin can be tried/),
  row('argo-cd-stays-closed', 'its admin is left to the chart', (v) => delete v.configs.cm['admin.enabled'], 'configs.cm.admin.enabled', /not set/),
  row('argo-cd-stays-closed', 'nobody has to sign in', (v) => (v.configs.cm['users.anonymous.enabled'] = 'true'), 'configs.cm.users.anonymous.enabled', /nobody has to sign in/),
  row('argo-cd-stays-closed', 'everybody is an admin', (v) => (v.configs.rbac['policy.default'] = 'role:admin'), 'configs.rbac.policy.default', /role:admin/),
  row('argo-cd-stays-closed', 'its policies are off', (v) => (v.global.networkPolicy.create = false), 'global.networkPolicy.create', /reaches its parts/),
  row('chart-values-make-sense', 'a duration has a space', (v) => (v.configs.cm['timeout.reconciliation'] = '180 s'), 'configs.cm.timeout.reconciliation', /"180 s" is not a duration/),
  row('chart-values-make-sense', 'seconds have a unit', (v) => (v.configs.params['controller.sync.timeout.seconds'] = '30m'), 'configs.params.controller.sync.timeout.seconds', /whole number of seconds/),
  row('chart-values-make-sense', 'a limit is below its request', (v) => (v.controller.resources.limits.memory = '128Mi'), 'controller.resources.limits.memory', /below the request 256Mi/),
  row('chart-values-make-sense', 'memory is in bytes', (v) => (v.controller.resources.requests.memory = '128'), 'controller.resources.requests.memory', /less than 1Mi/),
  row('chart-values-make-sense', 'an amount is none', (v) => (v.controller.resources.requests.cpu = '250 m'), 'controller.resources.requests.cpu', /not an amount/),
  row('chart-values-make-sense', 'millicores are cores', (v) => (v.controller.resources.requests.cpu = '250'), 'controller.resources.requests.cpu', /more than any node/),
  row('chart-values-make-sense', 'nothing is scraped', (v) => (v.scrapeInterval = '0s'), 'scrapeInterval', /never ends/),
  row('chart-values-make-sense', 'two destinations have one name', (v) => (v.destinations = [{ name: 'a' }, { name: 'a' }]), 'destinations.1.name', /name of another/),
  row('chart-values-lead-somewhere', 'a choice is none', (v) => (v.service = { externalTrafficPolicy: 'local' }), 'service.externalTrafficPolicy', /"local" is none of Local, Cluster/),
  row('chart-values-lead-somewhere', 'a node is unknown', (v) => (v.controller.nodeSelector = { 'kubernetes.io/hostname': 'node-9' }), 'controller.nodeSelector.kubernetes.io/hostname', /no node has the value "node-9"/),
  row('chart-values-lead-somewhere', 'a label is misspelt', (v) => (v.controller.nodeSelector = { 'kubernetes.io/archh': 'arm64' }), 'controller.nodeSelector.kubernetes.io/archh', /no node has a label/),
  row('chart-values-lead-somewhere', 'a field of an image is misspelt', (v) => (v.image = { repositry: 'a' }), 'image.repositry', /an image has no field/),
  row('chart-values-lead-somewhere', 'a collector is misspelt', (v) => (v.events = { collector: 'alloy-single' }), 'events.collector', /no collector alloy-single/),
  row('chart-values-lead-somewhere', 'a destination is misspelt', (v) => (v.events = { destinations: ['logs'] }), 'events.destinations.0', /no destination logs/),
  row('chart-values-lead-somewhere', 'a destination is of no kind', (v) => (v.destinations = [{ name: 'a', type: 'lokki' }]), 'destinations.0.type', /"lokki" is none of/),
  row('chart-values-lead-somewhere', 'a key of a Secret is misspelt', (v) => (v.destinations = [{ name: 'a', type: 'loki', auth: { usernameKey: 'user' }, secret: { name: 'database', namespace: 'shop' } }]), 'destinations.0.auth.usernameKey', /database has no key user/),
  row('chart-values-lead-somewhere', 'an expression cannot be read', (v) => (v.metricsTuning = { includeMetrics: ['node_disk_(.*'] }), 'metricsTuning.includeMetrics.0', /no regular expression/),
  row('chart-values-lead-somewhere', 'a receiver is misspelt', (v) => (v.extraConfig = 'forward_to = [prometheus.remote_write.cloud.receiver]'), 'extraConfig', /no receiver cloud/),
  row('options-exist', 'a setting of Argo CD is misspelt', (v) => (v.configs.params['controller.status.procesors'] = '4'), 'configs.params["controller.status.procesors"]', /knows no controller.status.procesors; controller.status.processors is near/),
  row('option-values-can-be-read', 'a count of Argo CD is a word', (v) => (v.configs.params['controller.status.processors'] = 'four'), 'configs.params["controller.status.processors"]', /four is not a number/),
  ...installed('a time is none', { timeout: '20' }, 'spec.timeout', /"20" is not a duration/),
  ...installed('a failed upgrade removes it', { failurePolicy: undefined }, 'spec.failurePolicy', /removes what runs/),
  row('metrics-read-no-secrets', 'the list of the chart is in force', (v) => (v.clusterMetrics = { 'kube-state-metrics': { deploy: true } }), 'clusterMetrics.kube-state-metrics.collectors', /Secrets are on it/),
  row('metrics-read-no-secrets', 'Secrets are listed', (v) => (v['kube-state-metrics'] = { collectors: ['pods', 'secrets'] }), 'kube-state-metrics.collectors', /Secrets are among/),
  row('charts-that-call-outside-have-an-uplink', 'commits are fetched from any node', (v) => (v.repoServer = {}), 'repoServer.nodeSelector', /may run on any node/),
  row('charts-that-call-outside-have-an-uplink', 'metrics are sent from a worker', (v) => Object.assign(v, { destinations: [], 'alloy-metrics': { enabled: true, controller: { nodeSelector: { 'kubernetes.io/hostname': 'node-1' } } } }), 'alloy-metrics.controller.nodeSelector', /node-1 has no uplink/),
  row('health-checks-are-of-a-kind', 'a kind is misspelt', (v) => (v.configs.cm['resource.customizations.health.apps_Deployments'] = 'return hs'), 'configs.cm["resource.customizations.health.apps_Deployments"]', /nothing that is rendered is a apps_Deployments/),
  { ...installed('x', { chart: 'https://%{KUBERNETES_API}%/static/charts/argo-cd-9.3.8.tgz' }, 'spec.chart', /Ansible stages argo-cd-9.3.7.tgz, and not argo-cd-9.3.8.tgz/)[0]!, rule: 'charts-are-pinned-and-known', when: 'another archive is staged', breakIt: (p) => { p.model.reviewed = { ...p.model.reviewed, stagedCharts: ['argo-cd-9.3.7.tgz'] }; installed('x', { chart: 'https://%{KUBERNETES_API}%/static/charts/argo-cd-9.3.8.tgz' }, '', /x/)[0]!.breakIt(p); } },
  ...installed('the chart is on the internet', { chart: 'https://charts.example.com/argo-cd-9.3.7.tgz' }, 'spec.chart', /nodes reach no repository of charts/),
  row('images-are-pinned', 'a tag of a chart moves', (v) => (v.global.image = { tag: 'v3.2' }), 'global.image.tag', /the tag v3.2 names no single version/),
  row('chart-values-make-sense', 'nobody is asked for names', (v) => (v.controller.dnsConfig = { nameservers: [] }), 'controller.dnsConfig.nameservers', /no name server is named/),
  row('roles-stay-below-administration', 'a chart is to read Secrets', (v) => (v.rbac = { extraRules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }] }), 'rbac.extraRules.0.resources', /every password/),
  ...installed('the chart is elsewhere', { chart: 'https://%{KUBERNETES_API}%/static/chart/a-1.0.0.tgz' }, 'spec.chart', /K3s serves \/static\/charts\//),
  ...installed('the namespace is misspelt', { targetNamespace: 'argo-cd' }, 'spec.targetNamespace', /"argo-cd" is not where/),
  {
    ...row('images-are-those-meant', 'an image of a chart is misspelt', (v) => (v.redis = { image: { repository: 'docker.io/library/rediss' } }), 'redis', /rediss is not among the images of charts/),
    field: 'spec.valuesContent',
    breakIt: (p) => {
      p.model.images.outside = [{ image: 'docker.io/library/redis:8', namedBy: 'argo-cd 9.3.7', listedIn: 'facts/list.json' }];
      argoCd((v) => (v.redis = { image: { repository: 'docker.io/library/rediss' } }))(p);
    },
  },
  row('chart-values-make-sense', 'new commits are never asked for', (v) => (v.configs.cm['timeout.reconciliation'] = '0s'), 'configs.cm.timeout.reconciliation', /never asked for new commits/),
  row('chart-values-lead-somewhere', 'logs are sent to metrics', (v) => Object.assign(v, { destinations: [{ name: 'a', type: 'prometheus' }], podLogs: { destinations: ['a'] } }), 'podLogs.destinations.0', /a is of type prometheus, which takes no logs/),
  row('chart-values-lead-somewhere', 'metrics are sent to logs', (v) => Object.assign(v, { destinations: [{ name: 'a', type: 'loki' }], clusterMetrics: { destinations: ['a'] } }), 'clusterMetrics.destinations.0', /takes no metrics/),
  row('chart-values-lead-somewhere', 'the figures of disks are dropped', (v) => (v.dropMetricsForFilesystem = ['tmpfs', 'ext4']), 'dropMetricsForFilesystem', /ext4 is what disks of nodes have/),
  row('chart-values-lead-somewhere', 'a device is a path', (v) => (v.keepPhysicalFilesystemDevices = ['/dev/sda']), 'keepPhysicalFilesystemDevices', /\/dev\/sda fits no device/),
  row('metrics-read-no-secrets', 'Alloy has the rights of its chart', (v) => (v['alloy-metrics'] = { enabled: true }), 'alloy-metrics.rbac.rules', /Secrets of every namespace are on it/),
  row('metrics-read-no-secrets', 'Alloy is to read Secrets', (v) => (v['alloy-logs'] = { enabled: true, rbac: { rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }] } }), 'alloy-logs.rbac.rules', /Secrets of every namespace are among/),
]; // prettier-ignore
