import { ArrivalSchedule, WARM_UP, type LoadProfile, type TestType, type Variant, type WorkloadName } from '../../plan';
import { AutoscalerLoop } from '../cluster/autoscaling';
import { GatewaySignals } from '../cluster/gateway-signals';
import { MetricsPipeline } from '../cluster/metrics-pipeline';
import { Node } from '../cluster/node';
import type { Pod } from '../cluster/pod';
import { Workload, type ClusterParts, type PodListener } from '../cluster/workload';
import { EventQueue } from '../engine/event-queue';
import { RandomStream } from '../engine/random-stream';
import { Timers } from '../engine/timers';
import type { SystemModel } from '../model/system-model';
import { MetricRecorder, SCRAPE_SECONDS } from './metric-recorder';
import { ReplicaLog, type MetricRow, type ReplicaRow } from './observation-log';
import { OccupiedCores } from './occupied-cores';
import { RequestFlow } from './request-flow';
import type { SampleTable } from './sample-table';

/** The cluster runs this long before the load; the warm-up's few requests are left out, since pods are ready once they are. */
const WARM_UP_SECONDS = WARM_UP.seconds;
/** How often the generator looks at its abort rule; k6 evaluates thresholds every 2 s. */
const ABORT_CHECK_SECONDS = 2;

export interface TrialInput {
  /** Names the trial's random numbers together with the seed. */
  readonly id: string;
  readonly testType: TestType;
  readonly settings: Variant['settings'];
  readonly profile: Pick<LoadProfile, 'stages' | 'abortAboveVirtualUsers' | 'arrivals'>;
  readonly model: SystemModel;
  readonly seed: number;
}

/** What a trial leaves behind, before anything is written. */
export interface TrialResult {
  readonly samples: SampleTable;
  /** Rows of {@link samples} in use: requests due before the load ended. */
  readonly rows: number;
  readonly replicas: readonly ReplicaRow[];
  readonly metrics: readonly MetricRow[];
  /** True where the breakpoint's abort rule ended the load early. */
  readonly aborted: boolean;
  /** When the load was over, seconds from the start. */
  readonly endedAt: number;
  /** Pods per workload that found no node, at the worst moment. */
  readonly mostPending: Readonly<Record<WorkloadName, number>>;
  /** Core-seconds that the workloads' pods occupied while the load ran: requested or used, whichever is more. */
  readonly coreSeconds: number;
}

/** Plays one trial in virtual time. The same input gives the same result, to the last bit. */
export function simulateTrial(input: TrialInput): TrialResult {
  const { model } = input;
  const random = (name: string) => new RandomStream(input.seed, `${input.id}/${name}`);
  const queue = new EventQueue(-WARM_UP_SECONDS);
  const timers = new Timers(queue);
  const phases = random('phases');
  const phase = (period: number) => -WARM_UP_SECONDS + phases.uniform() * period;

  const nodes = model.nodes.map((one) => new Node(one, queue));
  const nodeNamed = (name: string) => {
    const node = nodes.find((one) => one.name === name);
    if (!node) throw new Error(`The model puts a component on node ${name}, but has no node of that name.`);
    return node;
  };
  const { database } = model;
  nodeNamed(database.node).place('postgres', database.requestMillicores, database.requestMemoryMiB);
  const metrics = new MetricsPipeline(timers, model.metrics, random('metrics'), phase(model.metrics.resolutionSeconds));
  // Phases of their own: those of the other parts stay as they are.
  const signalPhases = random('signal-phases');
  const signals = new GatewaySignals(timers, model.signals, input.testType, {
    scrape: -WARM_UP_SECONDS + signalPhases.uniform() * model.signals.scrapeSeconds,
    relist: -WARM_UP_SECONDS + signalPhases.uniform() * model.signals.relistSeconds,
  });
  const pods: Pod[] = [];
  const parts: ClusterParts = { queue, timers, nodes, model, random: random('cluster'), metrics, pods };
  const replicaLog = new ReplicaLog();

  const listener: PodListener = {
    cpuDone: (pod, request, now) => flow.cpuDone(pod, request, now),
    podGone: (pod, now) => flow.podGone(pod, now),
    replicasChanged: (workload, now) => {
      const { name, desired, current, ready } = workload;
      replicaLog.observe({ at: now, workload: name, desired, current, ready });
    },
    roomFreed: (now) => {
      for (const workload of workloads) workload.bindPending(now);
    },
  };
  const workload = (name: WorkloadName) => new Workload(name, input.settings[name], parts, listener);
  const django = workload('django-api');
  const idaes = workload('idaes');
  const workloads = [django, idaes];
  const flow = new RequestFlow({
    queue,
    model,
    testType: input.testType,
    random: random('requests'),
    arrivals: ArrivalSchedule.of(input.profile).arrivals(),
    signals,
    django,
    idaes,
    pods,
    ...(model.gateway && { gatewayNode: nodeNamed(model.gateway.node).processor }),
    ...(model.authentication && { authenticationNode: nodeNamed(model.authentication.node).processor }),
    databaseNode: nodeNamed(database.node).processor,
  });

  for (const one of workloads) {
    const { replicas } = input.settings[one.name];
    one.begin(typeof replicas === 'number' ? replicas : replicas.minReplicas, queue.now);
    listener.replicasChanged(one, queue.now);
    if (typeof replicas !== 'number') {
      const autoscaler = new AutoscalerLoop(
        one,
        replicas,
        model.controller,
        metrics,
        signals,
        peakOf(input.profile.stages),
      );
      const period = model.controller.syncPeriod / 1000;
      timers.every(period, phase(period), (now) => autoscaler.sync(now));
    }
  }

  const recorder = new MetricRecorder(model, nodes, workloads, flow);
  const { recordSeconds } = model.metrics;
  timers.every(SCRAPE_SECONDS, SCRAPE_SECONDS, (now) => recorder.record(now));
  timers.every(recordSeconds, recordSeconds, (now) => recorder.recordGenerator(now));
  timers.every(1, 1, (now) => flow.timeOut(now));
  if (model.generatorOnFirstNode) burdenFirstNode(model, nodes, timers, flow);

  const load = new Load(input, flow, timers);
  queue.runUntil(0, () => false);
  replicaLog.begin();
  recorder.begin(0);
  const cost = new OccupiedCores(pods, input.settings, 0);
  const endedAt = load.run(queue);
  recorder.recordGenerator(endedAt);
  replicaLog.end(endedAt);

  return {
    samples: flow.samples,
    rows: flow.due,
    replicas: replicaLog.rows,
    metrics: recorder.rows,
    aborted: load.aborted,
    endedAt,
    mostPending: { 'django-api': django.mostPending, idaes: idaes.mostPending },
    coreSeconds: cost.total(endedAt),
  };
}

/** The generator's view: when the load is over, by schedule, by its abort rule, or with the last answer. */
class Load {
  aborted = false;

  constructor(
    private readonly input: TrialInput,
    private readonly flow: RequestFlow,
    timers: Timers,
  ) {
    const limit = input.profile.abortAboveVirtualUsers;
    if (limit !== undefined) {
      timers.every(ABORT_CHECK_SECONDS, ABORT_CHECK_SECONDS, () => {
        if (flow.inFlight > limit) this.aborted = true;
      });
    }
  }

  /** @returns when it was over, seconds from the start. */
  run(queue: EventQueue): number {
    const { flow, input } = this;
    const scheduled = input.profile.stages.reduce((sum, stage) => sum + stage.seconds, 0);
    queue.runUntil(scheduled, () => this.aborted);
    if (!this.aborted && flow.inFlight > 0) {
      queue.runUntil(scheduled + input.model.generator.gracefulStopSeconds, () => flow.inFlight === 0);
    }
    flow.interrupt(queue.now);
    return queue.now;
  }
}

/** When a load first reaches its highest rate, seconds from its start. */
function peakOf(stages: TrialInput['profile']['stages']): number {
  const highest = Math.max(...stages.map(({ target }) => target));
  const first = stages.findIndex(({ target }) => target === highest);
  return stages.slice(0, first + 1).reduce((sum, { seconds }) => sum + seconds, 0);
}

function burdenFirstNode(model: SystemModel, nodes: readonly Node[], timers: Timers, flow: RequestFlow): void {
  const [node] = nodes;
  let before = 0;
  timers.every(1, 0, () => {
    const cores = ((flow.due - before) * model.generator.cpuMs) / 1000;
    before = flow.due;
    node.processor.setBackground(node.model.daemonCores + cores);
  });
}
