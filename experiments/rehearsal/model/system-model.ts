import type { ArrivalProcess, TestType, WorkloadName } from '../../plan';
import type { ControllerSettings } from '../../../lib/kubernetes/horizontal-pod-autoscaler';
import type { Distribution } from './distribution';

/** One machine. */
export interface NodeModel {
  readonly name: string;
  readonly cores: number;
  readonly memoryMiB: number;
  /** Core speed against the machine that the service times hold for. */
  readonly speed: number;
  /** Cores that the operating system and the cluster's own daemons keep busy. */
  readonly daemonCores: number;
  /** CPU that pods cannot request: the system's reserve, millicores. */
  readonly reservedMillicores: number;
  /** Memory that pods cannot request, MiB. */
  readonly reservedMemoryMiB: number;
}

/** Work of one request. */
export interface RequestModel {
  /** CPU and database time of one request alone in the system, milliseconds. */
  readonly total: Distribution;
  /** How the total divides over the stations, in the order in which they are visited; the shares add up to 1. */
  readonly shares: {
    readonly djangoBefore: number;
    readonly postgres: number;
    readonly idaes: number;
    readonly djangoAfter: number;
  };
  readonly responseBytes: number;
}

/** A container that holds pods' processes. */
export interface ProcessModel {
  readonly processes: number;
  /** Cores that the requests of one process can compute on: 1 under an interpreter lock, more where each starts a child process. */
  readonly coresPerProcess: number;
  /** Requests that one process handles at the same time. */
  readonly threads: number;
  /** CPU time per time of work: a process under one interpreter lock tops out a little below one core. */
  readonly cpuPerWork: number;
  /** Period of the startup probe, seconds. */
  readonly probePeriodSeconds: number;
  /** CPU limit, millicores; absent where there is none. */
  readonly limitMillicores?: number;
  /** CPU time of loading: before the socket listens (`eager`) or at the first probe (`lazy`), milliseconds. */
  readonly load: { readonly when: 'eager' | 'lazy'; readonly cpu: Distribution };
  readonly memoryMiB: number;
  readonly memoryMiBPerRequest: number;
  /** Sleep of the preStop hook, seconds: SIGTERM is sent after it. */
  readonly preStopSeconds: number;
  /** From deletion to SIGKILL, the preStop hook included, seconds. */
  readonly gracePeriodSeconds: number;
}

/** Steps of a pod's life; durations in seconds. */
export interface PodLifeCycleModel {
  /** From a change of `spec.replicas` to a bound pod: Deployment, ReplicaSet and scheduler. */
  readonly schedulingSeconds: number;
  /** From binding to the started process, image present: sandbox, network, mounts, container. */
  readonly startSeconds: number;
  /** From a changed condition to proxies that know it. */
  readonly endpointSeconds: number;
  /** Shortest time between two configurations of the gateway, which takes a change at once only if the last is older. */
  readonly gatewayThrottleSeconds: number;
}

export interface MetricsPipelineModel {
  /** cAdvisor's housekeeping interval in the kubelet, seconds. */
  readonly housekeepingSeconds: number;
  /** metrics-server's `--metric-resolution`, seconds. */
  readonly resolutionSeconds: number;
  /** How often the generator's own points of `metrics.parquet` are taken, seconds. */
  readonly recordSeconds: number;
}

/** Signals beyond CPU: Prometheus and its adapter, seconds. */
export interface SignalPipelineModel {
  /** How often Prometheus scrapes the gateway. */
  readonly scrapeSeconds: number;
  /** Window that rates are taken over. */
  readonly windowSeconds: number;
  /** How often the adapter lists the series that there are. */
  readonly relistSeconds: number;
}

export interface GeneratorModel {
  /** Requests in flight beyond which a start is dropped. */
  readonly maxVirtualUsers: number;
  /** Time after which a request is given up, seconds. */
  readonly timeoutSeconds: number;
  /** Time that requests in flight get after the last stage, seconds. */
  readonly gracefulStopSeconds: number;
  /** CPU time of one request on the generator, milliseconds. */
  readonly cpuMs: number;
  /** Cores of its machine, and that machine's memory, MiB. */
  readonly cores: number;
  readonly memoryMiB: number;
}

/** A setting whose value may be assumed; findings that hang on one say so. */
export type AssumedSetting =
  | 'solver-parallelism'
  | 'solver-connections'
  | 'threads'
  | 'service-times'
  | 'trial-spread'
  | 'pod-start'
  | 'endpoint-propagation';

/** Everything a trial's outcome depends on besides the variant, the profile and the seed. */
export interface SystemModel {
  readonly nodes: readonly NodeModel[];
  /** Share of the plan's CPU requests that pods really ask for; 1 where it is absent. */
  readonly requestedShare?: number;
  /** Node of the gateway; absent where clients reach the API directly. */
  readonly gateway?: {
    readonly node: string;
    /** What its pod requests: its weight when the node is contended. */
    readonly requestMillicores: number;
    /** CPU time of one TLS handshake, milliseconds. */
    readonly handshake: Distribution;
    /** CPU time of forwarding one request and its response, milliseconds. */
    readonly forward: Distribution;
  };
  /** What the gateway asks whether a request may pass; absent where the API's ingress asks nobody. */
  readonly authentication?: {
    readonly node: string;
    readonly requestMillicores: number;
    /** CPU limit of its pods together, millicores; absent where there is none. */
    readonly limitMillicores?: number;
    /** CPU time of one question at the gateway, and of its answer at OAuth2 Proxy, milliseconds. */
    readonly asking: Distribution;
    readonly answering: Distribution;
  };
  readonly database: {
    readonly node: string;
    /** What its pod requests: its weight when the node is contended, and room that other pods do not get. */
    readonly requestMillicores: number;
    readonly requestMemoryMiB: number;
    /** CPU limit of Postgres, millicores; absent where there is none. */
    readonly limitMillicores?: number;
    /** PgBouncer's `default_pool_size`, over all of its pods. */
    readonly poolSize: number;
    /** Time of PgBouncer per request, milliseconds: of its one thread, divided by its pods. */
    readonly poolerMs: number;
  };
  readonly network: {
    /** Round trip between generator and cluster without added delay, milliseconds. */
    readonly roundTripMs: number;
    /** Delay added on the generator's interface by `tc netem`, one way, milliseconds. */
    readonly addedDelayMs: number;
    /** Time of the TCP handshake where it is not one round trip (a relay that accepts at once), milliseconds. */
    readonly connectingMs?: number;
    /** Bytes per second between generator and cluster. */
    readonly bandwidth: number;
  };
  readonly requests: Readonly<Record<TestType, RequestModel>>;
  readonly processes: Readonly<Record<WorkloadName, ProcessModel>>;
  /** A new connection from django-api to idaes for every request, or one that is kept for the next one. */
  readonly solverConnections: 'new' | 'kept';
  readonly pods: PodLifeCycleModel;
  readonly metrics: MetricsPipelineModel;
  readonly signals: SignalPipelineModel;
  readonly controller: ControllerSettings;
  readonly generator: GeneratorModel;
  /** True where the generator's work burdens the first node. */
  readonly generatorOnFirstNode: boolean;
  /** Standard deviation of the factor by which all service times differ from trial to trial. */
  readonly betweenTrials: number;
  /** Arrivals exactly on schedule, as both generators send them, or at random with the same rate. */
  readonly arrivals: ArrivalProcess;
  /** Settings that stand in neither the specification nor the manifests and were not measured. */
  readonly assumed: readonly AssumedSetting[];
}
