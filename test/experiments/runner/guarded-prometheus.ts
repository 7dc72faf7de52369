import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterNodes, committedInventory } from '../../../facts/inventory';
import { startPrometheus, type PrometheusServer } from './prometheus-server';

/** A real Prometheus that has the cluster's series and lets in only one user with one password. */
export interface GuardedPrometheus extends PrometheusServer {
  /** From now on only this password is right. */
  setPassword(password: string): void;
}

export const PROMETHEUS_USER = 'campaign';

const NODES = clusterNodes(committedInventory()).map(({ name }) => name);
/** One series for every node of the cluster. */
const ofEachNode = (metric: string, labels = '') => NODES.map((name) => `${metric}{instance="${name}"${labels}}`);

/** The series behind every query of the cluster's metrics, each grown by one for each scrape. */
const COUNTERS = [
  'container_cpu_usage_seconds_total{namespace="ahuora",node="worker-1",pod="django-api-1",container="django-api"}',
  ...ofEachNode('node_cpu_seconds_total', ',mode="user"'),
  ...ofEachNode('node_disk_read_bytes_total'),
  ...ofEachNode('node_disk_written_bytes_total'),
  ...ofEachNode('node_network_receive_bytes_total', ',device="eth0"'),
  ...ofEachNode('node_network_transmit_bytes_total', ',device="eth0"'),
];
const GAUGES = [
  'container_memory_working_set_bytes{namespace="ahuora",node="worker-1",pod="django-api-1",container="django-api"} 1e8',
  ...ofEachNode('node_memory_MemTotal_bytes').map((series) => `${series} 8e9`),
  ...ofEachNode('node_memory_MemAvailable_bytes').map((series) => `${series} 6e9`),
  'kube_pod_info{namespace="ahuora",pod="django-api-1"} 1',
  'kube_pod_container_info{namespace="ahuora",pod="django-api-1",container="django-api"} 1',
];

export async function startGuardedPrometheus(folder: string, password: string): Promise<GuardedPrometheus> {
  mkdirSync(folder, { recursive: true });
  const web = join(folder, 'web.yml');
  const setPassword = (text: string) =>
    writeFileSync(web, JSON.stringify({ basic_auth_users: { [PROMETHEUS_USER]: bcrypt(text) } }));
  setPassword(password);
  const metrics = (scrape: number) => [...COUNTERS.map((name) => `${name} ${scrape}`), ...GAUGES, ''].join('\n');
  const server = await startPrometheus(folder, metrics, 3, ['--web.config.file', web]);
  return { ...server, setPassword };
}

/** Debian's libcrypt knows bcrypt, which is what Prometheus takes. */
function bcrypt(password: string): string {
  const program = 'import crypt, sys; print(crypt.crypt(sys.argv[1], "$2b$05$" + "a" * 22))';
  return execFileSync('/usr/bin/python3', ['-W', 'ignore', '-c', program, password], { encoding: 'utf8' }).trim();
}
