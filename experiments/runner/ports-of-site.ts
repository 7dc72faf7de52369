import type { CampaignSettings } from '../campaign';
import { EmbeddedGenerator } from '../workload';
import { FlowsheetClient } from './flowsheet';
import { HostMonitor } from './host-monitor';
import { LocalCluster } from './local/local-cluster';
import { LocalMetrics } from './local/local-metrics';
import { RelayDelay } from './local/relay-delay';
import type { Ports } from './ports';

/** Delay between generator and system, milliseconds: what the specification asks for. */
const DELAY_MS = 5;

/** What a campaign runs against. */
export function portsFor(_settings: CampaignSettings): Ports {
  return {
    cluster: new LocalCluster(),
    delay: new RelayDelay(DELAY_MS),
    generator: new EmbeddedGenerator(),
    monitor: new HostMonitor(),
    metrics: new LocalMetrics(),
    flowsheets: new FlowsheetClient(),
  };
}

/** Headers that every request carries: the session that the gateway asks for, where the cluster is reached through it. */
export function sessionHeaders(settings: CampaignSettings): Readonly<Record<string, string>> {
  const cookie = settings.site === 'cluster' ? process.env['AHUORA_API_COOKIE'] : undefined;
  return cookie === undefined ? {} : { cookie };
}
