import http from 'node:http';
import type { AddressInfo } from 'node:net';

type Part = { readonly id: number } & Record<string, unknown>;

const PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  unitop: ['efficiency', 'outlet_pressure'],
  stream: ['temperature', 'pressure', 'molar_flow', 'vapor_fraction', 'mole_fraction_water'],
};

/** A small flowsheet API over HTTP, in memory. As the real one does, it equips a unit operation with streams and properties. */
export class FlowsheetApi {
  readonly parts = new Map<string, Part[]>();
  /** Method and path of every request that changes something, in order, refused ones too. */
  readonly writes: string[] = [];
  /** The write of this number (from 0 on) is answered 500, before it is done or after it. */
  refuse: { readonly write: number; readonly when: 'before' | 'after' } | undefined;
  private readonly server = http.createServer((request, response) => void this.answer(request, response));
  private ids = 0;

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  of(kind: string): Part[] {
    return this.parts.get(kind) ?? [];
  }

  private async answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let text = '';
    for await (const piece of request.setEncoding('utf8')) text += piece as string;
    const url = new URL(request.url!, 'http://api');
    const [, , kind, , id] = url.pathname.split('/');
    const send = (status: number, body?: unknown) =>
      void response.writeHead(status).end(body === undefined ? undefined : JSON.stringify(body));
    if (request.method === 'GET') return send(200, { results: this.filtered(kind!, url.searchParams) });
    const refused = this.refuse?.write === this.writes.length ? this.refuse.when : undefined;
    this.writes.push(`${request.method} ${kind}`);
    if (refused === 'before') return send(500, { error: 'refused' });
    const result = this.write(request.method!, kind!, Number(id), text === '' ? {} : (JSON.parse(text) as object));
    if (refused === 'after') return send(500, { error: 'done, but the answer is lost' });
    return send(result === undefined ? 404 : request.method === 'DELETE' ? 204 : 200, result);
  }

  private filtered(kind: string, query: URLSearchParams): Part[] {
    return this.of(kind).filter((part) => [...query].every(([field, value]) => String(part[field]) === value));
  }

  private write(method: string, kind: string, id: number, body: object): Part | undefined {
    if (method === 'POST') return this.make(kind, body);
    const part = this.of(kind).find((one) => one.id === id);
    if (part !== undefined && method === 'PATCH') Object.assign(part, body);
    if (method === 'DELETE')
      for (const [name, parts] of this.parts)
        this.parts.set(
          name,
          parts.filter((one) => !(name === kind && one.id === id) && one['flowsheetOwner'] !== id),
        );
    return part;
  }

  private make(kind: string, body: object): Part {
    const part: Part = { id: ++this.ids, ...body };
    this.parts.set(kind, [...this.of(kind), part]);
    const flowsheetOwner = part['flowsheetOwner'];
    if (kind === 'unitops')
      for (const direction of ['outlet', 'inlet']) this.make('streams', { flowsheetOwner, unitop: part.id, direction });
    const owner = { unitops: 'unitop', streams: 'stream' }[kind];
    for (const name of PROPERTIES[owner ?? ''] ?? [])
      this.make('properties', { flowsheetOwner, [owner!]: part.id, name, value: null });
    return part;
  }
}
