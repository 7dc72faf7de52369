import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Requests that the stand-in counts, by method: answers per second, and the seconds that each takes. */
export type Traffic = Readonly<Record<string, { readonly perSecond: number; readonly seconds: number }>>;

/**
 * Answers as Traefik does on its metrics port, with counters that grow as they are told to. It stands in for Traefik's
 * figures alone: that Traefik counts so, is not proved here.
 */
export class GatewayFigures {
  /** `nan` spoils the durations; `nothing` leaves the Service out, as after a restart of Traefik; `broken` answers 500. */
  state: 'well' | 'nan' | 'nothing' | 'broken' = 'well';
  private readonly counts = new Map<string, { requests: number; seconds: number }>();
  private traffic: Traffic = {};
  private since = Date.now();

  private constructor(
    private readonly server: Server,
    private readonly service: string,
  ) {}

  static async start(service: string): Promise<GatewayFigures> {
    const server = createServer();
    const figures = new GatewayFigures(server, service);
    server.on('request', (_, response) => {
      response.writeHead(figures.state === 'broken' ? 500 : 200, { 'content-type': 'text/plain; version=0.0.4' });
      response.end(figures.text());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return figures;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  carry(traffic: Traffic): void {
    this.settle();
    this.traffic = traffic;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private settle(): void {
    const now = Date.now();
    const elapsed = (now - this.since) / 1000;
    this.since = now;
    for (const [method, { perSecond, seconds }] of Object.entries(this.traffic)) {
      const count = this.counts.get(method) ?? { requests: 0, seconds: 0 };
      count.requests += perSecond * elapsed;
      count.seconds += perSecond * seconds * elapsed;
      this.counts.set(method, count);
    }
  }

  private text(): string {
    this.settle();
    // Another Service of the gateway, which no signal may count.
    const lines = [
      'traefik_service_requests_total{code="200",method="GET",protocol="http",service="other@kubernetes"} 1e6',
    ];
    if (this.state === 'nothing') return `${lines.join('\n')}\n`;
    for (const [method, { requests, seconds }] of this.counts) {
      // Traefik keeps a series for each answer; here every tenth is a 404.
      for (const [code, share] of [
        ['200', 0.9],
        ['404', 0.1],
      ] as const) {
        const labels = `{code="${code}",method="${method}",protocol="http",service="${this.service}"}`;
        const spent = this.state === 'nan' ? 'NaN' : seconds * share;
        lines.push(`traefik_service_requests_total${labels} ${requests * share}`);
        lines.push(`traefik_service_request_duration_seconds_sum${labels} ${spent}`);
      }
    }
    return `${lines.join('\n')}\n`;
  }
}
