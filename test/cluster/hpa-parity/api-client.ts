import { readFileSync } from 'node:fs';
import { Agent, fetch } from 'undici';
import type { ControlPlane } from '../control-plane';

/** Plain requests to the API server: the test makes hundreds in seconds, which is too many for a kubectl process each. */
export class ApiClient {
  private readonly agent: Agent;

  constructor(private readonly controlPlane: Pick<ControlPlane, 'server' | 'token' | 'caFile'>) {
    this.agent = new Agent({ connect: { ca: readFileSync(controlPlane.caFile) }, connections: 32 });
  }

  get<T>(path: string): Promise<T> {
    return this.send<T>('GET', path);
  }

  create(path: string, object: unknown): Promise<unknown> {
    return this.send('POST', path, object, 'application/json');
  }

  /** Merge patch (RFC 7386). */
  patch(path: string, change: unknown): Promise<unknown> {
    return this.send('PATCH', path, change, 'application/merge-patch+json');
  }

  remove(path: string): Promise<unknown> {
    return this.send('DELETE', path, { gracePeriodSeconds: 0 }, 'application/json');
  }

  close(): Promise<void> {
    return this.agent.close();
  }

  private async send<T>(method: string, path: string, body?: unknown, type?: string): Promise<T> {
    const response = await fetch(this.controlPlane.server + path, {
      method,
      dispatcher: this.agent,
      headers: { authorization: `Bearer ${this.controlPlane.token}`, ...(type && { 'content-type': type }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  }
}
