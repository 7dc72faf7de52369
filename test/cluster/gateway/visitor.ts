import { request, type RequestOptions } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { request as plainRequest } from 'node:http';

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** `Set-Cookie` lines as they were sent. */
  readonly cookies: readonly string[];
  readonly body: string;
}

/** One request. */
export interface Ask {
  readonly method?: string;
  /** Pairs are sent exactly as written, so that odd header names stay odd. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Someone outside with a cookie jar. `https://…` addresses all lead to the gateway, as DNS would make them; `http://127.0.0.1…`
 * addresses are reached as they are. Redirects are answers like any other.
 */
export class Visitor {
  private readonly jar = new Map<string, { host: string; domain: boolean; pair: string }>();

  /**
   * @param gatewayPort - port on 127.0.0.1 that `https://…` addresses lead to, or one for each host
   * @param from - address of this machine that requests come from; 127.0.0.1, an outsider, when left out.
   */
  constructor(
    private readonly gatewayPort: number | ((host: string) => number),
    private readonly from?: string,
  ) {}

  ask(address: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Answer> {
    const url = new URL(address);
    const cookie = this.cookiesFor(url.hostname);
    const options: RequestOptions = {
      host: '127.0.0.1',
      ...(this.from !== undefined && { localAddress: this.from }),
      port: url.protocol === 'https:' ? this.portOf(url.hostname) : url.port,
      servername: url.hostname,
      rejectUnauthorized: false,
      agent: false,
      timeout: 20_000,
      method,
      // The path as the caller wrote it: URL would tidy away what an attacker writes.
      path: address.slice(address.indexOf(url.host) + url.host.length) || '/',
      headers: {
        host: url.host,
        ...(cookie && { cookie }),
        ...(body && { 'content-length': Buffer.byteLength(body) }),
        ...headers,
      },
    };
    const open = url.protocol === 'https:' ? request : plainRequest;
    return new Promise((resolve, reject) => {
      const call = open(options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          const cookies = response.headers['set-cookie'] ?? [];
          for (const line of cookies) this.keep(url.hostname, line);
          resolve({ status: response.statusCode!, headers: response.headers, cookies, body: text });
        });
      });
      call.on('timeout', () => call.destroy(new Error(`${address} did not answer in time`)));
      call.on('error', reject);
      call.end(body);
    });
  }

  /** Follows redirects to the end, at most 15 of them. */
  async follow(address: string, ask: Ask = {}): Promise<Answer & { readonly address: string }> {
    let answer = await this.ask(address, ask);
    let at = address;
    for (let hops = 0; answer.status >= 300 && answer.status < 400; hops++) {
      if (hops === 15) throw new Error(`${address}: more than 15 redirects, the last to ${answer.headers.location}`);
      at = new URL(answer.headers.location!, at).href;
      answer = await this.ask(at);
    }
    return { ...answer, address: at };
  }

  /** Signs in with that e-mail address at the provider, from the given start address; consents to what is asked. */
  async signIn(email: string, start: string): Promise<Answer & { readonly address: string }> {
    let page = await this.follow(start);
    for (let step = 0; step < 4 && page.address.includes('/interaction/'); step++) {
      const prompt = /name="prompt" value="(\w+)"/.exec(page.body)?.[1];
      const form: Record<string, string> =
        prompt === 'login' ? { prompt, login: email, password: 'any' } : { prompt: 'consent' };
      page = await this.follow(new URL(/action="([^"]+)"/.exec(page.body)![1]!, page.address).href, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
      });
    }
    return page;
  }

  /** The cookies that a request to this host would carry, as a header has them. */
  cookiesFor(host: string): string {
    return [...this.jar.values()]
      .filter((cookie) => host === cookie.host || (cookie.domain && host.endsWith(`.${cookie.host}`)))
      .map(({ pair }) => pair)
      .join('; ');
  }

  private portOf(host: string): number {
    return typeof this.gatewayPort === 'number' ? this.gatewayPort : this.gatewayPort(host);
  }

  private keep(host: string, line: string): void {
    const [pair, ...attributes] = line.split(';').map((part) => part.trim());
    const attribute = (name: string) =>
      attributes.find((each) => each.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
    const domain = attribute('domain')?.replace(/^\./, '');
    const expired =
      Number(attribute('max-age') ?? 1) <= 0 || new Date(attribute('expires') ?? '9999-01-01') < new Date();
    const key = `${domain ?? host} ${pair!.split('=')[0]}`;
    if (expired) this.jar.delete(key);
    else this.jar.set(key, { host: domain ?? host, domain: domain !== undefined, pair: pair! });
  }
}
