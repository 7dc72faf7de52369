import { settings } from '../../facts/settings';
import type { Manifest } from './add-ons';
import type { LiveCluster } from './cluster';

/** The number by which the solver's Deployment is told apart after the commit. */
const SOLVER_REVISIONS = 5;

/** A quarter of a minute after which a pooler counts as there. */
const POOLER_SECONDS = 15;

/**
 * The files of a commit that changes the platform, slowly (each of two poolers counts as there after a quarter of a minute), and the
 * solver's Deployment, which is changed in a second; and the digest that says that the first is in force.
 */
export function changeOfBoth(live: LiveCluster): { files: Record<string, string>; digest: string } {
  const [applied, wait] = ['platform/platform-applied.yaml', 'workloads/base/wait-for-platform.yaml'];
  const [before] = /sha256-[0-9a-f]{16}/.exec(live.manifest(applied!))!;
  const digest = `sha256-${'0'.repeat(16)}`;
  const changes: [string, string | RegExp, string][] = [
    [applied!, before, digest],
    [wait!, before, digest],
    ['platform/pgbouncer.yaml', /(checksum\/config: \w+)([^]*)/, '$1-next$2'],
    ['platform/pgbouncer.yaml', /^ {2}replicas:/m, `  minReadySeconds: ${POOLER_SECONDS}\n  replicas:`],
    ['workloads/base/idaes.yaml', /^ {2}revisionHistoryLimit: \d+$/m, `  revisionHistoryLimit: ${SOLVER_REVISIONS}`],
  ];
  const files: Record<string, string> = {};
  for (const [path, from, to] of changes) {
    const text = files[path] ?? live.manifest(path);
    files[path] = text.replaceAll(typeof from === 'string' ? from : new RegExp(from, 'gm'), to);
    if (files[path] === text) throw new Error(`${path} does not hold ${from}`);
  }
  return { files, digest };
}

/** What is to be seen of such a commit, twice a second, each state once. */
export class OrderWatch {
  readonly seen: string[] = [];
  private isOver = false;
  private readonly watching: Promise<void>;

  constructor(
    private readonly live: LiveCluster,
    private readonly digest: string,
  ) {
    this.watching = this.watch();
  }

  async end(): Promise<void> {
    this.isOver = true;
    await this.watching;
  }

  private async watch(): Promise<void> {
    while (!this.isOver) {
      const state = await this.state();
      if (this.seen.at(-1) !== state) this.seen.push(state);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  /** The solver is asked first: what it waits for can only have come since. */
  private async state(): Promise<string> {
    const get = (kind: string, name: string) => this.live.kubectl.get<Manifest>([kind, name, '-n', settings.namespace]);
    const solver = (await get('deployment', 'idaes'))['spec'].revisionHistoryLimit === SOLVER_REVISIONS;
    const isInForce = this.digest in (await get('configmap', 'platform-applied'))['data'];
    const { metadata, spec, status } = await get('deployment', 'pgbouncer');
    const isObserved = status.observedGeneration === (metadata as { generation?: number }).generation;
    const isRolled = isObserved && [status.updatedReplicas, status.availableReplicas].every((n) => n === spec.replicas);
    const poolers = spec.minReadySeconds === POOLER_SECONDS ? (isRolled ? 'rolled' : 'rolling') : 'as before';
    return `poolers ${poolers}, ${isInForce ? 'in force' : 'not in force'}, solver ${solver ? 'changed' : 'as before'}`;
  }
}
