import { existsSync, readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { WORKLOADS, type Variant, type WorkloadName, type WorkloadSettings } from '../../../plan';
import { serverClockOffset } from '../clock-offset';
import type { ClusterPort, Watcher } from '../../attempt/ports';
import type { ReplicaBounds } from '../../attempt/ports';
import { ReferenceApiProcess } from './reference-api-process';
import { observationClock } from '../../attempt/clock';

/** More processes than this only fight over a laptop's cores. */
const MOST_WORKERS = 4;
const POLL_MS = 250;

/**
 * The system under test on one machine: the reference API with a process for each replica of the variant (static, or
 * the autoscaler's minimum; nothing scales here). Results say nothing about the cluster: this is for trying a campaign out.
 */
export class LocalCluster implements ClusterPort {
  readonly ephemeral = false;
  private api: ReferenceApiProcess | undefined;
  private selected: string | undefined;

  facts(): Promise<Record<string, string>> {
    return Promise.resolve({
      system: 'reference API on this machine',
      host: `${os.cpus().length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.release()}`,
    });
  }

  url(): string {
    return this.api?.endedBecause() === undefined ? (this.api?.url ?? '') : '';
  }

  async select(variant: Variant, _signal?: AbortSignal, tell?: (text: string) => void): Promise<void> {
    const wanted = arrangement(variant);
    if (this.selected === wanted.name && this.api?.endedBecause() === undefined) return;
    await this.api?.stop();
    this.api = undefined;
    this.api = await ReferenceApiProcess.start(wanted, tell);
    this.selected = wanted.name;
  }

  settled(): Promise<void> {
    return Promise.resolve(); // The process answers before it counts as started.
  }

  differences(variant: Variant): Promise<string[]> {
    const ended = this.api?.endedBecause();
    const { name } = arrangement(variant);
    if (ended !== undefined) return Promise.resolve([`the reference API no longer runs (${ended})`]);
    return Promise.resolve(this.selected === name ? [] : [`${this.selected ?? 'nothing'} runs instead of ${name}`]);
  }

  /** A laptop takes few processes, and nothing scales them. */
  bounds(variant: Variant): ReplicaBounds {
    const { workers, solverWorkers } = arrangement(variant);
    return { 'django-api': [workers, workers], idaes: [solverWorkers, solverWorkers] };
  }

  /** The API's processes stand for pods; they are looked at four times a second. */
  watch(watcher: Watcher): Promise<() => Promise<void>> {
    const known: Record<WorkloadName, Set<number>> = { 'django-api': new Set(), idaes: new Set() };
    const look = () => {
      const at = observationClock.now();
      for (const workload of WORKLOADS) {
        const pods = new Set(this.processesOf(workload));
        const before = known[workload];
        for (const pid of symmetricDifference(before, pods))
          watcher.pod({ at, workload, pod: `${workload}-${pid}`, restarts: 0, evicted: false, gone: !pods.has(pid) });
        if (before.size !== pods.size)
          watcher.replicas({ at, workload, desired: this.desired(workload), current: pods.size, ready: pods.size });
        known[workload] = pods;
      }
    };
    look();
    const timer = setInterval(look, POLL_MS);
    return Promise.resolve(() => Promise.resolve(clearInterval(timer)));
  }

  async clockOffsets(): Promise<ReadonlyMap<string, number>> {
    return new Map([['this machine', await serverClockOffset(`${this.url()}/api/status/`)]]);
  }

  removeLeftovers(): Promise<readonly string[]> {
    return Promise.resolve([]); // The API ends with the runner's process.
  }

  release(): Promise<void> {
    return Promise.resolve(); // The next trial may want the same processes.
  }

  async close(): Promise<void> {
    await this.api?.stop();
    this.api = undefined;
  }

  private desired(workload: WorkloadName): number {
    const [django, solver] = (this.selected ?? '0/0').split('/').map(Number);
    return (workload === 'django-api' ? django : solver) ?? 0;
  }

  private processesOf(workload: WorkloadName): number[] {
    if (this.api === undefined) return [];
    const parent = workload === 'django-api' ? this.api.pids.django : this.api.pids.solver;
    return workersBelow(parent);
  }
}

function arrangement(variant: Variant): { name: string; workers: number; solverWorkers: number } {
  const workers = standing(variant.settings['django-api']);
  const solverWorkers = standing(variant.settings.idaes);
  return { name: `${workers}/${solverWorkers}`, workers, solverWorkers };
}

function standing({ replicas }: WorkloadSettings): number {
  return Math.min(MOST_WORKERS, typeof replicas === 'number' ? replicas : replicas.minReplicas);
}

/** Worker processes of a server: its children, less the resource tracker that Python starts beside them. */
function workersBelow(parent: number): number[] {
  const tasks = `/proc/${parent}/task`;
  if (!existsSync(tasks)) return [];
  const children = readdirSync(tasks).flatMap((task) => readIfThere(`${tasks}/${task}/children`).split(' '));
  return children
    .map(Number)
    .filter((pid) => pid > 0)
    .filter((pid) => !/resource_tracker|^$/.test(readIfThere(`/proc/${pid}/cmdline`)));
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

function symmetricDifference(a: ReadonlySet<number>, b: ReadonlySet<number>): number[] {
  return [...[...a].filter((one) => !b.has(one)), ...[...b].filter((one) => !a.has(one))];
}
