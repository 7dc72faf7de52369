import type { WorkloadName, WorkloadSettings } from '../../plan';
import { ContainerProcessor } from '../engine/container-processor';
import type { EventQueue } from '../engine/event-queue';
import type { RandomStream } from '../../../lib/primitives/random-stream';
import type { Timers } from '../engine/timers';
import { draw } from '../model/distribution';
import type { ProcessModel, SystemModel } from '../model/system-model';
import type { MetricsPipeline } from './metrics-pipeline';
import type { Node } from './node';
import { Pod } from './pod';
import { scaleDownOrder } from './scale-down-order';
import { chooseNode } from './scheduler';

/** What the workloads of one cluster share. */
export interface ClusterParts {
  readonly queue: EventQueue;
  readonly timers: Timers;
  readonly nodes: readonly Node[];
  readonly model: SystemModel;
  readonly random: RandomStream;
  readonly metrics: MetricsPipeline;
  /** Every pod ever created, by its number. */
  readonly pods: Pod[];
}

/** What the path of the requests has to know of pods. */
export interface PodListener {
  /** A request's CPU time in a pod is over. */
  cpuDone(pod: Pod, request: number, now: number): void;
  /** A pod is gone; what it held is lost. */
  podGone(pod: Pod, now: number): void;
  /** Desired, current or ready replicas may have changed. */
  replicasChanged(workload: Workload, now: number): void;
  /** Room has become free on a node. */
  roomFreed(now: number): void;
}

/** The job of loading the application, which is no request. */
const LOADING = -1;

/** A Deployment with its ReplicaSet, its pods and the endpoints of its Service. */
export class Workload {
  /** Pods that exist, those being deleted included. */
  readonly pods: Pod[] = [];
  /** Pods that the proxies send requests to. */
  readonly endpoints: Pod[] = [];
  desired = 0;
  /** Most pods that were without a node at the same time. */
  mostPending = 0;
  private readonly process: ProcessModel;
  private created = 0;
  /** When the gateway last took a configuration, seconds, and the changes that wait for its next one. */
  private configuredAt = -Infinity;
  private readonly announcements: (() => void)[] = [];
  private readonly isBehindGateway: boolean;

  constructor(
    readonly name: WorkloadName,
    readonly settings: Pick<WorkloadSettings, 'cpuMillicores' | 'memoryMiB'>,
    private readonly cluster: ClusterParts,
    private readonly listener: PodListener,
  ) {
    this.process = cluster.model.processes[name];
    this.isBehindGateway = name === 'django-api' && cluster.model.gateway !== undefined;
  }

  /** `status.replicas`: pods that are not being deleted. */
  get current(): number {
    return this.pods.reduce((sum, pod) => sum + Number(pod.state !== 'terminating'), 0);
  }

  /** `status.readyReplicas`. */
  get ready(): number {
    return this.pods.reduce((sum, pod) => sum + Number(pod.state === 'ready'), 0);
  }

  /** The state a trial starts from: pods that have been ready for a while. */
  begin(replicas: number, now: number): void {
    this.desired = replicas;
    for (let index = 0; index < replicas; index++) {
      const pod = this.create(now - 60);
      if (!this.bind(pod, now - 60)) continue;
      this.startProcess(pod, now);
      pod.processStart = now - 58;
      this.becomeReady(pod, now - 55);
      this.endpoints.push(pod);
    }
  }

  /** Writes `spec.replicas`; controllers and scheduler act a little later. */
  scale(replicas: number, now: number): void {
    this.desired = replicas;
    this.listener.replicasChanged(this, now);
    this.cluster.timers.after(this.cluster.model.pods.schedulingSeconds, (later) => this.reconcile(later));
  }

  /** Tries again to bind what found no room. */
  bindPending(now: number): void {
    for (const pod of this.pods) if (pod.state === 'pending' && !pod.node) this.bind(pod, now);
  }

  /** The last request of a pod that is being deleted has left it. */
  drained(pod: Pod, now: number): void {
    this.remove(pod, now);
  }

  private reconcile(now: number): void {
    const alive = this.pods.filter((pod) => pod.state !== 'terminating');
    for (let index = alive.length; index < this.desired; index++) this.bind(this.create(now), now);
    for (const pod of scaleDownOrder(alive, now).slice(0, Math.max(0, alive.length - this.desired))) {
      this.terminate(pod, now);
    }
    this.listener.replicasChanged(this, now);
  }

  private create(now: number): Pod {
    const { pods, random } = this.cluster;
    this.created += 1;
    const pod = new Pod(
      `${this.name}-${this.created}`,
      pods.length,
      this.name,
      now,
      this.process.processes * this.process.threads,
      random.uniform(),
    );
    pods.push(pod);
    this.pods.push(pod);
    return pod;
  }

  private bind(pod: Pod, now: number): boolean {
    const { nodes, random, timers, model } = this.cluster;
    const { cpuMillicores, memoryMiB } = this.settings;
    const node = chooseNode(nodes, this.name, cpuMillicores, memoryMiB, random);
    if (!node) {
      const pending = this.pods.filter((one) => one.state === 'pending' && !one.node).length;
      this.mostPending = Math.max(this.mostPending, pending);
      return false;
    }
    node.place(this.name, cpuMillicores, memoryMiB);
    pod.node = node;
    pod.startTime = now;
    pod.readyChanged = now;
    if (now >= this.cluster.queue.now) {
      timers.after(model.pods.startSeconds * (0.8 + 0.4 * random.uniform()), (later) => {
        if (pod.state !== 'pending') return;
        this.startProcess(pod, later);
        this.load(pod, later);
      });
    }
    return true;
  }

  private startProcess(pod: Pod, now: number): void {
    const { random, metrics } = this.cluster;
    const { processes, coresPerProcess, cpuPerWork, limitMillicores } = this.process;
    pod.state = 'starting';
    pod.processStart = now;
    pod.processor = new ContainerProcessor(
      (pod.node as Node).processor,
      Math.max(2, this.settings.cpuMillicores),
      limitMillicores === undefined ? Infinity : limitMillicores / 1000,
      processes * coresPerProcess,
      random.uniform(),
      cpuPerWork,
      (job, at) => (job === LOADING ? this.loaded(pod, at) : this.listener.cpuDone(pod, job, at)),
    );
    metrics.watch(pod, now);
  }

  /** Loads at once, or when the first probe asks. */
  private load(pod: Pod, now: number): void {
    const { random, timers } = this.cluster;
    const { when, cpu } = this.process.load;
    const wait = when === 'eager' ? 0 : random.uniform() * this.process.probePeriodSeconds;
    timers.at(now + wait, () => {
      if (pod.state === 'starting') pod.processor?.start(LOADING, draw(cpu, random) / 1000);
    });
  }

  /** The next probe finds the application loaded. */
  private loaded(pod: Pod, now: number): void {
    const { model, random, timers } = this.cluster;
    timers.at(now + random.uniform() * this.process.probePeriodSeconds, (at) => {
      if (pod.state !== 'starting') return;
      this.becomeReady(pod, at);
      this.listener.replicasChanged(this, at);
      timers.after(model.pods.endpointSeconds, (told) =>
        this.announce(told, () => {
          if (pod.state === 'ready') this.endpoints.push(pod);
        }),
      );
    });
  }

  private becomeReady(pod: Pod, now: number): void {
    pod.state = 'ready';
    pod.isReady = true;
    pod.readyChanged = now;
  }

  /**
   * Out of the endpoints while its preStop hook sleeps, then SIGTERM, and the end of the grace period kills it.
   * Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
   */
  private terminate(pod: Pod, now: number): void {
    const { endpointSeconds } = this.cluster.model.pods;
    const { preStopSeconds, gracePeriodSeconds } = this.process;
    if (!pod.processor) {
      this.remove(pod, now);
      return;
    }
    pod.state = 'terminating';
    const { timers } = this.cluster;
    timers.after(endpointSeconds, (told) => this.announce(told, () => this.leaveEndpoints(pod)));
    timers.after(preStopSeconds, (at) => {
      pod.refuses = true;
      if (pod.active === 0 && pod.waiting.length === 0) this.remove(pod, at);
    });
    timers.after(gracePeriodSeconds, (at) => {
      if (pod.state !== 'gone') this.remove(pod, at);
    });
  }

  private remove(pod: Pod, now: number): void {
    pod.state = 'gone';
    pod.isReady = false;
    this.leaveEndpoints(pod);
    pod.goneAt = now;
    pod.usedWhenGone = pod.processor?.usedAt(now) ?? 0;
    pod.processor?.kill();
    pod.processor = undefined;
    this.pods.splice(this.pods.indexOf(pod), 1);
    if (pod.node) pod.node.release(this.name, this.settings.cpuMillicores, this.settings.memoryMiB);
    this.listener.podGone(pod, now);
    this.listener.replicasChanged(this, now);
    if (pod.node) this.listener.roomFreed(now);
  }

  /**
   * kube-proxy learns of a change at once; the gateway takes one at once, then none for a while, then the newest.
   * Source: https://github.com/traefik/traefik, pkg/server/configurationwatcher.go, throttleProviderConfigReload
   */
  private announce(now: number, change: () => void): void {
    const { gatewayThrottleSeconds } = this.cluster.model.pods;
    if (!this.isBehindGateway || now >= this.configuredAt + gatewayThrottleSeconds) {
      this.configuredAt = now;
      change();
      return;
    }
    this.announcements.push(change);
    if (this.announcements.length > 1) return;
    this.cluster.timers.at(this.configuredAt + gatewayThrottleSeconds, (at) => {
      this.configuredAt = at;
      for (const waiting of this.announcements.splice(0)) waiting();
    });
  }

  private leaveEndpoints(pod: Pod): void {
    const index = this.endpoints.indexOf(pod);
    if (index >= 0) this.endpoints.splice(index, 1);
  }
}
