import type { GateResult } from '../../campaign';
import type { Site, Variant, WorkloadName } from '../../plan';
import type { HostSample, LoadGenerator } from '../../workload';
import type { Clocks } from './clock';

/** Fewest and most pods that a variant may have. */
export type ReplicaBounds = Readonly<Record<WorkloadName, readonly [number, number]>>;

/** A trial's environment did what makes this one attempt void, while the next may succeed. */
export class AttemptFailure extends Error {
  constructor(
    /** Name of the gate that the failure is recorded under. */
    readonly gate: string,
    message: string,
  ) {
    super(message);
  }
}

/** Replicas of one workload at one moment. */
export interface ReplicaObservation {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly workload: WorkloadName;
  readonly desired: number;
  readonly current: number;
  readonly ready: number;
}

/** One pod, or container under Compose, as it is seen at one moment; the last event of one that is gone has `gone`. */
export interface ObservedPod {
  readonly at: number;
  /** A workload, or under Compose any service of the stack. */
  readonly workload: string;
  readonly pod: string;
  readonly restarts: number;
  readonly evicted: boolean;
  readonly gone: boolean;
  /** What else is wrong with it, such as `ran out of memory`. */
  readonly trouble?: string;
}

/** An autoscaler, and whether it has the figures that it looks at. */
export interface SignalObservation {
  readonly at: number;
  readonly workload: WorkloadName;
  readonly active: boolean;
  /** As the controller names it, such as `FailedGetExternalMetric`. */
  readonly reason: string;
  /** The controller's own words. */
  readonly message?: string;
  /** Which object it is, and what it was told, as text; absent where it is not known. */
  readonly uid?: string;
  readonly policy?: string;
  /** How many pods it last decided on, and when it last changed their number, as it says itself; empty before its first change. */
  readonly decided?: number;
  readonly scaledAt?: string;
  /** It was deleted. */
  readonly gone?: boolean;
}

export interface Watcher {
  replicas(observation: ReplicaObservation): void;
  signal(observation: SignalObservation): void;
  pod(observation: ObservedPod): void;
  /** The watch broke for good: the attempt's timeline has a hole. */
  broken(reason: string): void;
}

/** The system under test: which variant runs, and what its pods do. */
export interface ClusterPort {
  /** Versions and nodes, for campaign.json. */
  facts(): Promise<Record<string, string>>;
  /** True where every flowsheet goes with the system after each attempt, so that a failure to remove one leaves nothing. */
  readonly ephemeral: boolean;
  /** Base address of the API under load, without a trailing slash; empty while there is none. */
  url(): string;
  /** Makes the variant the one that runs; tells of what takes long. @throws {AttemptFailure} when what it starts does not come up. */
  select(variant: Variant, signal: AbortSignal, tell: (text: string) => void): Promise<void>;
  /** Resolves once every pod of the variant is ready and no old one is left. @throws {AttemptFailure} when that takes too long. */
  settled(variant: Variant, signal: AbortSignal): Promise<void>;
  /** What differs between the variant and what is live; empty where it is the variant. */
  differences(variant: Variant): Promise<string[]>;
  /** Pods that this site lets the variant have; those of the variant's settings without it. */
  bounds?(variant: Variant): ReplicaBounds;
  /** Reports every change from now on, the present state first. Resolves with the way to stop. */
  watch(watcher: Watcher): Promise<() => Promise<void>>;
  /** Clock of each node minus this machine's, seconds. */
  clockOffsets(): Promise<ReadonlyMap<string, number>>;
  /** Removes what a run that died has left of the system itself; returns what that was, for a note. */
  removeLeftovers(): Promise<readonly string[]>;
  /** Called after every attempt: frees what the system takes up only while it is measured. */
  release(): Promise<void>;
  close(): Promise<void>;
}

/** What a check of the network delay found. */
export interface DelayCheck {
  /** Delay that is configured, read back from where it is; 0 where there is none. */
  readonly configuredMs: number;
  /** The lowest of several measured round trips: queueing only ever adds to one. */
  readonly roundTripMs: number;
}

/** The delay between the generator and the system. */
export interface DelayPort {
  /** Delay asked for, milliseconds. */
  readonly delayMs: number;
  /** What a round trip may take beyond that, milliseconds: how exact this way of delaying is. */
  readonly excessMs: number;
  /** What to do where the delay is not the one asked for. */
  readonly remedy: string;
  /** @throws {Error} when a foreign delay is in place. */
  add(url: string): Promise<void>;
  check(url: string): Promise<DelayCheck>;
  /** Removes this tool's delay, its own or one that a dead run left; does nothing where there is none. */
  remove(): Promise<void>;
  /** Where the load must be sent so that it meets the delay. */
  route(url: string): string;
}

/** Watches the generator's own host. */
export interface MonitorPort {
  start(): { stop(): readonly HostSample[] };
}

/** One point of one metric, in the columns of the metrics table but on the wall clock. */
export interface MetricPoint {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly metric: string;
  readonly node: string | null;
  readonly pod: string | null;
  readonly container: string | null;
  readonly value: number;
}

/** Metrics of the cluster. */
export interface MetricsPort {
  /** Metrics that every trial must have, and how far apart their points are, seconds. */
  readonly required: readonly string[];
  readonly stepSeconds: number;
  /** Makes sure that it may ask. @throws {Error} in one sentence when it may not. */
  check(): Promise<void>;
  /** What the metrics tell of the machines, for campaign.json. */
  facts?(): Promise<Record<string, string>>;
  /** Called right before the load: collects from now on, or makes sure that it may ask later. */
  begin(): Promise<void>;
  /** Every point of the window, both ends included, in milliseconds since the epoch. */
  points(start: number, end: number): Promise<readonly MetricPoint[]>;
}

/** A flowsheet of the system under test that requests work on. */
export interface FlowsheetPort {
  /** Makes (or completes) the flowsheet of this name and returns its id. */
  create(url: string, name: string): Promise<string>;
  /** Removes the flowsheet of this name; does nothing where there is none. */
  remove(url: string, name: string): Promise<void>;
  /** Removes every flowsheet whose name starts so; returns how many there were. */
  removeLeftovers(url: string, prefix: string): Promise<number>;
}

/** How a wait for a session's renewal is ended early, and told. */
export interface SessionCheck {
  readonly signal?: AbortSignal;
  readonly say?: (text: string) => void;
}

/** A session of the gateway, without which no request meets the system under test. */
export interface SessionPort {
  /**
   * Asks the gateway whether it still knows the session for that many seconds, and renews it where it can be.
   *
   * @throws {Error} in one sentence, when it is refused or ends too early: the next trial would meet that too.
   */
  check(neededSeconds: number, how?: SessionCheck): Promise<GateResult>;
}

/** Everything outside the runner, for the trials of one site. */
export interface Ports {
  readonly cluster: ClusterPort;
  readonly delay: DelayPort;
  readonly generator: LoadGenerator;
  readonly monitor: MonitorPort;
  readonly metrics: MetricsPort;
  readonly flowsheets: FlowsheetPort;
  /** The generator host's clocks; the machine's own without it. */
  readonly clocks?: Clocks;
  /** Headers of every request under load, such as a session of the gateway, which may renew them between trials. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly session?: SessionPort;
  /** Times of the day, UTC, around which autoscalers keep a floor; absent where there is no autoscaler. */
  readonly peaks?: readonly string[];
}

/** The ports of each site that a campaign runs on; on a laptop one system stands for both. */
export type Sites = Readonly<Partial<Record<Site, Ports>>>;
