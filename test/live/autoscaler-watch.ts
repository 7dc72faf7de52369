import type { Loose } from '../fixtures/loose';
import {
  HorizontalPodAutoscaler,
  type Decision,
  type SyncObservation,
} from '../../lib/kubernetes/horizontal-pod-autoscaler';
import type { PodMetrics, PodObservation } from '../../lib/kubernetes/horizontal-pod-autoscaler';
import { milliValue } from '../../lib/kubernetes/quantity';
import { settings } from '../../facts/settings';
import type { LiveCluster } from './cluster';

/** What was to be seen of an autoscaler at one moment. */
interface Moment {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly autoscaler: Loose;
  readonly specReplicas: number;
  readonly pods: readonly PodObservation[];
  readonly metrics: readonly PodMetrics[];
}

/** One sync of the real controller that was seen, beside what the algorithm makes of the same metrics. */
export interface ComparedSync {
  readonly utilisation: number;
  readonly current: number;
  readonly desired: number;
  readonly decision: Decision;
}

/** Period of the controller's syncs, milliseconds. */
const SYNC_MS = 15_000;
/** What a sync takes, after which the next period begins: two periods are more than a window of 30 s, never exactly that. */
const SYNC_TAKES_MS = 10;

/** Milliseconds between two looks: the controller syncs every 15 s. */
const BETWEEN_LOOKS = 1500;

/** Looks at an autoscaler, its pods and the resource metrics API until it is ended. */
export class AutoscalerWatch {
  readonly moments: Moment[] = [];
  private ended = false;
  private readonly looking: Promise<void>;

  constructor(
    private readonly live: LiveCluster,
    private readonly workload: string,
  ) {
    this.looking = this.look();
  }

  /** Most replicas that the autoscaler has wanted so far. */
  get mostWanted(): number {
    return Math.max(0, ...this.moments.map(({ autoscaler }) => Number(autoscaler.status?.desiredReplicas ?? 0)));
  }

  /** Replicas that it wants now. */
  get wanted(): number {
    return Number(this.moments.at(-1)?.autoscaler.status?.desiredReplicas ?? 0);
  }

  async end(): Promise<void> {
    this.ended = true;
    await this.looking;
  }

  private async look(): Promise<void> {
    while (!this.ended) {
      const moment = await this.moment().catch(() => undefined);
      if (moment) this.moments.push(moment);
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_LOOKS));
    }
  }

  private async moment(): Promise<Moment> {
    const kinds = 'horizontalpodautoscalers,deployments,pods,podmetrics.metrics.k8s.io';
    const label = `app.kubernetes.io/name=${this.workload}`;
    const { items } = await this.live.kubectl.get<{ items: Loose[] }>([kinds, '-n', settings.namespace, '-l', label]);
    const ofKind = (kind: string) => items.filter((item) => item.kind === kind);
    return {
      at: Date.now(),
      autoscaler: ofKind('HorizontalPodAutoscaler')[0],
      specReplicas: ofKind('Deployment')[0].spec.replicas,
      pods: ofKind('Pod').map(toPod),
      metrics: ofKind('PodMetrics').map(toMetrics),
    };
  }
}

/**
 * The controller's syncs that changed the object's status, each beside the decision of lib/kubernetes for the metrics that
 * the controller says it saw. Where those were replaced, or a pod's readiness changed between two looks, the algorithm is fed
 * but not compared. A look comes some seconds late, so a sync's time is that of the one before and whole periods.
 */
export function comparedSyncs(moments: readonly Moment[]): ComparedSync[] {
  const [first] = moments;
  if (!first) return [];
  const { minReplicas, maxReplicas, metrics, behavior } = first.autoscaler.spec;
  const algorithm = new HorizontalPodAutoscaler({ minReplicas, maxReplicas, metrics, behavior });
  const compared: ComparedSync[] = [];
  let synced: { readonly at: number; readonly observation: SyncObservation } | undefined;
  for (const [index, moment] of moments.entries()) {
    const before = moments[index - 1];
    if (!before || statusOf(before) === statusOf(moment)) continue;
    const utilisation = reported(moment);
    const seen = [before, moment].find((each) => utilisationsOf(each).includes(utilisation));
    const now = synced ? atPeriod(synced.observation.now, synced.at, moment.at) : moment.at;
    for (let between = (synced?.observation.now ?? now) + PERIOD_MS; synced && between < now; between += PERIOD_MS)
      algorithm.sync({ ...synced.observation, specReplicas: before.specReplicas, now: between });
    const observation: SyncObservation = {
      now,
      specReplicas: before.specReplicas,
      statusReplicas: before.autoscaler.status.currentReplicas ?? before.specReplicas,
      pods: before.pods,
      readings: { resource: (seen ?? moment).metrics },
    };
    const decision = algorithm.sync(observation);
    synced = { at: moment.at, observation };
    const desired = Number(moment.autoscaler.status.desiredReplicas);
    if (seen && keptReadiness(before, moment))
      compared.push({ utilisation, current: before.specReplicas, desired, decision });
  }
  return compared;
}

const PERIOD_MS = SYNC_MS + SYNC_TAKES_MS;

/** The time of a sync that was seen so long after another was. */
function atPeriod(before: number, seenBefore: number, seen: number): number {
  return before + Math.round((seen - seenBefore) / SYNC_MS) * PERIOD_MS;
}

const statusOf = ({ autoscaler }: Moment) =>
  JSON.stringify([
    autoscaler.status.desiredReplicas,
    autoscaler.status.currentMetrics,
    autoscaler.status.lastScaleTime,
  ]);

/** Whether no pod that was there became ready or unready. Those that come and go do so because of the sync. */
const keptReadiness = (before: Moment, moment: Moment) =>
  before.pods.every(({ name, ready }) => {
    const later = moment.pods.find((pod) => pod.name === name);
    return later === undefined || later.deleting || later.ready?.status === ready?.status;
  });

/** The percentage that the controller writes down with its decision. */
const reported = ({ autoscaler }: Moment) =>
  Number(autoscaler.status.currentMetrics?.[0]?.resource?.current?.averageUtilization ?? NaN);

/** The percentages that the metrics of a moment give: of all pods, and of those that are ready. */
function utilisationsOf({ pods, metrics }: Moment): number[] {
  const ready = pods.filter((pod) => pod.ready?.status === 'True');
  return [pods, ready].map((some) => {
    const sums = some.map((pod) => {
      const own = metrics.find((each) => each.pod === pod.name);
      return own
        ? [
            total(Object.values(own.containers).map(({ cpu = 0 }) => cpu)),
            total(Object.values(pod.requests).map(({ cpu = 0 }) => cpu)),
          ]
        : [0, 0];
    });
    return Math.floor((total(sums.map(([usage]) => usage!)) * 100) / total(sums.map(([, request]) => request!)));
  });
}

/** The syncs in a line; of those that differ from the algorithm of ours, what it says. */
export function saidSyncs(syncs: readonly ComparedSync[]): string {
  return syncs
    .map(({ utilisation, current, desired, decision }) =>
      decision.replicas === desired
        ? `${utilisation} % ${current} -> ${desired}`
        : `${utilisation} % ${current} -> ${desired} (ours ${JSON.stringify(decision)})`,
    )
    .join(', ');
}

const total = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0);

function toPod({ metadata, spec, status }: Loose): PodObservation {
  const ready = (status.conditions ?? []).find(({ type }: Loose) => type === 'Ready');
  return {
    name: metadata.name,
    phase: status.phase,
    deleting: metadata.deletionTimestamp !== undefined,
    ...(status.startTime && { startTime: Date.parse(status.startTime) }),
    ...(ready && { ready: { status: ready.status, lastTransitionTime: Date.parse(ready.lastTransitionTime) } }),
    requests: Object.fromEntries(
      spec.containers.map(({ name, resources }: Loose) => [name, { cpu: milliValue(resources.requests.cpu) }]),
    ),
  };
}

function toMetrics({ metadata, timestamp, window, containers }: Loose): PodMetrics {
  const seconds = [...String(window).matchAll(/([\d.]+)(m|s)/g)].map(
    ([, amount, unit]) => Number(amount) * (unit === 'm' ? 60 : 1),
  );
  return {
    pod: metadata.name,
    timestamp: Date.parse(timestamp),
    window: total(seconds) * 1000,
    containers: Object.fromEntries(containers.map(({ name, usage }: Loose) => [name, { cpu: milliValue(usage.cpu) }])),
  };
}
