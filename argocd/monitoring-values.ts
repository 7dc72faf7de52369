import type {
  Collector,
  MonitoringValues,
  RbacRule,
  ResourceRequirements,
  SecretName,
} from './monitoring-chart-values';
import { MONITORING_RELEASE } from './monitoring-guards';

export interface MonitoringSettings {
  /** Whether autoscalers may look at another signal than CPU. @default false */
  readonly signals?: boolean;
  /** Label `cluster` of every series. */
  readonly clusterName: string;
  /** Remote-write address of the Grafana Cloud stack. */
  readonly remoteWriteUrl: string;
  /** Address that the stack takes logs at (Loki push). */
  readonly logsUrl: string;
  /** Secret with the keys `username` and `password`. */
  readonly credentials: SecretName;
  /** The same for logs: another instance number, and a token that may write logs alone. */
  readonly logCredentials: SecretName;
  /** The one node that reaches the internet, so the only one that can push. */
  readonly uplinkNode: string;
  /** A public address, asked from outside the cluster's own network by way of Cloudflare: does it answer, and how long is its certificate good? */
  readonly probedUrl: string;
  /** Block devices of the nodes' own storage, as their mounted file systems name them, such as `/dev/mmcblk0`. */
  readonly storageDevices: readonly string[];
}

/** Whether an autoscaler has what it looks at; kept where that is more than CPU. */
const SIGNAL_HEALTH = 'kube_horizontalpodautoscaler_status_condition';

/** What alerts, dashboard and experiments ask about; its rights follow (templates/role.yaml of kube-state-metrics' chart). */
const READ_KINDS = [
  ...['cronjobs', 'daemonsets', 'deployments', 'horizontalpodautoscalers', 'jobs', 'namespaces', 'nodes'],
  ...['persistentvolumeclaims', 'persistentvolumes', 'pods', 'replicasets', 'resourcequotas', 'statefulsets'],
] as const;

const METRICS = 'grafana-cloud';
const LOGS = 'grafana-cloud-logs';

/**
 * What the experiments read later, once a minute, and what a person reads who looks for a fault: logs of every pod and
 * events.
 * Logs are read through the API server by one Alloy on the node with the uplink, since `podLogs` would need each airgapped
 * node to reach Grafana Cloud; it is another Alloy than that of the metrics, which a flood of logs must not cost a trial.
 * Footprint: 50m and 128 MiB requested, 256 MiB at most.
 */
export function monitoringValues(settings: MonitoringSettings): MonitoringValues {
  return {
    cluster: { name: settings.clusterName },
    global: { scrapeInterval: '60s' },
    destinations: [
      { name: METRICS, type: 'prometheus', url: settings.remoteWriteUrl, ...readWith(settings.credentials) },
      { name: LOGS, type: 'loki', url: settings.logsUrl, ...readWith(settings.logCredentials) },
    ],
    clusterMetrics: {
      enabled: true,
      'kube-state-metrics': {
        enabled: true,
        deploy: true,
        nodeSelector: { 'kubernetes.io/arch': 'arm64' },
        collectors: READ_KINDS,
        metricsTuning: {
          useDefaultAllowList: true,
          includeMetrics: ['argocd_application_info', ...(settings.signals ? [SIGNAL_HEALTH] : [])],
        },
        ...applicationMetrics,
      },
      'node-exporter': {
        enabled: true,
        deploy: true,
        metricsTuning: {
          useDefaultAllowList: true,
          // Disk and network per node, which the default list leaves out.
          includeMetrics: [
            'node_disk_.*',
            'node_network_(receive|transmit)_bytes_total',
            'node_filesystem_.*',
            // Of these come the alerts of heat, throttling and low voltage.
            'node_hwmon_temp_celsius',
            'node_hwmon_in_lcrit_alarm_volts',
            'node_cpu_scaling_frequency_(max_)?hertz',
          ],
          dropMetricsForFilesystem: ['tmpfs', 'ramfs', 'overlay', 'squashfs'],
        },
        extraMetricProcessingRules: keepOwnDevices(settings.storageDevices),
      },
      // The default keeps partitions of a card, and cAdvisor counts reads and writes on the card as a whole.
      cadvisor: { metricsTuning: { keepPhysicalFilesystemDevices: settings.storageDevices.map(cadvisorDevice) } },
      'windows-exporter': { enabled: false, deploy: false },
      opencost: { enabled: false },
      kepler: { enabled: false },
    },
    clusterEvents: { enabled: true, collector: 'alloy-singleton', destinations: [LOGS] },
    podLogsViaKubernetesApi: { enabled: true, collector: 'alloy-singleton', destinations: [LOGS] },
    podLogs: { enabled: false },
    'alloy-metrics': {
      ...collector(
        settings.uplinkNode,
        { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '512Mi' } },
        read('endpoints', 'pods', 'services'),
      ),
      extraConfig: probe(settings.probedUrl),
    },
    'alloy-singleton': logCollector(settings.uplinkNode),
    extraObjects: ownSecrets([settings.credentials, settings.logCredentials]),
  };
}

/**
 * One series for each Application, `argocd_application_info` with folder, sync status and health: an alert knows what Argo CD
 * thinks without a scrape of it. Source: docs/metrics/extend/customresourcestate-metrics.md of kube-state-metrics.
 */
const applicationMetrics = {
  customResourceState: {
    enabled: true,
    config: {
      spec: {
        resources: [
          {
            groupVersionKind: { group: 'argoproj.io', version: 'v1alpha1', kind: 'Application' },
            metricNamePrefix: 'argocd_application',
            labelsFromPath: { name: ['metadata', 'name'] },
            metrics: [
              {
                name: 'info',
                help: 'What Argo CD says of an Application.',
                each: {
                  type: 'Info',
                  info: {
                    labelsFromPath: {
                      path: ['spec', 'source', 'path'],
                      sync_status: ['status', 'sync', 'status'],
                      health_status: ['status', 'health', 'status'],
                    },
                  },
                },
              },
            ],
          },
        ],
      },
    },
  },
  rbac: { extraRules: [{ apiGroups: ['argoproj.io'], resources: ['applications'], verbs: ['list', 'watch'] }] },
};

/**
 * Alloy asks a public address once a minute.
 * Source: https://grafana.com/docs/alloy/latest/reference/components/prometheus/prometheus.exporter.blackbox/.
 */
function probe(url: string): string {
  const modules = JSON.stringify({ modules: { public: { prober: 'http', timeout: '10s' } } });
  return [
    'prometheus.exporter.blackbox "public" {',
    `  config = ${JSON.stringify(modules)}`,
    '  target {',
    '    name = "public"',
    `    address = ${JSON.stringify(url)}`,
    '    module = "public"',
    '  }',
    '}',
    'prometheus.scrape "public" {',
    '  targets = prometheus.exporter.blackbox.public.targets',
    '  job_name = "public"',
    '  scrape_interval = "60s"',
    '  forward_to = [prometheus.remote_write.grafana_cloud.receiver]',
    '}',
    '',
  ].join('\n');
}

const readWith = (secret: SecretName) =>
  ({
    auth: { type: 'basic', usernameKey: 'username', passwordKey: 'password' },
    secret: { create: false, ...secret },
  }) as const;

/**
 * An Alloy that asks its node's resolver: CoreDNS may run on an airgapped node and knows no outside names then. It needs no
 * name of the cluster, for it scrapes addresses that the API server gives, and a single one looks for no others.
 */
function collector(uplinkNode: string, resources: ResourceRequirements, ...rules: readonly RbacRule[]): Collector {
  return {
    enabled: true,
    controller: { replicas: 1, nodeSelector: { 'kubernetes.io/hostname': uplinkNode }, dnsPolicy: 'Default' },
    alloy: { resources, clustering: { enabled: false } },
    rbac: { rules },
  };
}

const logCollector = (uplinkNode: string) =>
  collector(
    uplinkNode,
    { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    read('events', 'namespaces', 'pods', 'pods/log'),
  );

const read = (...resources: string[]): RbacRule => ({
  apiGroups: [''],
  resources,
  verbs: ['get', 'list', 'watch'],
});

/** The Alloys read the Secrets of their destinations, by name, and no other. */
function ownSecrets(secrets: readonly SecretName[]): object[] {
  const metadata = { name: 'alloy-destinations', namespace: secrets[0]!.namespace };
  const rule: RbacRule = {
    apiGroups: [''],
    resources: ['secrets'],
    resourceNames: secrets.map(({ name }) => name),
    verbs: ['get'],
  };
  const kind = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata };
  return [
    { ...kind, kind: 'Role', rules: [rule] },
    {
      ...kind,
      kind: 'RoleBinding',
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
      subjects: ['alloy-metrics', 'alloy-singleton'].map((name) => ({
        kind: 'ServiceAccount',
        name: `${MONITORING_RELEASE}-${name}`,
        namespace: metadata.namespace,
      })),
    },
  ];
}

/**
 * Relabelling rules that drop file system metrics of all but the given devices and their partitions. RE2 has no look-ahead,
 * so they mark what is about a file system, mark anew what to keep, and drop by the first mark.
 * Source: https://grafana.com/docs/alloy/latest/reference/components/prometheus/prometheus.relabel/.
 *
 * @throws Error when no device is named.
 */
export function keepOwnDevices(devices: readonly string[]): string {
  if (devices.length === 0) throw new Error('monitoring: storageDevices is empty; name at least one block device.');
  const own = devices.map(withPartitions).join('|');
  return [
    rule({
      source_labels: ['__name__'],
      regex: 'node_filesystem_.*',
      target_label: '__tmp_filesystem',
      replacement: 'other',
    }),
    rule({
      source_labels: ['__name__', 'device'],
      separator: '@',
      regex: `node_filesystem_.*@(${own})`,
      target_label: '__tmp_filesystem',
      replacement: 'own',
    }),
    rule({ source_labels: ['__tmp_filesystem'], regex: 'other', action: 'drop' }),
    rule({ regex: '__tmp_filesystem', action: 'labeldrop' }),
  ].join('\n');
}

/** As the chart's rule wants it: it puts `(/dev/)?` before, and anchors the whole. */
const cadvisorDevice = (device: string) => withPartitions(device.replace(/^\/dev\//, ''));

/** The kernel sets a `p` before a partition's number where the disk's own name ends in a digit. */
function withPartitions(device: string): string {
  const literal = device.replace(/[.\\+*?()[\]{}|^$]/g, '\\$&');
  return /[0-9]$/.test(device) ? `${literal}(p[0-9]+)?` : `${literal}[0-9]*`;
}

/** One rule block in Alloy's syntax, whose strings are those of JSON. */
function rule(fields: Readonly<Record<string, string | readonly string[]>>): string {
  const lines = Object.entries(fields).map(([name, value]) => `  ${name} = ${JSON.stringify(value)}`);
  return ['rule {', ...lines, '}'].join('\n');
}
