/** One alert: when it fires, and what a person does then. */
export interface Alert {
  /** As it is shown, and as Grafana knows it. */
  readonly name: string;
  /** PromQL; every series that it gives is one alert. */
  readonly expression: string;
  /** How long it must hold, as Prometheus writes durations. */
  readonly holdsFor: string;
  /** How soon somebody must look. */
  readonly severity: 'critical' | 'warning' | 'info';
  /** One sentence with the labels of the series. */
  readonly summary: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** What the limits hang on; each is a fact of the hardware or of the platform's own promise. */
export const LIMITS = {
  /** The kubelet evicts pods below a tenth. */
  freeDiskShare: 0.15,
  /** A Raspberry Pi 5 slows down from 80 °C on (soft limit at 85 °C). */
  celsius: 78,
  /** A Pi that is not held back reaches its highest frequency under load. */
  frequencyShare: 0.9,
  certificateDays: 14,
  /** The nightly dump, and two hours to make it. */
  backupHours: 26,
} as const;

/** Everything that a person must hear of, and the campaign that explains the rest. */
export function alerts(cluster: string): Alert[] {
  const own = seriesOf(cluster);
  return [...nodeAlerts(own), ...serviceAlerts(own), ...deliveryAlerts(own)];
}

/** The matcher that picks the series of one cluster among all that Grafana Cloud holds. */
function seriesOf(cluster: string): string {
  return `cluster=${JSON.stringify(cluster)}`;
}

/** What a board and its card suffer from. */
function nodeAlerts(own: string): Alert[] {
  return [
    {
      name: 'NodeNotReady',
      expression: `kube_node_status_condition{${own},condition="Ready",status="true"} == 0`,
      holdsFor: '5m',
      severity: 'critical',
      summary: 'Node {{ $labels.node }} is not ready.',
      remedy: 'See whether it has power and answers, and replace it otherwise: docs/how-to/replace-a-node.md.',
    },
    {
      name: 'DiskAlmostFull',
      expression: `node_filesystem_avail_bytes{${own}} / node_filesystem_size_bytes{${own}} < ${LIMITS.freeDiskShare}`,
      holdsFor: '15m',
      severity: 'critical',
      summary: 'On {{ $labels.instance }} {{ $value | humanizePercentage }} of {{ $labels.device }} is free.',
      remedy: 'Remove images and logs there before the kubelet evicts pods (below 10 %).',
    },
    {
      name: 'NodeHot',
      expression: `max by (cluster, instance) (node_hwmon_temp_celsius{${own}}) > ${LIMITS.celsius}`,
      holdsFor: '5m',
      severity: 'warning',
      summary: 'Node {{ $labels.instance }} has {{ $value }} degrees Celsius; it slows down from 80 on.',
      remedy: 'Clean or replace its fan; trials of this time are not comparable.',
    },
    {
      name: 'NodeThrottled',
      expression:
        `max by (cluster, instance) (node_cpu_scaling_frequency_hertz{${own}})` +
        ` / max by (cluster, instance) (node_cpu_scaling_frequency_max_hertz{${own}}) < ${LIMITS.frequencyShare}` +
        ` and on (cluster, instance) (1 - avg by (cluster, instance) (rate(node_cpu_seconds_total{${own},mode="idle"}[5m]))) > 0.5`,
      holdsFor: '5m',
      severity: 'warning',
      summary:
        'Node {{ $labels.instance }} works at {{ $value | humanizePercentage }} of its highest frequency under load.',
      remedy: 'Look at its temperature and its power supply (vcgencmd get_throttled); its trials are not comparable.',
    },
    {
      name: 'NodeUnderVoltage',
      expression: `max by (cluster, instance) (node_hwmon_in_lcrit_alarm_volts{${own}}) > 0`,
      holdsFor: '1m',
      severity: 'warning',
      summary: 'Node {{ $labels.instance }} gets too little voltage.',
      remedy: 'Use a power supply of 5 A, and another cable.',
    },
  ];
}

/** What users or their data lose. */
function serviceAlerts(own: string): Alert[] {
  return [
    {
      name: 'PostgresDown',
      expression: `kube_statefulset_status_replicas_ready{${own},statefulset="postgres"} < 1`,
      holdsFor: '3m',
      severity: 'critical',
      summary: 'Postgres answers nobody.',
      remedy: 'Read its log; when its node is lost: docs/how-to/restore-postgres-to-another-node.md.',
    },
    {
      name: 'EntryDown',
      expression: `probe_success{${own}} == 0`,
      holdsFor: '5m',
      severity: 'critical',
      summary: '{{ $labels.instance }} does not answer.',
      remedy: 'Look at Traefik and cloudflared on the node with the uplink, then at the tunnel at Cloudflare.',
    },
    {
      name: 'CertificateExpires',
      expression: `(probe_ssl_earliest_cert_expiry{${own}} - time()) / 86400 < ${LIMITS.certificateDays}`,
      holdsFor: '1h',
      severity: 'warning',
      summary: 'The certificate of {{ $labels.instance }} ends in {{ $value | humanize }} days.',
      remedy: 'Cloudflare renews its own; look at the zone there when it has not.',
    },
    {
      name: 'BackupTooOld',
      // A CronJob that never succeeded has no such time: its creation counts.
      expression:
        `(time() - (kube_cronjob_status_last_successful_time{${own},cronjob="postgres-backup"}` +
        ` or kube_cronjob_created{${own},cronjob="postgres-backup"})) / 3600 > ${LIMITS.backupHours}`,
      holdsFor: '10m',
      severity: 'critical',
      summary: 'The last dump of the database is {{ $value | humanize }} hours old.',
      remedy: 'Read the log of the last postgres-backup job, and run one by hand: docs/database.md.',
    },
    {
      name: 'BackupMissing',
      expression: `absent(kube_cronjob_created{${own},cronjob="postgres-backup"})`,
      holdsFor: '30m',
      severity: 'critical',
      summary: 'There is no CronJob postgres-backup, or no metric arrives at all.',
      remedy: 'See whether the Application platform is synced and whether Alloy runs.',
    },
  ];
}

/** What Argo CD says of the way from a commit to the cluster. */
function deliveryAlerts(own: string): Alert[] {
  return [
    {
      name: 'ApplicationOutOfSync',
      expression: `argocd_application_info{${own},sync_status!="Synced"} == 1`,
      holdsFor: '15m',
      severity: 'warning',
      summary: 'Argo CD calls {{ $labels.name }} {{ $labels.sync_status }}.',
      remedy: 'kubectl -n argocd describe application shows the object and the reason.',
    },
    {
      name: 'ApplicationUnhealthy',
      expression: `argocd_application_info{${own},health_status=~"Degraded|Missing|Unknown"} == 1`,
      holdsFor: '15m',
      severity: 'warning',
      summary: 'Argo CD calls {{ $labels.name }} {{ $labels.health_status }}.',
      remedy: 'kubectl -n argocd describe application shows the object and the reason.',
    },
    {
      name: 'CampaignRunning',
      expression: `argocd_application_info{${own},name="workloads",path!="dist/workloads/production"} == 1`,
      holdsFor: '1m',
      severity: 'info',
      summary: 'A campaign has selected {{ $labels.path }}: load, latency and restarts of this time are its doing.',
      remedy: 'Nothing; after a campaign that was broken off, resume it: docs/how-to/resume-a-campaign.md.',
    },
  ];
}

/** What more there is to hear of where autoscalers look at another signal than CPU (charts/signals). */
function signalAlerts(own: string): Alert[] {
  return [
    {
      name: 'AutoscalerWithoutSignal',
      expression: `kube_horizontalpodautoscaler_status_condition{${own},condition="ScalingActive",status="true"} == 0`,
      holdsFor: '2m',
      severity: 'critical',
      summary: 'The autoscaler {{ $labels.horizontalpodautoscaler }} has no figures and keeps its pods as they are.',
      remedy: 'kubectl -n ahuora describe hpa names the metric; then follow docs/how-to/scale-on-another-signal.md.',
    },
  ];
}

/** The alerts as a group of rules, in the format of Prometheus and of Grafana Cloud's ruler. */
export function ruleGroup(cluster: string, signals = false) {
  return {
    name: cluster,
    interval: '1m',
    rules: [...alerts(cluster), ...(signals ? signalAlerts(seriesOf(cluster)) : [])].map(
      ({ name, expression, holdsFor, severity, summary, remedy }) => ({
        alert: name,
        expr: expression,
        for: holdsFor,
        labels: { severity },
        annotations: { summary, remedy },
      }),
    ),
  };
}
