import { stringify } from 'yaml';
import { images } from '../../facts/images';
import { SIGNAL_PARTS } from '../../facts/signal-parts';
import { cpuQuantity, memoryQuantity } from '../../lib/kubernetes/quantity';
import { ConfigFiles } from '../../lib/constructs/config-files';
import { podsElsewhere, serviceEndpoint, tcp } from '../../lib/constructs/network/endpoint';
import { httpGet } from '../../lib/constructs/pod/probe';
import { scratch } from '../../lib/constructs/pod/volume';
import { WebService } from '../../lib/constructs/workload/web-service';
import type { ScheduledFloor } from '../../lib/kubernetes/workload-variant';
import type { Platform } from '../platform';
import { KEPT_SERIES, recordingRules } from './metric-rules';
import { SignalsComponent } from './signals-component';

export const prometheus = serviceEndpoint('prometheus', 9090);

const TRAEFIK_METRICS = 9100;

/** Traefik's own figures: a port of its pod that nothing outside the cluster reaches. */
const traefikMetrics = podsElsewhere(
  'traefik-metrics',
  'kube-system',
  { 'app.kubernetes.io/name': 'traefik' },
  tcp(TRAEFIK_METRICS),
);

const CONFIG = '/etc/prometheus';

/**
 * A Prometheus for the autoscalers alone, which forgets after two hours; what people read goes to Grafana Cloud. A query
 * takes no sample older than three scrapes: after a restart there is no signal rather than an old one, and pods are kept.
 * Footprint: 50m and 128 MiB requested, 256 MiB at most.
 */
export class Prometheus extends SignalsComponent {
  constructor(platform: Platform, floors: readonly ScheduledFloor[]) {
    super(platform, 'prometheus');
    const { scrapeSeconds } = platform.settings.signals;
    const config = new ConfigFiles(this, 'prometheus-config', {
      'prometheus.yml': configuration(scrapeSeconds),
      'rules.yml': recordingRules(platform.settings, floors),
    });
    this.except({
      rule: 'addresses-lead-to-services',
      object: 'ConfigMap/prometheus-config',
      reason: 'The Service traefik-metrics is made by the chart of K3s’ own Traefik, whose values ask for it.',
    });
    new WebService(this, {
      image: images.prometheus,
      args: [
        `--config.file=${CONFIG}/prometheus.yml`,
        '--storage.tsdb.path=/prometheus',
        '--storage.tsdb.retention.time=2h',
        `--query.lookback-delta=${3 * scrapeSeconds}s`,
      ],
      port: prometheus.port,
      probes: {
        startup: {
          action: httpGet('/-/healthy', prometheus.port),
          periodSeconds: 2,
          timeoutSeconds: 2,
          failureThreshold: 60,
        },
        readiness: {
          action: httpGet('/-/ready', prometheus.port),
          periodSeconds: 5,
          timeoutSeconds: 2,
          failureThreshold: 3,
        },
        liveness: {
          action: httpGet('/-/healthy', prometheus.port),
          periodSeconds: 15,
          timeoutSeconds: 5,
          failureThreshold: 6,
        },
      },
      mounts: [{ kind: 'config', config, path: CONFIG }, scratch('/prometheus', '512Mi')],
      // Nobody, as the image has it; its folder is written by the pod's group.
      runAs: { user: 65534, group: 65534 },
      volumeGroup: 65534,
      // The image has no program to sleep with and needs none: the kubelet itself waits.
      preStopSleepSeconds: 5,
      resources: {
        cpu: { request: cpuQuantity(SIGNAL_PARTS.prometheus.cpuMillicores), limit: '1' },
        memory: {
          request: memoryQuantity(SIGNAL_PARTS.prometheus.memoryMiB),
          limit: memoryQuantity(SIGNAL_PARTS.prometheus.memoryLimitMiB),
        },
      },
      connects: [traefikMetrics],
    });
  }
}

/** Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/. */
function configuration(scrapeSeconds: number): string {
  return stringify(
    {
      global: { scrape_interval: `${scrapeSeconds}s`, scrape_timeout: `${scrapeSeconds - 1}s` },
      rule_files: ['rules.yml'],
      scrape_configs: [
        {
          job_name: 'gateway',
          static_configs: [{ targets: [`traefik-metrics.kube-system.svc:${TRAEFIK_METRICS}`] }],
          metric_relabel_configs: [{ source_labels: ['__name__'], regex: KEPT_SERIES, action: 'keep' }],
        },
      ],
    },
    { lineWidth: 0 },
  );
}
