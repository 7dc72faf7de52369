import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ensureDebianPackages } from '../../fixtures/debian-packages';
import { freePorts } from '../../fixtures/free-ports';

/** A real Prometheus that has the cluster's series and lets in only one user with one password. */
export interface GuardedPrometheus {
  readonly url: string;
  /** From now on only this password is right. */
  setPassword(password: string): void;
  stop(): Promise<void>;
}

export const PROMETHEUS_USER = 'campaign';

/** The series behind every query of the cluster's metrics, each grown by one for each scrape. */
const COUNTERS = [
  'container_cpu_usage_seconds_total{namespace="ahuora",node="worker-1",pod="django-api-1",container="django-api"}',
  'node_cpu_seconds_total{mode="user"}',
  'node_disk_read_bytes_total',
  'node_disk_written_bytes_total',
  'node_network_receive_bytes_total{device="eth0"}',
  'node_network_transmit_bytes_total{device="eth0"}',
];
const GAUGES = [
  'container_memory_working_set_bytes{namespace="ahuora",node="worker-1",pod="django-api-1",container="django-api"} 1e8',
  'node_memory_MemTotal_bytes 8e9',
  'node_memory_MemAvailable_bytes 6e9',
  'kube_pod_info{namespace="ahuora",pod="django-api-1"} 1',
  'kube_pod_container_info{namespace="ahuora",pod="django-api-1",container="django-api"} 1',
];

export async function startGuardedPrometheus(folder: string, password: string): Promise<GuardedPrometheus> {
  await ensureDebianPackages(['prometheus']);
  mkdirSync(folder, { recursive: true });
  let scraped = 0;
  const target = http.createServer((_, response) => {
    scraped++;
    response.end([...COUNTERS.map((name) => `${name} ${scraped}`), ...GAUGES, ''].join('\n'));
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(target.address() as AddressInfo).port}`;
  const [configuration, web] = [join(folder, 'prometheus.yml'), join(folder, 'web.yml')];
  const scrape = { job_name: 'nodes', honor_labels: true, static_configs: [{ targets: [address] }] };
  writeFileSync(configuration, JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs: [scrape] }));
  const setPassword = (text: string) =>
    writeFileSync(web, JSON.stringify({ basic_auth_users: { [PROMETHEUS_USER]: bcrypt(text) } }));
  setPassword(password);
  const [port] = await freePorts(1);
  const flags = [
    ...['--config.file', configuration, '--web.config.file', web],
    ...['--storage.tsdb.path', join(folder, 'data'), '--web.listen-address', `127.0.0.1:${port}`],
  ];
  const server = spawn('prometheus', flags, { stdio: 'ignore' });
  while (scraped < 3 && server.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 200));
  return {
    url: `http://127.0.0.1:${port}`,
    setPassword,
    stop: async () => {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await ended;
      target.closeAllConnections();
      await new Promise((resolve) => target.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Debian's libcrypt knows bcrypt, which is what Prometheus takes. */
function bcrypt(password: string): string {
  const program = 'import crypt, sys; print(crypt.crypt(sys.argv[1], "$2b$05$" + "a" * 22))';
  return execFileSync('/usr/bin/python3', ['-W', 'ignore', '-c', program, password], { encoding: 'utf8' }).trim();
}
