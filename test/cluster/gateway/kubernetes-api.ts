import { readFileSync } from 'node:fs';
import { Agent, fetch, type Response } from 'undici';
import type { ControlPlane } from '../control-plane';

/** One change that a watch reports. */
export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T;
}

/** The little of a Kubernetes client that playing pods needs: single requests and watches, as administrator. */
export class KubernetesApi {
  private readonly dispatcher: Agent;

  constructor(private readonly cluster: Pick<ControlPlane, 'server' | 'token' | 'caFile'>) {
    this.dispatcher = new Agent({ connect: { ca: readFileSync(cluster.caFile) }, bodyTimeout: 0 });
  }

  get<T>(path: string): Promise<T> {
    return this.send('GET', path).then((response) => response.json() as Promise<T>);
  }

  /** Strategic merge patch, as the kubelet uses it for a pod's status. */
  async patch(path: string, body: unknown): Promise<void> {
    await this.send('PATCH', path, body, 'application/strategic-merge-patch+json');
  }

  /** @returns false when the object does not exist. */
  async delete(path: string, options: unknown): Promise<boolean> {
    const response = await this.open('DELETE', path, options, 'application/json');
    await response.text();
    return response.status !== 404;
  }

  /** Reports what exists and then every change, until `signal` aborts; a watch that ends early is taken up again. */
  async watch<T extends { metadata: { resourceVersion?: string } }>(
    path: string,
    report: (event: WatchEvent<T>) => void,
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted) {
      const list = await this.get<{ metadata: { resourceVersion: string }; items: T[] }>(path);
      for (const object of list.items) report({ type: 'ADDED', object });
      try {
        const response = await this.open(
          'GET',
          `${path}?watch=true&resourceVersion=${list.metadata.resourceVersion}`,
          undefined,
          undefined,
          signal,
        );
        for await (const line of lines(response)) report(JSON.parse(line) as WatchEvent<T>);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }

  close(): Promise<void> {
    return this.dispatcher.destroy();
  }

  private async send(method: string, path: string, body?: unknown, type?: string): Promise<Response> {
    const response = await this.open(method, path, body, type);
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${await response.text()}`);
    return response;
  }

  private open(method: string, path: string, body?: unknown, type?: string, signal?: AbortSignal): Promise<Response> {
    return fetch(`${this.cluster.server}${path}`, {
      method,
      dispatcher: this.dispatcher,
      headers: {
        authorization: `Bearer ${this.cluster.token}`,
        ...(type !== undefined && { 'content-type': type }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    });
  }
}

async function* lines(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body!) {
    const parts = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
    rest = parts.pop()!;
    yield* parts.filter((line) => line !== '');
  }
}
