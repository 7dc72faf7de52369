import { createServer, type Server } from 'node:http';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { settings } from '../../../facts/settings';
import { startDaemon, waitUntilReady, type Daemon } from '../../cluster/daemon';
import { ensureDebianPackages } from '../../fixtures/debian-packages';
import { freePorts } from '../../fixtures/free-ports';
import type { LiveCluster } from '../cluster';
import { openRelays, type Relay } from '../relay';
import { LAN, NODES, type NodeName } from '../topology';

const KUBELET_PORT = 10250;
const NODE_EXPORTER_PORT = 9100;
const SCRAPE_SECONDS = 15;

/**
 * What the chart k8s-monitoring collects on the real cluster, under the same names and labels. Pods and containers are
 * counted from the API server's own answer; CPU, memory and disks of all nodes are the one machine's, networks their own.
 */
export class Monitoring {
  private constructor(
    /** Where Prometheus answers. */
    readonly url: string,
    private readonly daemons: readonly Daemon[],
    private readonly relays: readonly Relay[],
    private readonly state: Server,
  ) {}

  static async start(live: LiveCluster): Promise<Monitoring> {
    await ensureDebianPackages(['prometheus', 'prometheus-node-exporter']);
    const exporters = NODES.map((name) => startNodeExporter(live, name));
    const kubelets = await relaysTo(live, 'k', KUBELET_PORT);
    const machines = await relaysTo(live, 'n', NODE_EXPORTER_PORT);
    const state = await serveState(live);
    const [port] = (await freePorts(1)) as [number];
    const file = join(live.folder, 'prometheus.yml');
    const ports = { kubelets, machines, state: (state.address() as AddressInfo).port };
    writeFileSync(file, stringify(scrapeSettings(join(live.folder, 'pki'), ports)));
    const prometheus = startDaemon(
      'prometheus',
      'prometheus',
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(live.folder, 'prometheus')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
      { folder: live.folder },
    );
    const url = `http://127.0.0.1:${port}`;
    await waitUntilReady(prometheus, async () => (await fetch(`${url}/-/ready`)).ok, 60_000);
    const relays = [kubelets, machines].flatMap((each) => Object.values(each));
    return new Monitoring(url, [prometheus, ...exporters], relays, state);
  }

  async stop(): Promise<void> {
    for (const daemon of this.daemons) await daemon.stop(500);
    for (const relay of this.relays) await relay.stop();
    this.state.close();
  }
}

function startNodeExporter(live: LiveCluster, name: NodeName): Daemon {
  const collectors = ['cpu', 'meminfo', 'diskstats', 'netdev'].map((each) => `--collector.${each}`);
  return startDaemon(
    `node-exporter-${name}`,
    'nsenter',
    [
      `--net=/run/netns/${live.network.node(name)}`,
      'prometheus-node-exporter',
      '--collector.disable-defaults',
      ...collectors,
      `--web.listen-address=${LAN[name]}:${NODE_EXPORTER_PORT}`,
    ],
    { folder: live.folder },
  );
}

/** From this machine's loopback through the LAN to one port of every node, as from ingress. */
function relaysTo(live: LiveCluster, prefix: string, port: number): Promise<Record<string, Relay>> {
  const targets = Object.fromEntries(NODES.map((name) => [`${prefix}-${name}`, { host: LAN[name], port }]));
  return openRelays(live.folder, live.network.ingress, targets);
}

/** The two series of kube-state-metrics that are asked for, one line for each pod and container of the platform. */
function serveState(live: LiveCluster): Promise<Server> {
  const server = createServer((_, response) => {
    live.kubectl
      .get<{ items: Pod[] }>(['pods', '-n', settings.namespace])
      .then(({ items }) => response.end(stateLines(items)))
      .catch((error: Error) => response.writeHead(500).end(error.message));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

interface Pod {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly containerStatuses?: readonly { readonly name: string }[] };
}

/** In Prometheus' text format. */
export function stateLines(pods: readonly Pod[]): string {
  const lines = pods.flatMap(({ metadata: { name, namespace }, spec, status }) => [
    `kube_pod_info{namespace="${namespace}",pod="${name}",node="${spec.nodeName ?? ''}"} 1`,
    ...(status.containerStatuses ?? []).map(
      (container) => `kube_pod_container_info{namespace="${namespace}",pod="${name}",container="${container.name}"} 1`,
    ),
  ]);
  return `${lines.join('\n')}\n`;
}

interface Ports {
  readonly kubelets: Readonly<Record<string, Relay>>;
  readonly machines: Readonly<Record<string, Relay>>;
  readonly state: number;
}

function scrapeSettings(pki: string, { kubelets, machines, state }: Ports): object {
  const targets = (relays: Readonly<Record<string, Relay>>) =>
    NODES.map((name) => {
      const relay = Object.entries(relays).find(([key]) => key.endsWith(`-${name}`))![1];
      return { targets: [`127.0.0.1:${relay.port}`], labels: { instance: name, node: name } };
    });
  return {
    global: { scrape_interval: `${SCRAPE_SECONDS}s`, scrape_timeout: '10s' },
    scrape_configs: [
      {
        job_name: 'cadvisor',
        scheme: 'https',
        metrics_path: '/metrics/cadvisor',
        tls_config: {
          insecure_skip_verify: true,
          cert_file: join(pki, 'admin.crt'),
          key_file: join(pki, 'admin.key'),
        },
        static_configs: targets(kubelets),
        // What the experiments ask for, of thousands of series.
        metric_relabel_configs: [
          {
            source_labels: ['__name__'],
            regex:
              'container_(cpu_usage_seconds_total|cpu_cfs_.*periods_total|memory_working_set_bytes|network_.*_bytes_total)',
            action: 'keep',
          },
        ],
      },
      {
        job_name: 'node-exporter',
        static_configs: targets(machines).map(({ targets: to, labels: { instance } }) => ({
          targets: to,
          labels: { instance },
        })),
      },
      { job_name: 'kube-state-metrics', static_configs: [{ targets: [`127.0.0.1:${state}`] }] },
    ],
  };
}
