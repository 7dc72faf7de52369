import { settings as platformSettings } from '../../../facts/settings';
import type { CampaignSettings } from '../../campaign';
import { NETWORK_DELAY_MS, type Site, type Trial } from '../../plan';
import { EmbeddedGenerator, K6Generator, SeveralGenerators, type LoadGenerator } from '../../workload';
import { GatewaySession } from './cluster/gateway-session';
import { Kubectl } from './cluster/kubectl';
import { KubernetesCluster } from './cluster/kubernetes-cluster';
import { NetemDelay } from './cluster/netem-delay';
import { PrometheusMetrics } from './cluster/prometheus-metrics';
import { ComposeCluster } from './compose/compose-cluster';
import { insistOnVariables, readComposeFile } from './compose/compose-file';
import { ComposeProject } from './compose/compose-project';
import { Docker } from './compose/docker';
import { DockerMetrics } from './compose/docker-metrics';
import { FlowsheetClient, readFlowsheetSteps } from '../attempt/flowsheet';
import { needsKnownPeak } from '../attempt/known-peak';
import { HostMonitor } from '../attempt/host-monitor';
import { IndexedJobGenerator } from './indexed-job/generator';
import { readLiveSite, type LiveSite } from './live/live-site';
import { LocalCluster } from './local/local-cluster';
import { LocalMetrics } from './local/local-metrics';
import { RelayDelay } from './local/relay-delay';
import type { DelayPort, Ports, Sites } from '../attempt/ports';

const COMPOSE_FILE = 'dist/compose/compose.yaml';

/**
 * What a campaign runs against, site by site, as the environment says (docs/how-to/run-a-campaign.md lists the variables).
 *
 * @throws {Error} naming the variable that is missing or wrong.
 */
export function portsFor(settings: CampaignSettings, campaign: string, trials: readonly Trial[]): Sites {
  const shared = { generator: generatorOf(settings), monitor: new HostMonitor() };
  if (settings.site === 'local') {
    const ports = { ...shared, ...localPorts() };
    return { cluster: ports, compose: ports };
  }
  const peaks = knownPeaks(trials);
  if (settings.site === 'live') {
    const site = readLiveSite();
    return {
      cluster: { ...shared, peaks, ...livePorts(site), ...insideCluster(settings, new Kubectl(reachedBy(site))) },
    };
  }
  const has = (site: Site) => trials.some(({ variant }) => variant.site === site);
  return {
    ...(has('cluster')
      ? { cluster: { ...shared, peaks, ...clusterPorts(), ...insideCluster(settings, new Kubectl()) } }
      : {}),
    ...(has('compose') ? { compose: { ...shared, ...composePorts(campaign) } } : {}),
  };
}

function knownPeaks(trials: readonly Trial[]): readonly string[] {
  const { peaks } = platformSettings.signals;
  const scheduled = trials.find(needsKnownPeak);
  if (scheduled !== undefined && peaks.length === 0)
    throw new Error(
      `${scheduled.variant.name} raises a floor around signals.peaks of facts/settings.ts, which names no time of day: name some (docs/signals.md, "A floor ahead of a peak"), or leave the experiment ${scheduled.experiment} out.`,
    );
  return peaks;
}

function generatorOf({ generator, generators = 1 }: CampaignSettings): LoadGenerator {
  if (generator === 'k6') return new K6Generator();
  return generators === 1 ? new EmbeddedGenerator() : new SeveralGenerators(generators);
}

/** What differs where pods of the cluster send the load. */
function insideCluster({ generatorsIn, generators = 1 }: CampaignSettings, kubectl: Kubectl): Partial<Ports> {
  if (generatorsIn === undefined) return {};
  return { generator: new IndexedJobGenerator({ kubectl, count: generators }), delay: NO_DELAY };
}

/** Pods reach the gateway without leaving the cluster: no interface of the ingress node lies between. */
const NO_DELAY: DelayPort = {
  delayMs: 0,
  excessMs: 0,
  remedy: 'Run the trial again.',
  add: () => Promise.resolve(),
  check: () => Promise.resolve({ configuredMs: 0, roundTripMs: 0 }),
  remove: () => Promise.resolve(),
  route: (url) => url,
};

function reachedBy({ kubectl, kubeconfig }: LiveSite) {
  return { command: kubectl, kubeconfig };
}

/**
 * Facts of every site, for campaign.json.
 *
 * @throws {Error} in one sentence when a site cannot be reached, or its metrics are refused.
 */
export async function factsOf(sites: Sites): Promise<Record<string, string>> {
  const facts: Record<string, string> = {};
  for (const { cluster, delay, metrics, session } of new Set(Object.values(sites))) {
    Object.assign(facts, await cluster.facts());
    if (delay instanceof NetemDelay) {
      facts['way'] = await delay.way(cluster.url());
      process.stderr.write(`The load goes this way: ${facts['way']}.\n`);
    }
    await session?.check(0);
    await metrics.check();
    Object.assign(facts, await metrics.facts?.());
  }
  return facts;
}

type SitePorts = Omit<Ports, 'generator' | 'monitor'>;

function localPorts(): SitePorts {
  return {
    cluster: new LocalCluster(),
    delay: new RelayDelay(NETWORK_DELAY_MS),
    metrics: new LocalMetrics(),
    flowsheets: new FlowsheetClient(),
  };
}

function clusterPorts(): SitePorts {
  const { env } = process;
  const delivery = env['AHUORA_DELIVERY'] ?? 'argo-cd';
  if (delivery !== 'argo-cd' && delivery !== 'apply')
    throw new Error(`AHUORA_DELIVERY is "${delivery}": set it to argo-cd or apply.`);
  const session = gatewaySession();
  const headers = session?.headers ?? {};
  return {
    cluster: new KubernetesCluster({
      url: (env['AHUORA_API_URL'] ?? 'https://api.ahuora.org.nz').replace(/\/$/, ''),
      namespace: env['AHUORA_NAMESPACE'] ?? 'ahuora',
      dist: 'dist',
      delivery,
    }),
    delay: netemDelay(),
    metrics: new PrometheusMetrics({
      url: required('GRAFANA_CLOUD_PROMETHEUS_URL'),
      user: required('GRAFANA_CLOUD_PROMETHEUS_USER'),
      token: required('GRAFANA_CLOUD_PROMETHEUS_TOKEN'),
      ...metricsLag(),
    }),
    flowsheets: flowsheets(headers),
    headers,
    ...(session === undefined ? {} : { session }),
  };
}

/** The live cluster of this machine; the kernel here may have no netem, so a relay delays the load. */
function livePorts(site: LiveSite): SitePorts {
  const { url, apiHost, authHost, cookie, dist, prometheus, facts } = site;
  const session = new GatewaySession({
    cookie,
    authUrl: `${url}/oauth2/auth`,
    authHost,
    ...sessionSeconds(platformSettings.session),
  });
  // One object for all, since the session renews its cookie in place.
  session.headers['host'] = apiHost;
  return {
    cluster: new KubernetesCluster({
      ...{ url, namespace: 'ahuora', dist, delivery: 'argo-cd', facts },
      ...reachedBy(site),
    }),
    delay: new RelayDelay(NETWORK_DELAY_MS),
    metrics: new PrometheusMetrics({ url: prometheus, stepSeconds: 15, rateWindow: '45s', lagMs: 20_000 }),
    flowsheets: flowsheets(session.headers),
    headers: session.headers,
    session,
  };
}

/** What OAuth2 Proxy was told of sessions, in seconds. */
function sessionSeconds({ hours, refreshMinutes }: { readonly hours: number; readonly refreshMinutes: number }) {
  return { lifetimeSeconds: hours * 3600, refreshSeconds: refreshMinutes * 60 };
}

/** The session that the gateway asks for; undefined where neither its cookie nor a file of it is given. */
function gatewaySession(): GatewaySession | undefined {
  const { env } = process;
  const [cookie, file] = [env['AHUORA_API_COOKIE'] ?? '', env['AHUORA_API_COOKIE_FILE'] ?? ''];
  if (cookie === '' && file === '') return undefined;
  const hours = env['AHUORA_SESSION_HOURS'] ?? String(platformSettings.session.hours);
  if (!/^\d{1,5}$/.test(hours)) throw new Error(`AHUORA_SESSION_HOURS is "${hours}": give whole hours.`);
  return new GatewaySession({
    ...(file === '' ? { cookie } : { file }),
    authUrl: env['AHUORA_AUTH_URL'] ?? 'https://auth.ahuora.org.nz/oauth2/auth',
    ...sessionSeconds({ hours: Number(hours), refreshMinutes: platformSettings.session.refreshMinutes }),
  });
}

function composePorts(campaign: string): SitePorts {
  const file = readComposeFile(COMPOSE_FILE);
  insistOnVariables(file);
  const project = new ComposeProject(new Docker(), file, campaign);
  const url = composeUrl(file.port);
  const headers = { host: file.host };
  return {
    cluster: new ComposeCluster(project, { url }),
    delay: delayTowards(url),
    metrics: new DockerMetrics(project),
    flowsheets: flowsheets(headers),
    headers,
  };
}

/** The published port on the machine that DOCKER_HOST names, else on this one; a context of Docker needs the variable. */
function composeUrl(port: number): string {
  const given = process.env['AHUORA_COMPOSE_URL'];
  if (given !== undefined && given !== '') return given.replace(/\/$/, '');
  const engine = /^(?:ssh|tcp):\/\/(?:[^@/]*@)?([^:/]+)/.exec(process.env['DOCKER_HOST'] ?? '')?.[1];
  return `http://${engine ?? '127.0.0.1'}:${port}`;
}

/** netem delays what leaves by an interface; what stays on this machine goes through a relay instead. */
function delayTowards(url: string): DelayPort {
  const { hostname } = new URL(url);
  return /^(localhost|127\.|\[::1\])/.test(hostname) ? new RelayDelay(NETWORK_DELAY_MS) : netemDelay();
}

function netemDelay(): NetemDelay {
  return new NetemDelay({ delayMs: NETWORK_DELAY_MS, device: process.env['AHUORA_DELAY_DEVICE'] ?? 'eth0' });
}

function flowsheets(headers: Readonly<Record<string, string>>): FlowsheetClient {
  return new FlowsheetClient(readFlowsheetSteps(process.env['AHUORA_FLOWSHEET_STEPS']), headers);
}

function metricsLag(): { lagMs?: number } {
  const text = process.env['AHUORA_METRICS_LAG_SECONDS'] ?? '';
  if (text === '') return {};
  if (!/^\d{1,4}$/.test(text)) throw new Error(`AHUORA_METRICS_LAG_SECONDS is "${text}": give whole seconds.`);
  return { lagMs: Number(text) * 1000 };
}

function required(variable: string): string {
  const value = process.env[variable];
  if (value === undefined || value === '')
    throw new Error(`${variable} is not set: a campaign on the cluster needs it.`);
  return value;
}
