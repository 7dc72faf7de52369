import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Variant } from '../../../experiments/plan';
import type { ClusterPort, DelayPort, FlowsheetPort, Ports, Watcher } from '../../../experiments/runner/attempt/ports';
import { EmbeddedGenerator } from '../../../experiments/workload';

/** Between generator and system, milliseconds: the server itself waits for so long. */
export const DELAY_MS = 5;

/** What the API answers to a retrieval. */
export const UNIT_OPERATIONS = JSON.stringify([
  { id: 1, flowsheetOwner: 1, name: 'pump', kind: 'pump', properties: [{ id: 1, name: 'efficiency', value: 0.5 }] },
]);

export const answerUnitOperations: http.RequestListener = (_, response) =>
  response.setHeader('content-type', 'application/json').end(UNIT_OPERATIONS);

/**
 * A system under test whose lasting parts (flowsheets, delay, the variant that runs) are files, so that they outlive a
 * runner that is killed as those of the real system do. Requests are answered by a real server in the runner's process.
 */
export class FileWorld {
  constructor(readonly folder: string) {
    mkdirSync(join(folder, 'flowsheets'), { recursive: true });
  }

  flowsheets(): string[] {
    return readdirSync(join(this.folder, 'flowsheets'));
  }

  delayed(): boolean {
    return existsSync(join(this.folder, 'delay'));
  }

  /** @param answer How the server answers; a list of one unit operation by default. */
  async ports(answer: http.RequestListener = answerUnitOperations): Promise<Ports & { close(): Promise<void> }> {
    const server = http.createServer((request, response) => setTimeout(() => answer(request, response), DELAY_MS));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return {
      cluster: this.cluster(url),
      delay: this.delay(),
      flowsheets: this.flowsheetPort(),
      generator: new EmbeddedGenerator(),
      monitor: { start: () => ({ stop: () => [{ at: Date.now(), cpu: 0.1, memory: 0.1 }] }) },
      metrics: {
        required: [],
        stepSeconds: 1,
        check: () => Promise.resolve(),
        begin: () => Promise.resolve(),
        points: () => Promise.resolve([]),
      },
      close: () => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(() => resolve()));
      },
    };
  }

  private cluster(url: string): ClusterPort {
    const file = join(this.folder, 'variant');
    const live = () => (existsSync(file) ? readFileSync(file, 'utf8') : 'nothing');
    return {
      ephemeral: false,
      facts: () => Promise.resolve({ system: 'files' }),
      url: () => url,
      select: (variant: Variant) => Promise.resolve(writeFileSync(file, variant.name)),
      settled: () => Promise.resolve(),
      differences: ({ name }: Variant) => Promise.resolve(live() === name ? [] : [`${live()} runs`]),
      watch: (watcher: Watcher) => {
        const at = Date.now();
        const pods = Number(/uor-replicas-(\d+)$/.exec(live())?.[1] ?? 1);
        watcher.replicas({ at, workload: 'django-api', desired: pods, current: pods, ready: pods });
        watcher.pod({ at, workload: 'django-api', pod: 'django-api-1', restarts: 0, evicted: false, gone: false });
        return Promise.resolve(() => Promise.resolve());
      },
      clockOffsets: () => Promise.resolve(new Map([['node', 0]])),
      removeLeftovers: () => Promise.resolve([]),
      release: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
  }

  private delay(): DelayPort {
    const file = join(this.folder, 'delay');
    return {
      delayMs: DELAY_MS,
      excessMs: 3,
      remedy: 'Look at the delay.',
      add: () => Promise.resolve(writeFileSync(file, '5', { flag: 'wx' })), // A delay that was left over makes this fail.
      check: () => Promise.resolve({ configuredMs: this.delayed() ? 5 : 0, roundTripMs: this.delayed() ? 5.2 : 0.2 }),
      remove: () => Promise.resolve(rmSync(file, { force: true })),
      route: (url) => url,
    };
  }

  private flowsheetPort(): FlowsheetPort {
    const file = (name: string) => join(this.folder, 'flowsheets', name);
    return {
      create: (_, name) => {
        writeFileSync(file(name), '');
        return Promise.resolve('1');
      },
      remove: (_, name) => Promise.resolve(rmSync(file(name), { force: true })),
      removeLeftovers: (_, prefix) => {
        const leftovers = this.flowsheets().filter((name) => name.startsWith(prefix));
        leftovers.forEach((name) => rmSync(file(name)));
        return Promise.resolve(leftovers.length);
      },
    };
  }
}
