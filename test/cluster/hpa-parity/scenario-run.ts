import {
  DEFAULT_SCALE_UP,
  HorizontalPodAutoscaler,
  type ControllerSettings,
  type Decision,
  type PodMetrics,
  type PodObservation,
} from '../../../lib/kubernetes/horizontal-pod-autoscaler';
import type { ApiClient } from './api-client';
import { CustomMetrics } from './custom-metrics';
import type { Answers, MetricsAnswer } from './metrics-api';
import { containers, deployment, podResources, requestsOf, standingOf } from './objects';
import type { PodStanding, Scenario, Step } from './scenario';

const NAMESPACE = 'parity';
const DEPLOYMENTS = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`;
const AUTOSCALERS = `/apis/autoscaling/v2/namespaces/${NAMESPACE}/horizontalpodautoscalers`;
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;

/** Requests for metrics closer together than this belong to one sync (one per metric of the object), milliseconds. */
const SAME_SYNC = 1000;
/** A controller that has its metrics decides within milliseconds; the result is read after this, milliseconds. */
const DECISION_TIME = 700;
/** How often the result is read until it is what the model says: before the next sync, all the same. */
const READS = 3;
/** Window of every usage, milliseconds. */
const WINDOW = 15_000;

/** The controller writes a change down later than the request for metrics comes in, by its work in between, milliseconds. */
const LEAST_DISTANCE = 300;

/** Every age at which something is forgotten, milliseconds: windows and periods, the controller's defaults among them. */
export function limitsOf({ behavior }: Scenario['specification'], settings: ControllerSettings): number[] {
  const rules = [behavior?.scaleUp, behavior?.scaleDown];
  const windows = rules.flatMap((each) => each?.stabilizationWindowSeconds ?? []).filter((seconds) => seconds > 0);
  const periods = rules.flatMap((each) => each?.policies ?? DEFAULT_SCALE_UP.policies);
  const seconds = [...windows, ...periods.map(({ periodSeconds }) => periodSeconds)];
  return [...new Set([...seconds.map((each) => each * 1000), settings.downscaleStabilization])];
}

/** What both sides made of one sync. */
export interface SyncRecord {
  readonly modelled: Verdict;
  readonly real: Verdict;
}

/** Replicas, and the reasons on the object's conditions as far as the sync sets them. */
export interface Verdict {
  readonly replicas: number;
  readonly AbleToScale: string;
  readonly ScalingActive?: string;
  readonly ScalingLimited?: string;
}

interface PlacedPod {
  readonly index: number;
  readonly observation: PodObservation;
  readonly standing: PodStanding;
}

/**
 * Plays one scenario: a Deployment whose pods the test makes, its autoscaler, and the model beside it. Each request for
 * metrics is one sync, and what the model says is compared with `spec.replicas` shortly after.
 */
export class ScenarioRun {
  readonly syncs: SyncRecord[] = [];
  /** Longest time between two syncs, milliseconds; Infinity where one came before the last was dealt with. */
  longestGap = 0;
  problem?: Error;
  private readonly model: HorizontalPodAutoscaler;
  private pods: PlacedPod[] = [];
  private specReplicas: number;
  private lastSync = 0;
  private readonly syncTimes: number[] = [];
  private lastAnswers: Answers = { resource: 'error', custom: [] };
  private statusReplicas: number;
  private readonly custom: CustomMetrics;
  private step = -1;
  private settling: Promise<void> = Promise.resolve();
  private isSettling = false;

  constructor(
    readonly scenario: Scenario,
    /** Name of its objects. */
    readonly name: string,
    private readonly api: ApiClient,
    private readonly settings: ControllerSettings,
  ) {
    this.custom = new CustomMetrics(scenario.specification, name);
    this.model = new HorizontalPodAutoscaler(this.custom.specification, settings);
    this.specReplicas = scenario.initialReplicas;
    this.statusReplicas = scenario.initialReplicas;
  }

  get isOver(): boolean {
    return this.problem !== undefined || this.syncs.length >= this.scenario.steps.length;
  }

  /** Whether late syncs put an age on the limit of a window or period, where milliseconds decide. */
  get isOnALimit(): boolean {
    const limits = limitsOf(this.scenario.specification, this.settings);
    return this.syncTimes.some((sync, index) =>
      this.syncTimes
        .slice(0, index)
        .some((earlier) => limits.some((limit) => Math.abs(sync - earlier - limit) < LEAST_DISTANCE)),
    );
  }

  /** Creates the objects; the controller's first sync follows one period later. */
  async begin(): Promise<void> {
    await this.api.create(DEPLOYMENTS, deployment(this.name, this.scenario));
    const { minReplicas = 1, maxReplicas } = this.scenario.specification;
    const bounded = Math.min(Math.max(this.specReplicas, minReplicas), maxReplicas);
    await this.placePods(this.scenario.steps[0], bounded);
    await this.api.create(AUTOSCALERS, {
      metadata: { name: this.name },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: this.name },
        ...this.custom.specification,
      },
    });
    if (bounded !== this.specReplicas) await this.boundsSync();
  }

  async end(): Promise<void> {
    await this.settling;
    await this.api.remove(`${AUTOSCALERS}/${this.name}`);
  }

  /** Answers the controller, and lets the model decide on the same observation. */
  answer(now: number): Answers {
    if (this.isOver) return this.lastAnswers;
    if (now - this.lastSync < SAME_SYNC) return this.lastAnswers;
    if (this.step + 1 >= this.scenario.steps.length) return this.lastAnswers;
    if (this.isSettling) {
      this.longestGap = Infinity;
      this.problem = new Error(`sync ${this.step + 2} came before the pods of the last one were changed`);
      return this.lastAnswers;
    }
    if (this.lastSync > 0) this.longestGap = Math.max(this.longestGap, now - this.lastSync);
    this.lastSync = now;
    this.syncTimes.push(now);
    this.step += 1;
    const step = this.scenario.steps[this.step];
    const metrics = this.metrics(step, now);
    const pods = this.pods.map(({ index, observation }) => ({ index, name: observation.name }));
    const custom = this.custom.answers(step, pods);
    this.lastAnswers = { resource: metrics, custom };
    const decision = this.model.sync({
      now,
      specReplicas: this.specReplicas,
      statusReplicas: this.statusReplicas,
      pods: this.pods.map((pod) => pod.observation),
      readings: { ...(metrics !== 'error' && { resource: metrics }), ...this.custom.readings(custom) },
    });
    this.isSettling = true;
    this.settling = this.compare(decision)
      .catch((error: Error) => {
        this.problem ??= error;
      })
      .finally(() => {
        this.isSettling = false;
      });
    return this.lastAnswers;
  }

  /** A count outside the bounds is put right in a sync that asks for no metrics. */
  private async boundsSync(): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const real = await this.readReplicas();
      if (real !== this.specReplicas) {
        const now = Date.now();
        const { replicas } = this.model.sync({
          now,
          specReplicas: this.specReplicas,
          statusReplicas: this.specReplicas,
          pods: [],
          readings: {},
        });
        if (replicas !== real) throw new Error(`outside its bounds it went to ${real}, the model to ${replicas}`);
        this.specReplicas = real;
        return;
      }
      if (Date.now() > deadline) throw new Error('the count outside the bounds was not put right within 30 s');
      await pause(100);
    }
  }

  private async compare(decision: Decision): Promise<void> {
    const { replicas, ableToScale, scalingActive, scalingLimited } = decision;
    const modelled: Verdict = {
      replicas,
      AbleToScale: ableToScale,
      ...(scalingActive && { ScalingActive: scalingActive }),
      ...(scalingLimited && { ScalingLimited: scalingLimited }),
    };
    // A busy machine takes its time; a verdict that really differs still differs when it is read again.
    let real: Verdict;
    let reads = 0;
    do {
      await pause(DECISION_TIME);
      real = await this.readVerdict(modelled);
      reads += 1;
    } while (JSON.stringify(real) !== JSON.stringify(modelled) && reads < READS);
    this.syncs.push({ modelled, real });
    if (JSON.stringify(real) !== JSON.stringify(modelled)) {
      const [theirs, ours] = [JSON.stringify(real), JSON.stringify(modelled)];
      throw new Error(`sync ${this.step + 1}: the controller says ${theirs}, the model ${ours}`);
    }
    this.specReplicas = real.replicas;
    const next = this.scenario.steps[this.step + 1];
    if (next) await this.placePods(next, real.replicas);
  }

  /** What the controller made of the sync; conditions that the model does not speak of are left out. */
  private async readVerdict(modelled: Verdict): Promise<Verdict> {
    const [replicas, autoscaler] = await Promise.all([
      this.readReplicas(),
      this.api.get<{ status: { conditions: { type: string; reason: string }[] } }>(`${AUTOSCALERS}/${this.name}`),
    ]);
    const reasons = Object.keys(modelled)
      .filter((type) => type !== 'replicas')
      .map((type) => [type, autoscaler.status.conditions.find((condition) => condition.type === type)?.reason]);
    return { replicas, ...(Object.fromEntries(reasons) as Omit<Verdict, 'replicas'>) };
  }

  private async readReplicas(): Promise<number> {
    return (await this.api.get<{ spec: { replicas: number } }>(`${DEPLOYMENTS}/${this.name}`)).spec.replicas;
  }

  /** Makes the pods of the next step: as many as asked for, each standing as the step says. */
  private async placePods(step: Step, replicas: number): Promise<void> {
    const count = step.podCount ?? replicas;
    const wanted = Array.from({ length: count }, (_, index): PodStanding => step.pods?.[index] ?? 'ready');
    const kept = this.pods.filter((pod) => pod.index < count && wanted[pod.index] === pod.standing);
    const gone = this.pods.filter((pod) => !kept.includes(pod));
    await Promise.all(gone.map((pod) => this.removePod(pod)));
    const made = await Promise.all(
      wanted.flatMap((standing, index) =>
        kept.some((pod) => pod.index === index) ? [] : [this.makePod(index, standing)],
      ),
    );
    this.pods = [...kept, ...made].sort((one, other) => one.index - other.index);
    this.statusReplicas = step.statusReplicas ?? replicas;
    await this.api.patch(`${DEPLOYMENTS}/${this.name}/status`, { status: { replicas: this.statusReplicas } });
  }

  private async makePod(index: number, standing: PodStanding): Promise<PlacedPod> {
    const name = `${this.name}-${index}-${this.step + 1}`;
    await this.api.create(PODS, {
      metadata: {
        name,
        labels: { scenario: this.name },
        // A deleted pod stays visible only while something holds it.
        ...(standing === 'deleting' && { finalizers: ['parity.test/held'] }),
      },
      spec: {
        schedulerName: 'none',
        automountServiceAccountToken: false,
        containers: containers(this.scenario),
        ...podResources(this.scenario),
      },
    });
    const { status, observed } = standingOf(standing, Date.now());
    await this.api.patch(`${PODS}/${name}/status`, { status });
    if (standing === 'deleting') await this.api.remove(`${PODS}/${name}`);
    const { podCpuRequest } = this.scenario;
    const podRequests = podCpuRequest === undefined ? {} : { podRequests: { cpu: podCpuRequest } };
    return {
      index,
      standing,
      observation: {
        name,
        deleting: standing === 'deleting',
        requests: requestsOf(this.scenario),
        ...podRequests,
        ...observed,
      },
    };
  }

  private async removePod({ observation, standing }: PlacedPod): Promise<void> {
    const path = `${PODS}/${observation.name}`;
    if (standing === 'deleting') await this.api.patch(path, { metadata: { finalizers: null } });
    else await this.api.remove(path);
  }

  private metrics(step: Step, now: number): MetricsAnswer {
    if (step.api === 'error') return 'error';
    if (step.api === 'empty') return [];
    const timestamp = Math.floor(now / 1000) * 1000;
    return this.pods
      .filter((pod) => !step.missing?.includes(pod.index))
      .map((pod): PodMetrics => {
        const cpu = this.cpuOf(step, pod.index);
        const memory = (step.memory ?? 10 * 1024 * 1024) * 1000;
        return {
          pod: pod.observation.name,
          timestamp,
          window: WINDOW,
          containers: {
            main: { cpu, memory },
            ...(this.scenario.sidecar && { sidecar: { cpu: step.sidecarCpu ?? 0, memory: 0 } }),
          },
        };
      });
  }

  private cpuOf({ cpu = 0, value }: Step, index: number): number {
    if (Array.isArray(cpu)) return cpu[index % cpu.length] as number;
    // A load that the pods share.
    if (cpu === -1) return Math.floor((value ?? 0) / this.pods.length);
    return cpu as number;
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
