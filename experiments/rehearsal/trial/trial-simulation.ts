import type { WorkloadName } from '../../plan';
import type { EventQueue } from '../engine/event-queue';
import type { Timers } from '../engine/timers';
import { MetricRecorder, SCRAPE_SECONDS } from './metric-recorder';
import type { MetricRow, ReplicaRow } from './observation-log';
import { OccupiedCores } from './occupied-cores';
import type { RequestFlow } from './request-flow';
import type { SampleTable } from './sample-table';
import { TrialCluster, type TrialSetup } from './trial-cluster';

export type { TrialSetup } from './trial-cluster';

/** How often the generator looks at its abort rule; k6 evaluates thresholds every 2 s. */
const ABORT_CHECK_SECONDS = 2;

/** What a trial leaves behind, before anything is written. */
export interface SimulatedTrial {
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
export function simulateTrial(input: TrialSetup): SimulatedTrial {
  const cluster = new TrialCluster(input);
  const { queue, timers, flow, replicaLog, django, idaes } = cluster;
  cluster.begin();
  const recorder = record(cluster, input);
  timers.every(1, 1, (now) => flow.timeOut(now));
  if (input.model.generatorOnFirstNode) burdenFirstNode(cluster, input.model.generator.cpuMs);

  const load = new Load(input, flow, timers);
  queue.runUntil(0, () => false);
  replicaLog.begin();
  recorder.begin(0);
  const cost = new OccupiedCores(cluster.pods, input.settings, 0);
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

function record({ nodes, workloads, flow, timers }: TrialCluster, { model }: TrialSetup): MetricRecorder {
  const recorder = new MetricRecorder(model, nodes, workloads, flow);
  const { recordSeconds } = model.metrics;
  timers.every(SCRAPE_SECONDS, SCRAPE_SECONDS, (now) => recorder.record(now));
  timers.every(recordSeconds, recordSeconds, (now) => recorder.recordGenerator(now));
  return recorder;
}

/** The generator's view: when the load is over, by schedule, by its abort rule, or with the last answer. */
class Load {
  aborted = false;

  constructor(
    private readonly input: TrialSetup,
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

/** The generator takes processor time where it has no machine of its own. */
function burdenFirstNode({ nodes: [node], timers, flow }: TrialCluster, cpuMsPerRequest: number): void {
  let before = 0;
  timers.every(1, 0, () => {
    const cores = ((flow.due - before) * cpuMsPerRequest) / 1000;
    before = flow.due;
    node!.processor.setBackground(node!.model.daemonCores + cores);
  });
}
