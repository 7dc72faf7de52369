import { WORKLOADS, type Variant, type WorkloadName } from '../../../plan';
import { AttemptFailure, type ClusterPort, type Watcher } from '../../attempt/ports';
import { Kubectl, type KubectlOptions } from './kubectl';
import { nodeClockOffsets } from './node-clocks';
import { renderedVariant, restingReplicas, type RenderedVariant } from './rendered-variant';
import { observationClock } from '../../attempt/clock';

export interface KubernetesClusterOptions extends KubectlOptions {
  /** Base address of the API under load. */
  readonly url: string;
  readonly namespace: string;
  /** The rendered manifests. */
  readonly dist: string;
  /** Through Argo CD, as everything else, or straight to the API server where no Argo CD runs. */
  readonly delivery: 'argo-cd' | 'apply';
  /** Time a variant may take until all its pods are ready, milliseconds. */
  readonly settleMs?: number;
  /** What else a reader of its figures has to know. */
  readonly facts?: Readonly<Record<string, string>>;
}

const SETTLE_MS = 600_000;
const POLL_MS = 1000;
const FIELD_MANAGER = 'ahuora-experiments';
/** Argo CD's Application that holds the workloads. */
const APPLICATION = ['applications.argoproj.io', 'workloads', '--namespace', 'argocd'];

/** The real cluster. */
export class KubernetesCluster implements ClusterPort {
  readonly ephemeral = false;
  private readonly kubectl: Kubectl;

  constructor(private readonly options: KubernetesClusterOptions) {
    this.kubectl = new Kubectl(options);
  }

  async facts(): Promise<Record<string, string>> {
    const version = JSON.parse(await this.kubectl.run('version', '-o', 'json')) as {
      serverVersion: { gitVersion: string };
    };
    const nodes = await this.kubectl.run('get', 'nodes', '-o', 'jsonpath={range .items[*]}{.metadata.name}{" "}{end}');
    return {
      system: this.options.url,
      kubernetes: version.serverVersion.gitVersion,
      nodes: nodes.trim(),
      delivery: this.options.delivery,
      ...this.options.facts,
    };
  }

  url(): string {
    return this.options.url;
  }

  async select(variant: Variant): Promise<void> {
    const rendered = renderedVariant(this.options.dist, variant.name);
    if (this.options.delivery === 'argo-cd') {
      const patch = JSON.stringify({ spec: { source: { path: pathOf(variant) } } });
      await this.kubectl.run('patch', ...APPLICATION, '--type', 'merge', '--patch', patch);
      return;
    }
    const words = ['apply', '--server-side', '--force-conflicts', '--field-manager', FIELD_MANAGER];
    await this.kubectl.run(...words, '--kustomize', rendered.folder);
    for (const name of await this.strayAutoscalers(rendered))
      await this.kubectl.run('delete', 'horizontalpodautoscaler', name, ...this.inNamespace());
  }

  async settled(variant: Variant, signal: AbortSignal): Promise<void> {
    const rendered = renderedVariant(this.options.dist, variant.name);
    const deadline = observationClock.now() + (this.options.settleMs ?? SETTLE_MS);
    for (;;) {
      signal.throwIfAborted();
      const waitingFor = (await this.undelivered(variant)) ?? (await this.unsettled(rendered));
      if (waitingFor === undefined) return;
      if (observationClock.now() > deadline)
        throw new AttemptFailure('rollout-settled', `${variant.name} did not settle: ${waitingFor}.`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async differences(variant: Variant): Promise<string[]> {
    const rendered = renderedVariant(this.options.dist, variant.name);
    // The API server itself says what would change, so that equal values in other words are no difference.
    const words = ['diff', '--server-side', '--force-conflicts', '--field-manager', FIELD_MANAGER];
    const { code, stdout, stderr } = await this.kubectl.attempt(...words, '--kustomize', rendered.folder);
    if (code > 1) throw new Error(`kubectl diff failed: ${stderr.trim().split('\n').at(-1)}`);
    const changed = stdout.split('\n').filter((line) => /^[-+](?![-+]{2} )/.test(line) && !/generation:/.test(line));
    const strays = (await this.strayAutoscalers(rendered)).map(
      (name) => `an autoscaler ${name} that the variant has not`,
    );
    return [...changed.map((line) => line.replace(/^([-+])\s+/, '$1 ')), ...strays];
  }

  watch(watcher: Watcher): Promise<() => Promise<void>> {
    const stops = [
      this.kubectl.watch(
        ['deployments', ...this.inNamespace()],
        '{.object.metadata.name} {.object.spec.replicas} {.object.status.replicas} {.object.status.readyReplicas}',
        (line) => reportReplicas(line, watcher),
        (why) => watcher.broken(why),
      ),
      this.kubectl.watch(
        ['horizontalpodautoscalers', ...this.inNamespace()],
        AUTOSCALER_FIELDS.map((field) => `{${field}}`).join(SEPARATOR),
        (line) => reportSignal(line, watcher),
        (why) => watcher.broken(why),
      ),
      this.kubectl.watch(
        ['pods', ...this.inNamespace()],
        // No {range}: over a pod that has no status yet it spoils kubectl's template for every later event.
        '{.type},{.object.metadata.labels.app\\.kubernetes\\.io/name},{.object.metadata.name},{.object.status.reason},{.object.status.containerStatuses[*].restartCount}',
        (line) => reportPod(line, watcher),
        (why) => watcher.broken(why),
      ),
    ];
    return Promise.resolve(() => {
      stops.forEach((stop) => stop());
      return Promise.resolve();
    });
  }

  clockOffsets(): Promise<ReadonlyMap<string, number>> {
    return nodeClockOffsets(this.kubectl);
  }

  removeLeftovers(): Promise<readonly string[]> {
    return Promise.resolve([]); // Whatever variant runs, the next trial selects its own.
  }

  release(): Promise<void> {
    return Promise.resolve(); // A variant that rests at its minimum disturbs nobody.
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Autoscalers of the workloads that live on though the variant has none. */
  private async strayAutoscalers({ objects }: RenderedVariant): Promise<string[]> {
    const names = await this.kubectl.run(
      ...['get', 'horizontalpodautoscalers', ...this.inNamespace()],
      ...['-o', 'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}'],
    );
    const wanted = objects
      .filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
      .map(({ metadata }) => metadata.name);
    return names.split('\n').filter((name) => WORKLOADS.includes(name as WorkloadName) && !wanted.includes(name));
  }

  /** What Argo CD has still to do; undefined once the variant is synced, and where no Argo CD delivers. */
  private async undelivered(variant: Variant): Promise<string | undefined> {
    if (this.options.delivery === 'apply') return undefined;
    const template = '{.status.sync.comparedTo.source.path} {.status.sync.status} {.status.operationState.phase}';
    const [path, sync, phase] = (await this.kubectl.run('get', ...APPLICATION, '-o', `jsonpath=${template}`)).split(
      ' ',
    );
    if (path === pathOf(variant) && sync === 'Synced' && phase !== 'Running') return undefined;
    return `Argo CD's application "workloads" is ${sync || 'not synced'} at ${path || 'no path'}`;
  }

  private async unsettled(rendered: RenderedVariant): Promise<string | undefined> {
    for (const workload of WORKLOADS) {
      const wanted = restingReplicas(rendered, workload);
      const status = await this.deploymentStatus(workload);
      const counts = [status.desired, status.current, status.updated, status.ready];
      if (!status.observed || counts.some((count) => count !== wanted))
        return `${workload} has ${status.ready} of ${wanted} pods ready (${status.current} exist, ${status.updated} are new)`;
      const pods = await this.podCount(workload);
      if (pods !== wanted) return `${workload} has ${pods} pods where ${wanted} should be left`;
    }
    return undefined;
  }

  private async deploymentStatus(workload: WorkloadName) {
    const fields = [
      'spec.replicas',
      'status.replicas',
      'status.updatedReplicas',
      'status.readyReplicas',
      'metadata.generation',
      'status.observedGeneration',
    ];
    const template = fields.map((field) => `{.${field}}`).join(',');
    const text = await this.kubectl.run(
      'get',
      'deployment',
      workload,
      ...this.inNamespace(),
      '-o',
      `jsonpath=${template}`,
    );
    const [desired = 0, current = 0, updated = 0, ready = 0, generation, observed] = text.split(',').map(Number);
    return { desired, current, updated, ready, observed: generation === observed };
  }

  /** Pods that exist, those that are ending included. */
  private async podCount(workload: WorkloadName): Promise<number> {
    const names = await this.kubectl.run(
      ...['get', 'pods', ...this.inNamespace(), '--selector', `app.kubernetes.io/name=${workload}`],
      ...['--field-selector', 'status.phase!=Succeeded,status.phase!=Failed', '-o', 'name'],
    );
    return names.split('\n').filter((name) => name !== '').length;
  }

  private inNamespace(): string[] {
    return ['--namespace', this.options.namespace];
  }
}

function pathOf(variant: Variant): string {
  return `dist/workloads/${variant.name}`;
}

function reportReplicas(line: string, watcher: Watcher): void {
  const [workload, desired, current, ready] = line.split(' ');
  if (!WORKLOADS.includes(workload as WorkloadName)) return;
  watcher.replicas({
    at: observationClock.now(),
    workload: workload as WorkloadName,
    desired: Number(desired ?? 0),
    current: Number(current ?? 0),
    ready: Number(ready ?? 0),
  });
}

/** Objects and lists come as JSON, which holds no such character; kubectl makes spaces of tabs. */
const SEPARATOR = '\u001f';

const AUTOSCALER_FIELDS = [
  ...['.type', '.object.metadata.name', '.object.metadata.uid', '.object.spec'],
  ...['.object.status.desiredReplicas', '.object.status.lastScaleTime', '.object.status.conditions'],
];

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

function reportSignal(line: string, watcher: Watcher): void {
  const [type, workload, uid = '', policy = '', decided = '', scaledAt = '', conditions = ''] = line.split(SEPARATOR);
  if (!WORKLOADS.includes(workload as WorkloadName)) return;
  const told = conditions === '' ? [] : (JSON.parse(conditions) as Condition[]);
  const scaling = told.find((one) => one.type === 'ScalingActive');
  watcher.signal({
    at: observationClock.now(),
    workload: workload as WorkloadName,
    // A new one has not looked yet.
    active: scaling === undefined || scaling.status === 'True',
    reason: scaling?.reason ?? '',
    message: scaling?.message ?? '',
    uid,
    policy,
    decided: Number(decided),
    scaledAt,
    gone: type === 'DELETED',
  });
}

function reportPod(line: string, watcher: Watcher): void {
  const [type, workload, pod, reason, restarts] = line.split(',');
  if (!WORKLOADS.includes(workload as WorkloadName)) return;
  watcher.pod({
    at: observationClock.now(),
    workload: workload as WorkloadName,
    pod: pod!,
    restarts: (restarts ?? '').split(' ').reduce((sum, count) => sum + Number(count), 0),
    evicted: reason === 'Evicted',
    gone: type === 'DELETED',
  });
}
