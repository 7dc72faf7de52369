import { setTimeout as sleep } from 'node:timers/promises';
import { fetch } from 'undici';
import { z } from 'zod';

/** Where Prometheus answers, and who asks. */
export interface PrometheusOptions {
  /** Base address, such as that of Grafana Cloud up to `/api/prom`. */
  readonly url: string;
  readonly user?: string;
  readonly token?: string;
  /** Points per series of one request; Prometheus refuses more than 11,000. */
  readonly pointsPerPage?: number;
  readonly attempts?: number;
  /** First pause before another attempt, milliseconds; each further one is twice as long. */
  readonly backOffMs?: number;
}

/** One time series. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since the epoch, and the value. */
  readonly points: readonly (readonly [number, number])[];
}

const answer = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.number(), z.string()])),
      }),
    ),
  }),
});

const LONGEST_PAUSE_MS = 60_000;
const TIMEOUT_MS = 30_000;

/** Range queries against Prometheus' HTTP API, in pages and with patience. https://prometheus.io/docs/prometheus/latest/querying/api/ */
export class PrometheusClient {
  constructor(private readonly options: PrometheusOptions) {}

  /**
   * Every point of a query between two moments (seconds since the epoch, both included), a step of seconds apart.
   *
   * @throws {Error} in one sentence, when the server refuses, or does not answer however often it is asked.
   */
  async range(query: string, start: number, end: number, step: number): Promise<Series[]> {
    const perPage = this.options.pointsPerPage ?? 5000;
    const merged = new Map<string, { labels: Record<string, string>; points: [number, number][] }>();
    for (let from = start; from <= end; from += perPage * step) {
      const to = Math.min(end, from + (perPage - 1) * step);
      for (const { metric, values } of await this.page(query, from, to, step)) {
        const key = JSON.stringify(Object.entries(metric).sort());
        const series = merged.get(key) ?? { labels: metric, points: [] };
        series.points.push(...values.map(([time, value]): [number, number] => [time, Number(value)]));
        merged.set(key, series);
      }
    }
    return [...merged.values()];
  }

  private async page(query: string, start: number, end: number, step: number) {
    const parameters = new URLSearchParams({ query, start: String(start), end: String(end), step: String(step) });
    const text = await this.ask(`/api/v1/query_range`, parameters);
    const result = answer.safeParse(text);
    if (!result.success) throw new Error(`${this.options.url} does not answer as Prometheus does: check the address.`);
    return result.data.data.result;
  }

  /** Asks until it is answered: what may pass is asked again, a refusal is final. */
  private async ask(path: string, parameters: URLSearchParams): Promise<unknown> {
    const attempts = this.options.attempts ?? 6;
    let pause = this.options.backOffMs ?? 500;
    let last = '';
    for (let attempt = 1; attempt <= attempts; attempt++) {
      try {
        const response = await this.post(path, parameters);
        if (response.ok) return await response.json();
        const said = (await response.text()).trim().slice(0, 200);
        if (response.status !== 429 && response.status < 500) throw new Refusal(this.refusal(response.status, said));
        last = `status ${response.status}${said === '' ? '' : ` (${said})`}`;
        const wanted = Number(response.headers.get('retry-after')) * 1000;
        if (wanted > 0) pause = Math.min(wanted, LONGEST_PAUSE_MS);
      } catch (error) {
        if (error instanceof Refusal) throw error;
        last = ((error as Error).cause as Error | undefined)?.message ?? (error as Error).message;
      }
      if (attempt < attempts) await sleep(pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    }
    throw new Error(`Prometheus at ${this.options.url} gave no answer in ${attempts} attempts: ${last}.`);
  }

  /** A POST, because queries may be longer than an address. */
  private post(path: string, parameters: URLSearchParams) {
    const { url, user, token } = this.options;
    const credentials = Buffer.from(`${user ?? ''}:${token ?? ''}`).toString('base64');
    return fetch(url.replace(/\/$/, '') + path, {
      method: 'POST',
      body: parameters,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: token === undefined ? {} : { authorization: `Basic ${credentials}` },
    });
  }

  private refusal(status: number, said: string): string {
    if (status === 401 || status === 403)
      return `Prometheus at ${this.options.url} refuses the token (status ${status}): renew it, since it may have expired.`;
    return `Prometheus at ${this.options.url} refuses the query (status ${status}): ${said}`;
  }
}

class Refusal extends Error {}
