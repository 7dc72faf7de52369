import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  decodeResult,
  GRACEFUL_STOP_SECONDS,
  mergeResults,
  podProgram,
  together,
  type HostSample,
  type Load,
  type LoadGenerator,
  type LoadOptions,
  type LoadProgress,
  type LoadResult,
} from '../../../workload';
import type { Kubectl } from '../cluster/kubectl';
import { generatorManifests, JOB, NAMESPACE, RESULT_FOLDER } from './manifests';

/** Time for every pod to be there before all begin, milliseconds: scheduling, an image that is there, Node's own start. */
const AHEAD_MS = 30_000;
const LOOK_MS = 2_000;
/** Results come once the last request has ended; writing and probing them takes some seconds more. */
const FETCH_PATIENCE_SECONDS = 60;

export interface IndexedJobOptions {
  readonly kubectl: Kubectl;
  /** Number of generators. */
  readonly count: number;
  /** Milliseconds that the pods get to be there before all begin. */
  readonly aheadMs?: number;
}

interface PodState {
  readonly index: number;
  readonly name: string;
  readonly phase: string;
  readonly ready: boolean;
}

/**
 * Several generators as pods of an Indexed Job, for rates that one machine cannot send: together their shares are due as
 * one's. They reach the gateway by its Service, so pass no delayed interface; their namespace goes on every way out.
 */
export class IndexedJobGenerator implements LoadGenerator {
  constructor(private readonly options: IndexedJobOptions) {}

  async run(load: Load, { onProgress, signal }: LoadOptions = {}): Promise<LoadResult> {
    const { aheadMs = AHEAD_MS } = this.options;
    await this.remove();
    try {
      const startAt = Date.now() + aheadMs;
      const seconds = load.stages.reduce((sum, stage) => sum + stage.seconds, 0);
      await this.apply({ ...load, request: await this.fromInside(load), startAt }, seconds);
      await this.until('runs', startAt, (pods) => pods.every(({ phase }) => phase === 'Running'), signal);
      const deadline = startAt + (seconds + GRACEFUL_STOP_SECONDS + FETCH_PATIENCE_SECONDS) * 1000;
      const pods = await this.until(
        'has a result',
        deadline,
        (all) => all.every(({ ready }) => ready),
        signal,
        onProgress,
      );
      const parts = await Promise.all(pods.map(({ name }) => this.fetch(name)));
      return { ...mergeResults(parts, startAt), host: busiest(parts.map(({ host = [] }) => host)) };
    } finally {
      await this.remove();
    }
  }

  /** The same request, sent to the gateway's address inside the cluster under the name that it is asked by. */
  private async fromInside({ request }: Load): Promise<Load['request']> {
    const address = await this.options.kubectl.run(
      ...['get', 'service', 'traefik', '--namespace', 'kube-system', '-o', 'jsonpath={.spec.clusterIP}'],
    );
    const url = new URL(request.url);
    const headers = { host: url.host, ...request.headers };
    return { ...request, headers, url: `https://${address}${url.pathname}${url.search}` };
  }

  private async apply(load: Load, seconds: number): Promise<void> {
    const { count, kubectl } = this.options;
    const folder = mkdtempSync(join(tmpdir(), 'generators-'));
    try {
      const file = join(folder, 'manifests.json');
      const manifests = generatorManifests({
        count,
        program: podProgram(),
        load: JSON.stringify({ ...load, of: count }),
        seconds,
      });
      // It holds the session.
      writeFileSync(file, JSON.stringify(manifests), { mode: 0o600 });
      await kubectl.run('apply', '--server-side', '-f', file);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** @throws {Error} in one sentence, when a pod fails or the deadline passes. */
  private async until(
    what: string,
    deadline: number,
    isSo: (pods: readonly PodState[]) => boolean,
    signal: AbortSignal | undefined,
    onProgress?: (progress: LoadProgress) => void,
  ): Promise<readonly PodState[]> {
    const { count } = this.options;
    for (;;) {
      signal?.throwIfAborted();
      const pods = await this.pods();
      const failed = pods.find(({ phase }) => phase === 'Failed');
      if (failed !== undefined)
        throw new Error(`Generator ${failed.index} failed: ${await this.lastWords(failed.name)}`);
      if (pods.length === count && isSo(pods)) return pods;
      if (Date.now() > deadline)
        throw new Error(
          `Not every one of ${count} generators ${what} in time: ${pods.map(({ name, phase }) => `${name} is ${phase}`).join(', ') || 'there is no pod'}.`,
        );
      if (onProgress !== undefined) await this.tell(pods, onProgress);
      await sleep(LOOK_MS, undefined, { signal });
    }
  }

  private async pods(): Promise<PodState[]> {
    const text = await this.options.kubectl.run(
      ...['get', 'pods', '--namespace', NAMESPACE, '--selector', `app=${JOB}`, '-o', 'json'],
    );
    const { items } = JSON.parse(text) as {
      items: {
        metadata: { name: string; annotations?: Record<string, string> };
        status: { phase: string; conditions?: { type: string; status: string }[] };
      }[];
    };
    return items
      .map(({ metadata, status }) => ({
        index: Number(metadata.annotations?.['batch.kubernetes.io/job-completion-index']),
        name: metadata.name,
        phase: status.phase,
        ready: status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
      }))
      .sort((one, other) => one.index - other.index);
  }

  private async tell(pods: readonly PodState[], onProgress: (progress: LoadProgress) => void): Promise<void> {
    const lines = await Promise.all(pods.map(({ name }) => this.lastWords(name)));
    const counters = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LoadProgress);
    if (counters.length > 0) onProgress(together(counters));
  }

  private async lastWords(pod: string): Promise<string> {
    const { stdout } = await this.options.kubectl.attempt('logs', pod, '--namespace', NAMESPACE, '--tail=1');
    return stdout.trim();
  }

  private async fetch(pod: string): Promise<LoadResult> {
    const text = await this.options.kubectl.run(
      ...['exec', pod, '--namespace', NAMESPACE, '--', 'base64', '-w0', `${RESULT_FOLDER}/result`],
    );
    return decodeResult(Buffer.from(text, 'base64'));
  }

  private async remove(): Promise<void> {
    await this.options.kubectl.run('delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=55s');
  }
}

/** Second by second the busiest of all hosts, since one that is overloaded spoils its share. */
function busiest(hosts: readonly (readonly HostSample[])[]): HostSample[] {
  const seconds = Math.min(...hosts.map((host) => host.length));
  return Array.from({ length: seconds }, (_, second) => ({
    at: hosts[0]![second]!.at,
    cpu: Math.max(...hosts.map((host) => host[second]!.cpu)),
    memory: Math.max(...hosts.map((host) => host[second]!.memory)),
  }));
}
