import type { CampaignSettings } from '../campaign';
import { NETWORK_DELAY_MS } from '../plan';
import { EmbeddedGenerator, K6Generator } from '../workload';
import { KubernetesCluster } from './cluster/kubernetes-cluster';
import { NetemDelay } from './cluster/netem-delay';
import { PrometheusMetrics } from './cluster/prometheus-metrics';
import { FlowsheetClient, readFlowsheetSteps } from './flowsheet';
import { HostMonitor } from './host-monitor';
import { LocalCluster } from './local/local-cluster';
import { LocalMetrics } from './local/local-metrics';
import { RelayDelay } from './local/relay-delay';
import type { Ports } from './ports';

/**
 * What a campaign runs against. The cluster is reached as the environment says: AHUORA_API_URL, AHUORA_API_COOKIE,
 * AHUORA_NAMESPACE, AHUORA_DELIVERY (`argo-cd` or `apply`), AHUORA_DELAY_DEVICE, AHUORA_FLOWSHEET_STEPS,
 * GRAFANA_CLOUD_PROMETHEUS_URL, _USER and _TOKEN, and what kubectl itself reads.
 *
 * @throws {Error} naming the variable that is missing or wrong.
 */
export function portsFor(settings: CampaignSettings): Ports {
  const generator = settings.generator === 'k6' ? new K6Generator() : new EmbeddedGenerator();
  const shared = { generator, monitor: new HostMonitor() };
  return settings.site === 'local' ? { ...shared, ...localPorts() } : { ...shared, ...clusterPorts(settings) };
}

function localPorts() {
  return {
    cluster: new LocalCluster(),
    delay: new RelayDelay(NETWORK_DELAY_MS),
    metrics: new LocalMetrics(),
    flowsheets: new FlowsheetClient(),
  };
}

function clusterPorts(settings: CampaignSettings) {
  const { env } = process;
  const delivery = env['AHUORA_DELIVERY'] ?? 'argo-cd';
  if (delivery !== 'argo-cd' && delivery !== 'apply')
    throw new Error(`AHUORA_DELIVERY is "${delivery}": set it to argo-cd or apply.`);
  return {
    cluster: new KubernetesCluster({
      url: (env['AHUORA_API_URL'] ?? 'https://api.ahuora.org.nz').replace(/\/$/, ''),
      namespace: env['AHUORA_NAMESPACE'] ?? 'ahuora',
      dist: 'dist',
      delivery,
    }),
    delay: new NetemDelay({ delayMs: NETWORK_DELAY_MS, device: env['AHUORA_DELAY_DEVICE'] ?? 'eth0' }),
    metrics: new PrometheusMetrics({
      url: required('GRAFANA_CLOUD_PROMETHEUS_URL'),
      user: required('GRAFANA_CLOUD_PROMETHEUS_USER'),
      token: required('GRAFANA_CLOUD_PROMETHEUS_TOKEN'),
    }),
    flowsheets: new FlowsheetClient(readFlowsheetSteps(env['AHUORA_FLOWSHEET_STEPS']), sessionHeaders(settings)),
  };
}

function required(variable: string): string {
  const value = process.env[variable];
  if (value === undefined || value === '')
    throw new Error(`${variable} is not set: a campaign on the cluster needs it.`);
  return value;
}

/** Headers that every request carries: the session that the gateway asks for, where the cluster is reached through it. */
export function sessionHeaders(settings: CampaignSettings): Readonly<Record<string, string>> {
  const cookie = settings.site === 'cluster' ? process.env['AHUORA_API_COOKIE'] : undefined;
  return cookie === undefined ? {} : { cookie };
}
