import { readFileSync } from 'node:fs';
import { request } from 'undici';
import { WORKLOADS, type Variant, type WorkloadName } from '../../../plan';
import { serverClockOffset } from '../clock-offset';
import { AttemptFailure, type ClusterPort, type Watcher } from '../../attempt/ports';
import type { ReplicaBounds } from '../../attempt/ports';
import type { ComposeProject, Container } from './compose-project';
import { explain, lastLine } from './docker';
import { observationClock } from '../../attempt/clock';

export interface ComposeClusterOptions {
  /** Where the API answers, without a trailing slash. */
  readonly url: string;
  /** Time the stack may take until it answers, milliseconds. */
  readonly settleMs?: number;
}

const SETTLE_MS = 600_000;
const POLL_MS = 1000;
/** Looks that may fail one after another before the timeline counts as broken. */
const MOST_FAILED_LOOKS = 5;
/** Inline `configs` came with this version. https://docs.docker.com/reference/compose-file/configs/ */
const OLDEST_COMPOSE = [2, 23, 1];
/** `start_interval` of health checks came with this version. https://docs.docker.com/reference/compose-file/services/#healthcheck */
const OLDEST_ENGINE = [25];
/** PgBouncer cannot carry a migration, which holds session state: it goes to Postgres itself. */
const MIGRATION = 'database-migration';

/** The same stack on one machine under Docker Compose: made anew for each attempt and removed after it. */
export class ComposeCluster implements ClusterPort {
  readonly ephemeral = true;
  /** What was started, to see at the end that it is still the same. */
  private started: readonly Container[] = [];
  private up = false;
  private answers = false;

  constructor(
    private readonly project: ComposeProject,
    private readonly options: ComposeClusterOptions,
  ) {}

  /** @throws {Error} in one sentence when Docker or its Compose plugin is missing or too old. */
  async facts(): Promise<Record<string, string>> {
    const { docker } = this.project;
    const engine = (await docker.run(['version', '--format', '{{.Server.Version}}'])).trim();
    if (isOlder(engine, OLDEST_ENGINE))
      throw new Error(`Docker Engine is version ${engine}: ${OLDEST_ENGINE.join('.')} or newer is needed.`);
    const compose = (await docker.run(['compose', 'version', '--short'])).trim().replace(/^v/, '');
    if (isOlder(compose, OLDEST_COMPOSE))
      throw new Error(`Docker Compose is version ${compose}: ${OLDEST_COMPOSE.join('.')} or newer is needed.`);
    const host = JSON.parse(await docker.run(['info', '--format', '{{json .}}'])) as Record<string, unknown>;
    return {
      composeSystem: this.options.url,
      docker: engine,
      dockerCompose: compose,
      composeHost: `${String(host['Name'])}, ${String(host['NCPU'])} cores, ${Math.round(Number(host['MemTotal']) / 2 ** 30)} GiB, ${String(host['OperatingSystem'])} ${String(host['KernelVersion'])} ${String(host['Architecture'])}`,
    };
  }

  url(): string {
    return this.answers ? this.options.url : '';
  }

  /** Both variants of this site are the one rendered file: nothing scales under Compose. */
  async select(variant: Variant, signal: AbortSignal): Promise<void> {
    await this.release();
    this.up = true; // From here on there may be something to remove.
    const call = { signal, timeoutMs: 2 * this.settleMs() };
    await this.start(variant, ['run', '--rm', '-T', MIGRATION], call);
    const limit = String(Math.ceil(this.settleMs() / 1000));
    await this.start(variant, ['up', '--detach', '--wait', '--wait-timeout', limit], call);
  }

  /** Services without a health check count as ready when they run, so the API itself is asked. */
  async settled(variant: Variant, signal: AbortSignal): Promise<void> {
    const deadline = observationClock.now() + this.settleMs();
    for (;;) {
      signal.throwIfAborted();
      const waitingFor = await this.silence();
      if (waitingFor === undefined) break;
      if (observationClock.now() > deadline)
        throw new AttemptFailure(
          'rollout-settled',
          `${variant.name} did not answer at ${this.options.url}: ${waitingFor} (AHUORA_COMPOSE_URL says where it is).`,
        );
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    this.started = await this.project.containers();
    this.answers = true;
  }

  async differences(): Promise<string[]> {
    const { file } = this.project;
    const containers = await this.project.containers();
    const differences = [...file.images].flatMap(([service, image]) => {
      const own = containers.filter((one) => one.service === service);
      if (own.length !== 1) return [`${service} has ${own.length} containers instead of 1`];
      return differencesOf(
        own[0]!,
        image,
        this.started.find((one) => one.service === service),
      );
    });
    if (readFileSync(file.path, 'utf8') !== file.text)
      differences.push(`${file.path} was changed since the runner started`);
    return differences;
  }

  /** One container for each service, whatever the variant. */
  bounds(): ReplicaBounds {
    return { 'django-api': [1, 1], idaes: [1, 1] };
  }

  async watch(watcher: Watcher): Promise<() => Promise<void>> {
    const observer = new ContainerObserver(watcher);
    observer.look(await this.project.containers());
    let failed = 0;
    let stopped = false;
    const follow = async () => {
      while (!stopped) {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        if (stopped) return;
        try {
          observer.look(await this.project.containers());
          failed = 0;
        } catch (error) {
          if (++failed === MOST_FAILED_LOOKS && !stopped) watcher.broken((error as Error).message);
        }
      }
    };
    const following = follow();
    return () => {
      stopped = true;
      return following;
    };
  }

  async clockOffsets(): Promise<ReadonlyMap<string, number>> {
    return new Map([['the machine of Docker Compose', await serverClockOffset(`${this.options.url}/api/status/`)]]);
  }

  async removeLeftovers(): Promise<readonly string[]> {
    return (await this.project.removeLeftovers()).map((name) => `Compose project ${name}`);
  }

  /** The machine is left as it was found: a stack that idles would take memory and CPU from what runs next. */
  async release(): Promise<void> {
    if (!this.up) return;
    this.answers = false;
    await this.project.down();
    this.up = false;
    this.started = [];
  }

  close(): Promise<void> {
    return this.release();
  }

  private settleMs(): number {
    return this.options.settleMs ?? SETTLE_MS;
  }

  /** A container that does not come up voids the attempt; anything else (no image, a port in use) would stop every trial. */
  private async start(variant: Variant, words: readonly string[], call: { signal: AbortSignal; timeoutMs: number }) {
    const { code, stderr } = await this.project.tryCompose(words, call);
    if (code === 0) return;
    if (/unhealthy|exited|timed out|deadline exceeded|timeout/i.test(stderr))
      throw new AttemptFailure('rollout-settled', `${variant.name} did not come up: ${lastLine(stderr)}.`);
    throw new Error(explain(['compose', ...words], stderr));
  }

  /** Why the API does not answer; undefined once it does. */
  private async silence(): Promise<string | undefined> {
    try {
      const headers = { host: this.project.file.host };
      const answer = await request(`${this.options.url}/api/status/`, { headers, headersTimeout: 5000 });
      await answer.body.dump();
      return answer.statusCode === 200 ? undefined : `status ${answer.statusCode}`;
    } catch (error) {
      return (error as Error).message || (error as NodeJS.ErrnoException).code || 'no answer';
    }
  }
}

function differencesOf(container: Container, image: string, before: Container | undefined): string[] {
  const { service } = container;
  if (container.status !== 'running') return [`${service} is ${container.status}`];
  if (container.image !== image) return [`${service} runs ${container.image} instead of ${image}`];
  if (before === undefined) return [];
  if (container.digest !== before.digest)
    return [`${service} runs another image of the name ${image} than at the start`];
  return container.configHash === before.configHash ? [] : [`${service} was made anew with other settings`];
}

/** Turns looks at the containers into what the timeline wants: every change, the present state first. */
class ContainerObserver {
  private readonly known = new Map<
    string,
    { readonly container: Container; readonly restarts: number; readonly state: string }
  >();
  private readonly counts = new Map<WorkloadName, string>();

  constructor(private readonly watcher: Watcher) {}

  look(containers: readonly Container[]): void {
    const at = observationClock.now();
    for (const container of containers) this.lookAt(container, at);
    for (const [id, { container, restarts }] of this.known) {
      if (containers.some((one) => one.id === id)) continue;
      this.known.delete(id);
      this.report(container, at, restarts, true);
    }
    for (const workload of WORKLOADS) this.count(workload, containers, at);
  }

  private lookAt(container: Container, at: number): void {
    const before = this.known.get(container.id);
    // Docker counts the restarts of its own policy alone; a restart by hand shows in the start time.
    const byHand =
      before !== undefined && before.container.startedAt !== container.startedAt
        ? before.restarts + 1
        : (before?.restarts ?? 0);
    const restarts = Math.max(container.restarts, byHand);
    const state = [restarts, container.status, container.health, container.outOfMemory].join();
    this.known.set(container.id, { container, restarts, state });
    if (before?.state !== state) this.report(container, at, restarts, false);
  }

  private report(container: Container, at: number, restarts: number, gone: boolean): void {
    const trouble = troubleOf(container);
    const { service: workload, name: pod } = container;
    this.watcher.pod({
      at,
      workload,
      pod,
      restarts,
      evicted: false,
      gone,
      ...(trouble === undefined ? {} : { trouble }),
    });
  }

  private count(workload: WorkloadName, containers: readonly Container[], at: number): void {
    const running = containers.filter((one) => one.service === workload && one.status === 'running');
    const ready = running.filter(({ health }) => health === undefined || health === 'healthy');
    const counts = `${running.length} ${ready.length}`;
    if (this.counts.get(workload) === counts) return;
    this.counts.set(workload, counts);
    this.watcher.replicas({ at, workload, desired: 1, current: running.length, ready: ready.length });
  }
}

function troubleOf({ status, health, outOfMemory }: Container): string | undefined {
  if (outOfMemory) return 'ran out of memory';
  if (status !== 'running') return `was ${status}`;
  return health === 'unhealthy' ? 'was unhealthy' : undefined;
}

function isOlder(version: string, than: readonly number[]): boolean {
  const parts = version.split(/[.+-]/).slice(0, 3).map(Number);
  const index = than.findIndex((part, at) => (parts[at] ?? 0) !== part);
  return index >= 0 && (parts[index] ?? 0) < than[index]!;
}
