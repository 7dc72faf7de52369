import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LiveState } from './live-state';
import { PAGE } from './page';

const HEADERS = {
  'cache-control': 'no-store',
  // Nothing from anywhere else, and in no other page.
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
};

/** A page on this machine's loopback address that shows a campaign while it runs. */
export class LivePage {
  private constructor(
    private readonly server: http.Server,
    readonly url: string,
  ) {}

  /** @param port 0 for any that is free. @throws {Error} when the port is taken. */
  static async start(state: LiveState, port = 0): Promise<LivePage> {
    const server = http.createServer((request, response) => answer(state, request, response));
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
    server.unref();
    return new LivePage(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

function answer(state: LiveState, request: http.IncomingMessage, response: http.ServerResponse): void {
  // A foreign page whose name leads to loopback would come with that name.
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? ''))
    return void response.writeHead(403, HEADERS).end('This page is for this machine alone.');
  if (request.method !== 'GET') return void response.writeHead(405, HEADERS).end();
  if (request.url === '/')
    return void response.writeHead(200, { ...HEADERS, 'content-type': 'text/html; charset=utf-8' }).end(PAGE);
  if (request.url === '/state.json')
    return void response
      .writeHead(200, { ...HEADERS, 'content-type': 'application/json' })
      .end(JSON.stringify(state.snapshot()));
  response.writeHead(404, HEADERS).end('There is no such page.');
}
