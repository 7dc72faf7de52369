import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ensureDebianPackages } from '../../fixtures/debian-packages';
import { freePorts } from '../../fixtures/free-ports';

/** A real Prometheus on loopback. */
export interface PrometheusServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts Prometheus with one target, scraped every second, and returns after so many scrapes.
 *
 * @param metrics What the target says at the scrape of this number, from 1.
 */
export async function startPrometheus(
  folder: string,
  metrics: (scrape: number) => string,
  scrapes: number,
  flags: readonly string[] = [],
): Promise<PrometheusServer> {
  await ensureDebianPackages(['prometheus']);
  mkdirSync(folder, { recursive: true });
  let scraped = 0;
  const target = http.createServer((_, response) => response.end(metrics(++scraped)));
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(target.address() as AddressInfo).port}`;
  const configuration = join(folder, 'prometheus.yml');
  const scrape = { job_name: 'nodes', honor_labels: true, static_configs: [{ targets: [address] }] };
  writeFileSync(configuration, JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs: [scrape] }));
  const [port] = await freePorts(1);
  const own = ['--config.file', configuration, '--storage.tsdb.path', join(folder, 'data')];
  const server = spawn('prometheus', [...own, '--web.listen-address', `127.0.0.1:${port}`, ...flags], {
    stdio: 'ignore',
  });
  while (scraped < scrapes && server.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 200));
  return {
    url: `http://127.0.0.1:${port}`,
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
