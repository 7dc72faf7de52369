import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  METRIC_TABLE,
  REPLICA_TABLE,
  SAMPLE_TABLE,
  SCHEMA_VERSION,
  writeTable,
  type CampaignManifest,
  type TrialRecord,
  planOf,
} from '../../../experiments/campaign';
import {
  ArrivalSchedule,
  expandTrials,
  loadProfile,
  LOADED_WORKLOADS,
  scheduledSeconds,
  type Autoscaling,
  type LoadScale,
  type Trial,
} from '../../../experiments/plan';
import { seededRandom } from '../../../lib/primitives/random';

/** Times of one simulated trial and what became of each request. */
export interface SimulatedTrial {
  readonly scheduled: Float64Array;
  readonly started: Float64Array;
  readonly waitingMs: Float32Array;
  readonly connectingMs: Float32Array;
  readonly status: Int16Array;
  readonly errors: Uint8Array;
  readonly count: number;
  readonly aborted: boolean;
  /** Changes of the number of pods: [second, desired, ready]. */
  readonly replicas: readonly (readonly [number, number, number])[];
  /** Busy cores per 15 s. */
  readonly cores: readonly number[];
}

export const ERRORS = [null, 'dropped', 'timeout', 'status', 'interrupted'] as const;

export interface SimulationOptions {
  readonly scale?: LoadScale;
  readonly seed?: number;
  /** Stop the breakpoint profile at 100 requests in flight, as the plan says. */
  readonly abort?: boolean;
  /** Share of requests that fail. */
  readonly failing?: number;
  /** Further metric points of a trial. */
  readonly moreMetrics?: (trial: Trial) => readonly MetricRow[];
}

export interface MetricRow {
  /** Seconds from the trial's start. */
  readonly at: number;
  readonly metric: string;
  readonly node: string | null;
  readonly container: string | null;
  readonly value: number;
}

/** Mean seconds of one request on one pod, and what the network adds. */
const SERVICE_SECONDS = { uor: 0.028, fs: 0.7 } as const;
const PENDING_SECONDS = 22;

/**
 * Plays one trial of the plan against pods that each serve one request at a time in order of arrival: enough of a queue to
 * give the analysis honest data with a known cause, and quick enough for millions of requests.
 */
export function simulateTrial(trial: Trial, options: SimulationOptions = {}): SimulatedTrial {
  const random = seededRandom((options.seed ?? 1) * 7919 + hash(trial.id));
  const profile = loadProfile(trial.profile, trial.testType, options.scale);
  const scheduled = ArrivalSchedule.of(profile).arrivals();
  const settings = trial.variant.settings[trial.testType === 'uor' ? 'django-api' : 'idaes'];
  const second = trial.variant.settings['django-api'];
  const autoscaling = typeof settings.replicas === 'number' ? null : settings.replicas;
  const fixed = typeof settings.replicas === 'number' ? settings.replicas : settings.replicas.minReplicas;
  const bottleneck =
    typeof second.replicas === 'number' && trial.testType === 'fs' ? Math.min(fixed, second.replicas * 2) : fixed;
  const pods = new PodPool(
    trial.variant.site === 'compose' ? 3 : bottleneck,
    autoscaling,
    settings.cpuMillicores / 1000,
  );
  const service =
    SERVICE_SECONDS[trial.testType] * (0.97 + 0.06 * random()) * Math.max(1, 1000 / settings.cpuMillicores);

  const started = new Float64Array(scheduled.length);
  const waitingMs = new Float32Array(scheduled.length);
  const connectingMs = new Float32Array(scheduled.length);
  const status = new Int16Array(scheduled.length);
  const errors = new Uint8Array(scheduled.length);
  const ends = new Float64Array(scheduled.length);
  const giveUp = (now: number) => {
    for (let index = 0; index < count; index++) {
      if (!(ends[index] > now)) continue;
      errors[index] = ERRORS.indexOf('interrupted');
      status[index] = 0;
      waitingMs[index] = Math.max(0, (now - started[index]) * 1000 - connectingMs[index]);
    }
  };
  let oldest = 0;
  let count = 0;
  let aborted = false;
  for (let index = 0; index < scheduled.length; index++) {
    const now = scheduled[index];
    pods.advance(now);
    while (oldest < index && ends[oldest] <= now) oldest++;
    let active = 0;
    for (let other = oldest; other < index; other++) if (ends[other] > now) active++;
    count = index + 1;
    connectingMs[index] = 10 + random();
    if (active >= 150) {
      started[index] = NaN;
      errors[index] = 1;
      connectingMs[index] = 0;
      continue;
    }
    started[index] = now + 0.0002 * random();
    if (random() < (options.failing ?? 0.0005)) {
      errors[index] = 3;
      status[index] = 500;
      waitingMs[index] = 2;
      ends[index] = now + 0.012;
      continue;
    }
    const work = service * (0.7 + 0.6 * random());
    ends[index] = pods.serve(now, work);
    waitingMs[index] = (ends[index] - now) * 1000;
    status[index] = 200;
    if (
      profile.abortAboveVirtualUsers !== undefined &&
      options.abort !== false &&
      active > profile.abortAboveVirtualUsers
    ) {
      aborted = true;
      giveUp(now);
      break;
    }
  }
  return {
    scheduled,
    started,
    waitingMs,
    connectingMs,
    status,
    errors,
    count,
    aborted,
    replicas: pods.changes,
    cores: pods.cores,
  };
}

class PodPool {
  readonly changes: [number, number, number][] = [];
  readonly cores: number[] = [];
  private readonly free = new Float64Array(8);
  private busy = 0;
  private nextSync = 15;
  private desired: number;
  private ready: number;
  private readonly pending: number[] = [];
  private lowSince: number | null = null;

  constructor(
    initial: number,
    private readonly autoscaling: Autoscaling | null,
    private readonly requestCores: number,
  ) {
    this.desired = initial;
    this.ready = initial;
    this.changes.push([0, initial, initial]);
  }

  serve(now: number, work: number): number {
    let pod = 0;
    for (let other = 1; other < this.ready; other++) if (this.free[other] < this.free[pod]) pod = other;
    const end = Math.max(now, this.free[pod]) + work;
    this.free[pod] = end;
    this.busy += work;
    return end;
  }

  advance(now: number): void {
    while (this.pending.length > 0 && this.pending[0] <= now) {
      const at = this.pending.shift()!;
      this.ready++;
      this.changes.push([at, this.desired, this.ready]);
    }
    while (this.nextSync <= now) {
      this.sync(this.nextSync);
      this.nextSync += 15;
    }
  }

  private sync(now: number): void {
    const used = Math.min(this.busy / 15, this.ready);
    this.cores.push(used);
    this.busy = 0;
    if (this.autoscaling === null) return;
    const { targetCpuPercent, minReplicas, maxReplicas, scaleDownStabilisationSeconds, scaleUp } = this.autoscaling;
    const ratio = used / (this.ready * this.requestCores * (targetCpuPercent / 100));
    if (Math.abs(ratio - 1) < 0.1) return;
    const wanted = Math.min(maxReplicas, Math.max(minReplicas, Math.ceil(this.ready * ratio)));
    if (wanted > this.desired) {
      const limit = Math.max(
        ...scaleUp.map(
          (policy) =>
            (policy.type === 'Pods' ? policy.value : this.desired) *
            Math.min(1, 15 / policy.periodSeconds + (now % policy.periodSeconds === 0 ? 1 : 0)),
        ),
      );
      const added = Math.min(wanted - this.desired, Math.max(0, Math.floor(limit)));
      if (added === 0) return;
      for (let pod = 0; pod < added; pod++) this.pending.push(now + PENDING_SECONDS + pod * 0.5);
      this.desired += added;
      this.lowSince = null;
      this.changes.push([now, this.desired, this.ready]);
    } else if (wanted < this.desired && this.pending.length === 0) {
      this.lowSince ??= now;
      if (now - this.lowSince < scaleDownStabilisationSeconds) return;
      this.desired = wanted;
      this.ready = wanted;
      this.changes.push([now, this.desired, this.ready]);
    } else this.lowSince = null;
  }
}

/** Writes one trial's folder as the runner does. */
export function writeTrial(
  campaign: string,
  trial: Trial,
  simulated: SimulatedTrial,
  options: SimulationOptions & {
    readonly origin?: 'measured' | 'rehearsed';
    readonly overrides?: Partial<TrialRecord>;
  } = {},
): void {
  const folder = join(campaign, 'trials', trial.id);
  mkdirSync(folder, { recursive: true });
  const { count } = simulated;
  const zeros = new Float32Array(count);
  const seconds = scheduledSeconds(loadProfile(trial.profile, trial.testType, options.scale));
  writeTable(join(folder, 'samples.parquet'), SAMPLE_TABLE, {
    rows: count,
    columns: {
      trial: { constant: trial.id },
      scheduled_s: simulated.scheduled,
      started_s: simulated.started,
      blocked_ms: zeros,
      connecting_ms: simulated.connectingMs,
      tls_ms: zeros,
      sending_ms: zeros,
      waiting_ms: simulated.waitingMs,
      receiving_ms: zeros,
      status: simulated.status,
      error: { codes: simulated.errors, dictionary: ERRORS },
    },
  });
  const replicas = LOADED_WORKLOADS[trial.testType].flatMap((workload) => [
    ...simulated.replicas.map(([at, desired, ready]) => ({ at, workload, desired, ready })),
    { at: seconds, workload, desired: simulated.replicas.at(-1)![1], ready: simulated.replicas.at(-1)![2] },
  ]);
  writeTable(join(folder, 'replicas.parquet'), REPLICA_TABLE, {
    rows: replicas.length,
    columns: {
      at_s: Float64Array.from(replicas, ({ at }) => at),
      workload: replicas.map(({ workload }) => workload),
      desired: Int32Array.from(replicas, ({ desired }) => desired),
      current: Int32Array.from(replicas, ({ desired }) => desired),
      ready: Int32Array.from(replicas, ({ ready }) => ready),
    },
  });
  const metrics = [...metricRows(trial, simulated), ...(options.moreMetrics?.(trial) ?? [])];
  writeTable(join(folder, 'metrics.parquet'), METRIC_TABLE, {
    rows: metrics.length,
    columns: {
      at_s: Float64Array.from(metrics, ({ at }) => at),
      metric: metrics.map(({ metric }) => metric),
      node: metrics.map(({ node }) => node),
      pod: metrics.map(({ container }) => (container === null ? null : `${container}-0`)),
      container: metrics.map(({ container }) => container),
      value: Float64Array.from(metrics, ({ value }) => value),
    },
  });
  const record: TrialRecord = {
    schemaVersion: SCHEMA_VERSION,
    trial: trial.id,
    attempt: 1,
    experiment: trial.experiment,
    testType: trial.testType,
    variant: trial.variant.name,
    profile: trial.profile,
    repetition: trial.repetition,
    origin: options.origin ?? 'measured',
    generator: 'embedded',
    startedAt: '2026-01-01T00:00:00Z',
    scheduledSeconds: seconds,
    scale: options.scale ?? { rate: 1, duration: 1 },
    aborted: simulated.aborted,
    valid: true,
    gates: [
      {
        gate: 'generator-cpu',
        passed: true,
        value: 0.41,
        limit: 0.9,
        detail: 'The generator used at most 41 % of its CPU.',
      },
      { gate: 'dropped-starts', passed: true, value: 0, limit: 0, detail: 'No start was dropped.' },
    ],
    rows: { samples: count, replicas: replicas.length, metrics: metrics.length },
    ...options.overrides,
  };
  writeFileSync(join(folder, 'trial.json'), JSON.stringify(record));
}

function metricRows(trial: Trial, { cores }: SimulatedTrial): MetricRow[] {
  const loaded = LOADED_WORKLOADS[trial.testType];
  return cores.flatMap((used, index) => {
    const at = (index + 1) * 15;
    return [
      ...loaded.flatMap((container, place) => {
        const share = loaded.length === 1 ? 1 : place === 0 ? 0.1 : 0.9;
        return [
          { at, metric: 'container_cpu_cores', node: 'worker-1', container, value: used * share },
          { at, metric: 'container_memory_bytes', node: 'worker-1', container, value: 3e8 + 1e7 * used },
        ];
      }),
      { at, metric: 'node_cpu_cores', node: 'worker-1', container: null, value: used * 0.6 + 0.1 },
      { at, metric: 'node_cpu_cores', node: 'worker-2', container: null, value: used * 0.4 + 0.1 },
      { at, metric: 'node_memory_bytes', node: 'worker-1', container: null, value: 2e9 },
      { at, metric: 'node_network_bytes_per_second', node: 'worker-1', container: null, value: 1e5 * (1 + used) },
    ];
  });
}

export interface CampaignOptions extends SimulationOptions {
  readonly origin?: 'measured' | 'rehearsed';
  readonly name?: string;
  /** Which trials of the plan to play; all by default. */
  readonly only?: (trial: Trial) => boolean;
  /** What becomes of each trial once it was played. */
  readonly change?: (simulated: SimulatedTrial, trial: Trial) => SimulatedTrial;
  readonly onTrial?: (done: number, total: number, samples: number) => void;
}

/** Makes a campaign folder of simulated trials of the plan. */
export function writeCampaign(path: string, options: CampaignOptions = {}): { trials: number; samples: number } {
  const trials = expandTrials(undefined, options.seed ?? 1).filter(options.only ?? (() => true));
  mkdirSync(join(path, 'trials'), { recursive: true });
  writeFileSync(join(path, 'plan.json'), JSON.stringify(planOf([])));
  writeFileSync(join(path, 'campaign.json'), JSON.stringify(manifest(trials, options)));
  let samples = 0;
  trials.forEach((trial, index) => {
    const played = simulateTrial(trial, options);
    const simulated = options.change?.(played, trial) ?? played;
    samples += simulated.count;
    writeTrial(path, trial, simulated, options);
    options.onTrial?.(index + 1, trials.length, samples);
  });
  return { trials: trials.length, samples };
}

export function manifest(trials: readonly Trial[], options: CampaignOptions = {}): CampaignManifest {
  return {
    schemaVersion: SCHEMA_VERSION,
    campaign: options.name ?? 'simulated',
    origin: options.origin ?? 'measured',
    createdAt: '2026-01-01T00:00:00Z',
    seed: options.seed ?? 1,
    gitCommit: '0000000',
    order: trials.map((trial) => trial.id),
    environment: { kubernetes: '1.34.4', generator: 'queue simulation of the tests' },
  };
}

function hash(text: string): number {
  let value = 0;
  for (let index = 0; index < text.length; index++) value = (Math.imul(value, 31) + text.charCodeAt(index)) >>> 0;
  return value % 1_000_003;
}
