import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { k8s } from '../../../lib/constructs/typed-kinds';
import type { ControlPlane } from '../control-plane';
import { startGuarded, type GuardedProcess } from '../../fixtures/guarded-process';
import { KubernetesApi, type WatchEvent } from './kubernetes-api';
import { prepareContainer, type ContainerSurroundings } from './pod-files';
import { dropPodAddress, takePodAddress } from './pod-network';
import { probeOnce } from './probe';

/** A pod as the API server sends it. */
export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
  };
  readonly spec: k8s.PodSpec;
}

/** What stands for a container: the program that is run for it on this machine. */
export interface Program {
  readonly command: readonly [string, ...string[]];
  readonly cwd?: string;
  /** Added to the environment that the manifest gives. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Chooses the program of a pod, from what its manifest says. */
export type Cast = (
  container: k8s.Container,
  surroundings: ContainerSurroundings,
  address: string,
) => Program | Promise<Program>;

/** Plays the kubelet's part for some pods. */
export interface PodPlayer {
  /** Running processes by pod name. */
  readonly processes: ReadonlyMap<string, GuardedProcess>;
  /** Errors met while playing; empty when all went well. */
  readonly failures: readonly string[];
  /** Everything that the container of each pod has printed, for messages. */
  output(): string;
  stop(): Promise<void>;
}

/**
 * Plays the kubelet for the pods of one namespace whose `app.kubernetes.io/name` has a program in `cast`, from its address to
 * SIGKILL (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/). Not played: liveness probes, and containers
 * but the first.
 */
export function startPodPlayer(
  cluster: ControlPlane,
  namespace: string,
  cast: Readonly<Record<string, Cast>>,
): PodPlayer {
  const api = new KubernetesApi(cluster);
  const ended = new AbortController();
  const played = new Map<string, PlayedPod>();
  const processes = new Map<string, GuardedProcess>();
  const failures: string[] = [];
  const outputs: string[] = [];

  const report = ({ type, object: pod }: WatchEvent<Pod>) => {
    const program = cast[pod.metadata.labels?.['app.kubernetes.io/name'] ?? ''];
    if (program === undefined || pod.spec.nodeName === undefined || type === 'ERROR') return;
    const { uid, name } = pod.metadata;
    let player = played.get(uid);
    if (player === undefined && type !== 'DELETED' && pod.metadata.deletionTimestamp === undefined) {
      player = new PlayedPod(api, pod, program, join(cluster.folder, 'pods', name), (process) =>
        processes.set(name, process),
      );
      played.set(uid, player);
      player.start().catch((error: Error) => {
        if (!ended.signal.aborted) failures.push(`${name}: ${error.message}`);
      });
    }
    if (type === 'DELETED' || pod.metadata.deletionTimestamp !== undefined) {
      player
        ?.terminate(type === 'DELETED' ? 0 : (pod.metadata.deletionGracePeriodSeconds ?? 30))
        .then((output) => outputs.push(`${name}:\n${output}`))
        .catch((error: Error) => {
          if (!ended.signal.aborted) failures.push(`${name}: ${error.message}`);
        })
        .finally(() => processes.delete(name));
    }
  };
  const watching = api
    .watch<Pod>(`/api/v1/namespaces/${namespace}/pods`, report, ended.signal)
    .catch((error: Error) => {
      failures.push(`watch: ${error.message}`);
    });
  return {
    processes,
    failures,
    output: () => [...outputs, ...[...processes].map(([name, process]) => `${name}:\n${process.output()}`)].join('\n'),
    stop: async () => {
      ended.abort();
      await watching;
      await Promise.all([...played.values()].map((player) => player.kill()));
      await api.close();
    },
  };
}

/** One pod from its start to its end. */
class PlayedPod {
  private process: GuardedProcess | undefined;
  private address: string | undefined;
  private ending: Promise<string> | undefined;
  private readonly path: string;

  constructor(
    private readonly api: KubernetesApi,
    private readonly pod: Pod,
    private readonly cast: Cast,
    private readonly folder: string,
    private readonly started: (process: GuardedProcess) => void,
  ) {
    this.path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`;
  }

  private get container(): k8s.Container {
    return this.pod.spec.containers[0]!;
  }

  async start(): Promise<void> {
    const { pod, container } = this;
    this.address = await takePodAddress();
    const address = this.address;
    const facts = {
      'metadata.name': pod.metadata.name,
      'metadata.namespace': pod.metadata.namespace,
      'spec.nodeName': pod.spec.nodeName!,
      'status.podIP': address,
    };
    const surroundings = await prepareContainer(
      this.api,
      pod.metadata.namespace,
      pod.spec,
      container,
      facts,
      join(this.folder, 'volumes'),
    );
    const program = await this.cast(container, surroundings, address);
    await mkdir(this.folder, { recursive: true });
    this.process = await startGuarded({
      name: pod.metadata.name,
      command: program.command,
      log: join(this.folder, 'output.log'),
      ...(program.cwd !== undefined && { cwd: program.cwd }),
      env: { ...surroundings.environment, ...program.env },
      stopSignal: 'SIGKILL',
      grace: 0,
    });
    this.started(this.process);
    await this.status({ started: false, ready: false });
    if (!(await this.untilSuccess(container.startupProbe, container.startupProbe?.failureThreshold ?? 3))) {
      throw new Error(`the startup probe failed too often; its output:\n${this.process.output().slice(-2000)}`);
    }
    await this.status({ started: true, ready: container.readinessProbe === undefined });
    if (container.readinessProbe) {
      await this.untilSuccess(container.readinessProbe, Infinity);
      await this.status({ started: true, ready: true });
    }
  }

  /** Answers the container's output; a second call only waits for the first. */
  terminate(graceSeconds: number): Promise<string> {
    this.ending ??= this.playTermination(graceSeconds);
    return this.ending;
  }

  private async playTermination(graceSeconds: number): Promise<string> {
    const deadline = Date.now() + graceSeconds * 1000;
    const left = () => Math.max(0, deadline - Date.now());
    const { process } = this;
    if (process) {
      await sleep(Math.min(left(), preStopSeconds(this.container) * 1000));
      process.signal('SIGTERM');
      await Promise.race([process.exited, sleep(left(), undefined, { ref: false })]);
    }
    const output = process?.output() ?? '';
    await this.kill();
    await this.api.delete(this.path, {
      gracePeriodSeconds: 0,
      preconditions: { uid: this.pod.metadata.uid },
    });
    return output;
  }

  async kill(): Promise<void> {
    await this.process?.stop();
    if (this.address !== undefined) {
      const { address } = this;
      this.address = undefined;
      await dropPodAddress(address);
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Repeats a probe until it succeeds `successThreshold` times, or fails `failures` times in a row. */
  private async untilSuccess(probe: k8s.Probe | undefined, failures: number): Promise<boolean> {
    if (probe === undefined) return true;
    await sleep((probe.initialDelaySeconds ?? 0) * 1000);
    let [passed, failed] = [0, 0];
    while (this.ending === undefined && this.process!.running()) {
      if (await probeOnce(probe, this.container, this.address!)) {
        passed += 1;
        failed = 0;
        if (passed >= (probe.successThreshold ?? 1)) return true;
      } else {
        passed = 0;
        failed += 1;
        if (failed >= failures) return false;
      }
      await sleep((probe.periodSeconds ?? 10) * 1000);
    }
    if (this.ending === undefined)
      throw new Error(`it ended by itself; its output:\n${this.process!.output().slice(-2000)}`);
    return true;
  }

  private async status({ started, ready }: { started: boolean; ready: boolean }): Promise<void> {
    if (this.ending !== undefined) return;
    const now = new Date().toISOString();
    const condition = (type: string, met: boolean) => ({
      type,
      status: met ? 'True' : 'False',
      lastTransitionTime: now,
    });
    const { name, image } = this.container;
    await this.api.patch(`${this.path}/status`, {
      status: {
        phase: 'Running',
        startTime: now,
        hostIP: this.address,
        podIP: this.address,
        podIPs: [{ ip: this.address }],
        conditions: [
          condition('Initialized', true),
          condition('PodReadyToStartContainers', true),
          condition('ContainersReady', ready),
          condition('Ready', ready),
        ],
        containerStatuses: [
          { name, image, imageID: '', started, ready, restartCount: 0, state: { running: { startedAt: now } } },
        ],
      },
    });
  }
}

/** Seconds that the rendered preStop hook takes: the sleep action, or a command that is `sleep N`. */
function preStopSeconds(container: k8s.Container): number {
  const hook = container.lifecycle?.preStop as
    { sleep?: { seconds: number }; exec?: { command?: readonly string[] }; httpGet?: unknown } | undefined;
  if (hook === undefined) return 0;
  if (hook.sleep) return hook.sleep.seconds;
  const seconds = /(?:^|[\s/])sleep\s+(\d+(?:\.\d+)?)\s*$/.exec((hook.exec?.command ?? []).join(' '))?.[1];
  if (seconds === undefined) throw new Error(`${container.name}: only a preStop hook that sleeps can be played`);
  return Number(seconds);
}
