import { ENDPOINTS, NETWORK_DELAY_MS, POD_CEILING_MILLICORES, type Site, type WorkloadName } from '../../plan';
import { GRACEFUL_STOP_SECONDS, MAX_VIRTUAL_USERS, REQUEST_TIMEOUT_SECONDS } from '../../workload';
import { committedInventory } from '../../../facts/inventory';
import { settings } from '../../../facts/settings';
import { DEFAULT_CONTROLLER_SETTINGS } from '../../../lib/kubernetes/horizontal-pod-autoscaler';
import type { Host } from '../../../lib/kubernetes/inventory';
import { nodesOfCluster } from '../../../lib/kubernetes/node-capacity';
import {
  renderedPlatform,
  type RenderedPlatform,
  type RenderedPooler,
  type RenderedWorkload,
} from './rendered-platform';
import type { NodeModel, ProcessModel, SystemModel } from './system-model';

/** Cores that K3s and the system keep busy: the server runs the control plane as well. */
const DAEMON_CORES = { server: 0.5, agent: 0.15 } as const;

/** The nodes of the inventory, or as many: fewer of them, or more of the kind of its first agent. */
export function nodeModels(count?: number): NodeModel[] {
  const known = nodesOfCluster(committedInventory());
  const agent = known.find(({ role }) => role === 'agent') ?? known[0];
  return Array.from({ length: count ?? known.length }, (_, index) => {
    const { name, role, cores, memoryMiB, reserve } = known[index] ?? { ...agent, name: `worker-${index}` };
    return {
      name,
      cores,
      reservedMillicores: reserve.cpuMillicores,
      daemonCores: DAEMON_CORES[role],
      memoryMiB: memoryMiB + reserve.memoryMiB,
      speed: 1,
      reservedMemoryMiB: reserve.memoryMiB,
    };
  });
}

/**
 * The cluster before anything has been measured: settings of `dist/`, and assumptions, which calibration replaces.
 *
 * @throws Error where `dist/` lacks a setting.
 */
export function clusterModel(platform: RenderedPlatform = committedPlatform()): SystemModel {
  const generatorHost = gatewayHost();
  return {
    nodes: nodeModels(),
    gateway: {
      node: platform.gateway.node,
      requestMillicores: platform.gateway.requestMillicores,
      // A full TLS 1.3 handshake signs once with the default RSA key of 2048 bits: a few milliseconds on a Cortex-A76.
      handshake: { kind: 'constant', value: 2.5 },
      // Reverse proxies of Go forward some thousand small requests per second and core.
      forward: { kind: 'constant', value: 0.4 },
    },
    ...(platform.authentication && {
      authentication: {
        ...platform.authentication,
        // The question is a request of the gateway's own, on a connection that it keeps.
        asking: { kind: 'constant', value: 0.3 },
        // OAuth2 Proxy decrypts and checks the session cookie: AES and HMAC over a few kilobytes, and a small Go server around it.
        answering: { kind: 'constant', value: 0.5 },
      },
    }),
    database: { ...platform.database, ...poolOf(platform.pooler) },
    network: { roundTripMs: 0.4, addedDelayMs: NETWORK_DELAY_MS, bandwidth: 100e6 },
    requests: REQUESTS,
    processes: {
      'django-api': { ...DJANGO, ...platform.workloads['django-api'] },
      idaes: { ...IDAES, ...platform.workloads.idaes },
    },
    solverConnections: 'new',
    pods: {
      schedulingSeconds: 0.3,
      startSeconds: 2,
      endpointSeconds: 0.5,
      gatewayThrottleSeconds: platform.gateway.throttleSeconds ?? GATEWAY_THROTTLE_SECONDS,
    },
    metrics: { housekeepingSeconds: 10, resolutionSeconds: 15, recordSeconds: 15 },
    signals: settings.signals,
    controller: DEFAULT_CONTROLLER_SETTINGS,
    generator: {
      maxVirtualUsers: MAX_VIRTUAL_USERS,
      timeoutSeconds: REQUEST_TIMEOUT_SECONDS,
      gracefulStopSeconds: GRACEFUL_STOP_SECONDS,
      cpuMs: 3,
      cores: generatorHost.cores,
      memoryMiB: generatorHost.memoryMiB,
    },
    generatorOnFirstNode: false,
    betweenTrials: 0.02,
    arrivals: 'even',
    assumed: [
      'solver-parallelism',
      'solver-connections',
      ...(platform.workloads['django-api'].threads === undefined ? (['threads'] as const) : []),
      'service-times',
      'trial-spread',
      'pod-start',
      'endpoint-propagation',
    ],
  };
}

/**
 * Traefik's own default of `providers.providersThrottleDuration`, seconds.
 * Source: https://doc.traefik.io/traefik/reference/install-configuration/configuration-options/
 */
const GATEWAY_THROTTLE_SECONDS = 2;

const REQUESTS: SystemModel['requests'] = {
  // 20 to 40 ms (specification), most of it in Python: the database answers some small indexed queries.
  uor: {
    total: { kind: 'uniform', min: ENDPOINTS.uor.idleMs[0], max: ENDPOINTS.uor.idleMs[1] },
    shares: { djangoBefore: 0.4, postgres: 0.2, idaes: 0, djangoAfter: 0.4 },
    responseBytes: 60_000,
  },
  // 500 to 1000 ms (specification), nearly all of it in the solver.
  fs: {
    total: { kind: 'uniform', min: ENDPOINTS.fs.idleMs[0], max: ENDPOINTS.fs.idleMs[1] },
    shares: { djangoBefore: 0.05, postgres: 0.02, idaes: 0.88, djangoAfter: 0.05 },
    responseBytes: 20_000,
  },
};

/** What a process does, whatever the manifests say of its container. */
type ProcessAssumptions = Omit<ProcessModel, Exclude<keyof RenderedWorkload, 'processes' | 'threads'>>;

/** One process of eight threads, as the reference API runs Granian: what the real images set is not known here. */
const GRANIAN = {
  processes: 1,
  coresPerProcess: 1,
  threads: 8,
  cpuPerWork: POD_CEILING_MILLICORES / 1000,
} as const;

const DJANGO: ProcessAssumptions = {
  ...GRANIAN,
  // 500 to 1000 ms at the first request (specification), which is the startup probe's.
  load: { when: 'lazy', cpu: { kind: 'uniform', min: 500, max: 1000 } },
  memoryMiB: 160,
  memoryMiBPerRequest: 2,
};

const IDAES: ProcessAssumptions = {
  ...GRANIAN,
  // Importing the model library takes 2 to 10 s per process and is done before the socket listens.
  load: { when: 'eager', cpu: { kind: 'uniform', min: 2000, max: 6000 } },
  memoryMiB: 420,
  memoryMiBPerRequest: 20,
};

/** PgBouncer's one thread takes 0.3 ms of a core for a request (assumed); several share the requests. */
const POOLER_MS = 0.3;

function poolOf({ instances, poolSize, limitMillicores = 1000 }: RenderedPooler): {
  poolSize: number;
  poolerMs: number;
} {
  const share = Math.min(1, limitMillicores / 1000);
  return { poolSize: instances * poolSize, poolerMs: POOLER_MS / share / instances };
}

let committed: RenderedPlatform | undefined;

/** `dist/` is read when a model is first asked for, and once. */
function committedPlatform(): RenderedPlatform {
  return (committed ??= renderedPlatform());
}

/** The machine outside the cluster: it sends the load, and runs the benchmark under Docker Compose. */
function gatewayHost(): Host {
  const host = committedInventory().hosts.find(({ role }) => role === 'gateway');
  if (host === undefined) throw new Error('ansible/inventory/hosts.yml: the group gateway has no host; add one.');
  return host;
}

/**
 * The same containers under Docker Compose on the ingress machine: one of each, no gateway in front, and the generator
 * on the same four cores. Requests never leave the machine, so no delay applies.
 */
export function composeModel(platform: RenderedPlatform = committedPlatform()): SystemModel {
  const cluster = clusterModel(platform);
  const { name, cores, memoryMiB } = gatewayHost();
  const { limitMillicores, pooler } = platform.compose;
  const process = (name: WorkloadName): ProcessModel => ({
    ...cluster.processes[name],
    limitMillicores: limitMillicores[name],
  });
  return {
    ...cluster,
    nodes: [
      {
        name,
        cores,
        memoryMiB,
        speed: 1,
        daemonCores: 0.2,
        reservedMillicores: 0,
        reservedMemoryMiB: 512,
      },
    ],
    gateway: undefined,
    authentication: undefined,
    database: {
      ...cluster.database,
      ...poolOf(pooler),
      node: name,
      limitMillicores: limitMillicores.postgres,
    },
    processes: { 'django-api': process('django-api'), idaes: process('idaes') },
    network: { roundTripMs: 0.05, addedDelayMs: 0, bandwidth: 1e9 },
    generatorOnFirstNode: true,
  };
}

/**
 * The reference API on one machine, for trials of the runner without a cluster: a process of eight threads stands for
 * each replica of django-api and of idaes; a relay that accepts connections at once adds the delay.
 */
export function localModel(cores: number): SystemModel {
  const compose = composeModel();
  return {
    ...compose,
    nodes: [{ ...compose.nodes[0], name: 'local', cores }],
    database: { ...compose.database, node: 'local' },
    network: { ...compose.network, roundTripMs: NETWORK_DELAY_MS, connectingMs: 0.3 },
  };
}

/**
 * The live cluster: its nodes share the cores of one machine with the control plane and the generator, so they are played as one
 * node that has them all. A relay accepts connections at once and adds the delay.
 */
export function liveModel(cores: number): SystemModel {
  const cluster = clusterModel();
  const name = 'machine';
  const machine = { ...cluster.nodes[0], name, cores, daemonCores: LIVE_DAEMON_CORES, reservedMillicores: 0 };
  return {
    ...cluster,
    // What the scheduler sees is three nodes of that many cores each, whatever they share: room is not what is short.
    nodes: [{ ...machine, memoryMiB: 65_536 }],
    requestedShare: 0.25,
    gateway: cluster.gateway && { ...cluster.gateway, node: name },
    authentication: cluster.authentication && { ...cluster.authentication, node: name },
    database: { ...cluster.database, node: name },
    network: { ...cluster.network, roundTripMs: NETWORK_DELAY_MS, addedDelayMs: 0, connectingMs: 0.3 },
    generatorOnFirstNode: true,
  };
}

/** Control plane, kubelets, container runtimes, Argo CD and Prometheus at rest, as `top` showed them (assumed until measured alone). */
const LIVE_DAEMON_CORES = 0.5;

/** The model of the place where a variant runs. */
export function defaultModel(site: Site): SystemModel {
  return site === 'compose' ? composeModel() : clusterModel();
}
