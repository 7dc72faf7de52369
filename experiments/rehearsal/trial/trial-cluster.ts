import {
  ArrivalSchedule,
  secondsToPeak,
  WARM_UP,
  type LoadProfile,
  type TestType,
  type Variant,
  type WorkloadName,
} from '../../plan';
import { AutoscalerLoop } from '../cluster/autoscaling';
import { GatewaySignals } from '../cluster/gateway-signals';
import { MetricsPipeline } from '../cluster/metrics-pipeline';
import { Node } from '../cluster/node';
import type { Pod } from '../cluster/pod';
import { Workload, type PodListener } from '../cluster/workload';
import { EventQueue } from '../engine/event-queue';
import { RandomStream } from '../../../lib/primitives/random-stream';
import { Timers } from '../engine/timers';
import type { SystemModel } from '../model/system-model';
import { ReplicaLog } from './observation-log';
import { RequestFlow } from './request-flow';

/** The cluster runs this long before the load; the warm-up's few requests are left out, since pods are ready once they are. */
const WARM_UP_SECONDS = WARM_UP.seconds;

export interface TrialSetup {
  /** Names the trial's random numbers together with the seed. */
  readonly id: string;
  readonly testType: TestType;
  readonly settings: Variant['settings'];
  readonly profile: Pick<LoadProfile, 'stages' | 'abortAboveVirtualUsers' | 'arrivals'>;
  readonly model: SystemModel;
  readonly seed: number;
}

/** The cluster of one trial and the way of a request through it, in a virtual time of their own. */
export class TrialCluster implements PodListener {
  readonly queue = new EventQueue(-WARM_UP_SECONDS);
  readonly timers = new Timers(this.queue);
  readonly nodes: readonly Node[];
  readonly pods: Pod[] = [];
  readonly replicaLog = new ReplicaLog();
  readonly django: Workload;
  readonly idaes: Workload;
  readonly workloads: readonly Workload[];
  readonly flow: RequestFlow;
  private readonly metrics: MetricsPipeline;
  private readonly signals: GatewaySignals;
  private readonly phases: RandomStream;

  /** @throws Error where the model puts a component on a node that it does not have. */
  constructor(private readonly input: TrialSetup) {
    const { queue, timers } = this;
    const { model } = input;
    this.phases = this.random('phases');
    this.nodes = model.nodes.map((one) => new Node(one, queue));
    const { database } = model;
    this.nodeNamed(database.node).place('postgres', database.requestMillicores, database.requestMemoryMiB);
    const resolution = this.phase(model.metrics.resolutionSeconds);
    this.metrics = new MetricsPipeline(timers, model.metrics, this.random('metrics'), resolution);
    this.signals = this.gatewaySignals();
    const { nodes, metrics, pods } = this;
    const parts = { queue, timers, nodes, model, random: this.random('cluster'), metrics, pods };
    const workload = (name: WorkloadName) => new Workload(name, input.settings[name], parts, this);
    this.django = workload('django-api');
    this.idaes = workload('idaes');
    this.workloads = [this.django, this.idaes];
    this.flow = this.requestFlow();
  }

  /** Starts the pods that a workload begins with, and the autoscaler that it may have. */
  begin(): void {
    const { controller } = this.input.model;
    const period = controller.syncPeriod / 1000;
    for (const one of this.workloads) {
      const { replicas } = this.input.settings[one.name];
      one.begin(typeof replicas === 'number' ? replicas : replicas.minReplicas, this.queue.now);
      this.replicasChanged(one, this.queue.now);
      if (typeof replicas === 'number') continue;
      const peak = secondsToPeak(this.input.profile.stages);
      const autoscaler = new AutoscalerLoop(one, replicas, controller, this.metrics, this.signals, peak);
      this.timers.every(period, this.phase(period), (now) => autoscaler.sync(now));
    }
  }

  cpuDone(pod: Pod, request: number, now: number): void {
    this.flow.cpuDone(pod, request, now);
  }

  podGone(pod: Pod, now: number): void {
    this.flow.podGone(pod, now);
  }

  replicasChanged({ name, desired, current, ready }: Workload, now: number): void {
    this.replicaLog.observe({ at: now, workload: name, desired, current, ready });
  }

  roomFreed(now: number): void {
    for (const workload of this.workloads) workload.bindPending(now);
  }

  private requestFlow(): RequestFlow {
    const { queue, signals, django, idaes, pods } = this;
    const { model, testType, profile } = this.input;
    const processorOf = (name: string) => this.nodeNamed(name).processor;
    return new RequestFlow({
      queue,
      model,
      testType,
      random: this.random('requests'),
      arrivals: ArrivalSchedule.of(profile).arrivals(),
      signals,
      django,
      idaes,
      pods,
      ...(model.gateway && { gatewayNode: processorOf(model.gateway.node) }),
      ...(model.authentication && { authenticationNode: processorOf(model.authentication.node) }),
      databaseNode: processorOf(model.database.node),
    });
  }

  private gatewaySignals(): GatewaySignals {
    const { signals } = this.input.model;
    // Phases of their own: those of the other parts stay as they are.
    const phases = this.random('signal-phases');
    return new GatewaySignals(this.timers, signals, this.input.testType, {
      scrape: -WARM_UP_SECONDS + phases.uniform() * signals.scrapeSeconds,
      relist: -WARM_UP_SECONDS + phases.uniform() * signals.relistSeconds,
    });
  }

  private random(name: string): RandomStream {
    return new RandomStream(this.input.seed, `${this.input.id}/${name}`);
  }

  /** When something periodic first comes: nobody starts it together with a trial. */
  private phase(period: number): number {
    return -WARM_UP_SECONDS + this.phases.uniform() * period;
  }

  private nodeNamed(name: string): Node {
    const node = this.nodes.find((one) => one.name === name);
    if (!node) throw new Error(`The model puts a component on node ${name}, but has no node of that name.`);
    return node;
  }
}
