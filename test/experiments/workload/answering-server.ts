import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadProfile, type Stage } from '../../../experiments/plan';
import type { Load } from '../../../experiments/workload';

/** A server for both generators: it answers, redirects, breaks, or takes its time. */
export interface AnsweringServer {
  /** Connections since the last call. */
  connections(): number;
  /** A load on `/`, `/redirect`, `/broken` or `/slow`. */
  load(path: string, stages: readonly Stage[], more?: Partial<Load>): Load;
  close(): Promise<void>;
}

/** Twenty requests within two seconds. */
export const SPIKE: readonly Stage[] = loadProfile('spike', 'uor', { rate: 0.25, duration: 1 / 120 }).stages;

/** @param slowMs How long `/slow` takes, milliseconds. */
export async function startAnsweringServer(slowMs: number): Promise<AnsweringServer> {
  let connections = 0;
  const server = http.createServer((request, response) => {
    if (request.url === '/redirect') response.writeHead(302, { location: '/elsewhere' });
    if (request.url === '/broken') response.writeHead(503);
    setTimeout(() => response.end('answer'), request.url === '/slow' ? slowMs : 5);
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    connections: () => {
      const count = connections;
      connections = 0;
      return count;
    },
    load: (path, stages, more = {}) => ({
      trial: 'a.uor.b.spike.1',
      stages,
      request: { method: 'GET', url: url + path, headers: {} },
      ...more,
    }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
