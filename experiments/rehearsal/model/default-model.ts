import { CLUSTER_NODES, POD_CEILING_MILLICORES, type Site } from '../../plan';
import { DEFAULT_CONTROLLER_SETTINGS } from '../horizontal-pod-autoscaler';
import type { NodeModel, SystemModel } from './system-model';

const RESERVED_MEMORY_MIB = 768;
/** Cores that K3s and the system keep busy: the server runs the control plane as well. */
const DAEMON_CORES = { server: 0.5, agent: 0.15 } as const;

/** The plan's nodes, or as many of their kind: the first is the server. 8 GiB each. */
export function clusterNodes(count: number = CLUSTER_NODES.length): NodeModel[] {
  const [server, agent] = CLUSTER_NODES;
  return Array.from({ length: count }, (_, index) => ({
    name: index === 0 ? server.name : `worker-${index}`,
    cores: index === 0 ? server.cores : agent.cores,
    reservedMillicores: index === 0 ? server.reserveMillicores : agent.reserveMillicores,
    daemonCores: index === 0 ? DAEMON_CORES.server : DAEMON_CORES.agent,
    memoryMiB: 8192,
    speed: 1,
    reservedMemoryMiB: RESERVED_MEMORY_MIB,
  }));
}

/**
 * The cluster before anything has been measured. Requests take what the specification says. Everything else is an
 * assumption with its reason; calibration replaces what a measured campaign can tell.
 */
export const CLUSTER_MODEL: SystemModel = {
  nodes: clusterNodes(),
  gateway: {
    node: 'control',
    // A full TLS 1.3 handshake signs once with the default RSA key of 2048 bits: a few milliseconds on a Cortex-A76.
    handshake: { kind: 'constant', value: 2.5 },
    // Reverse proxies of Go forward some thousand small requests per second and core.
    forward: { kind: 'constant', value: 0.4 },
  },
  // Postgres is pinned to worker-1; two PgBouncer pods of 35 connections, whose one thread each takes 0.3 ms a request.
  database: { node: 'worker-1', requestMillicores: 500, poolSize: 70, poolerMs: 0.15 },
  network: { roundTripMs: 0.4, addedDelayMs: 5, bandwidth: 100e6 },
  requests: {
    // 20 to 40 ms (specification), most of it in Python: the database answers some small indexed queries.
    uor: {
      total: { kind: 'uniform', min: 20, max: 40 },
      shares: { djangoBefore: 0.4, postgres: 0.2, idaes: 0, djangoAfter: 0.4 },
      responseBytes: 60_000,
    },
    // 500 to 1000 ms (specification), nearly all of it in the solver.
    fs: {
      total: { kind: 'uniform', min: 500, max: 1000 },
      shares: { djangoBefore: 0.05, postgres: 0.02, idaes: 0.88, djangoAfter: 0.05 },
      responseBytes: 20_000,
    },
  },
  processes: {
    'django-api': {
      processes: 1,
      // As the reference API runs Granian: what the real image sets is not known here.
      threads: 8,
      cpuPerWork: POD_CEILING_MILLICORES / 1000,
      limitMillicores: 2000,
      probePeriodSeconds: 1,
      // 500 to 1000 ms at the first request (specification), which is the startup probe's.
      load: { when: 'lazy', cpu: { kind: 'uniform', min: 500, max: 1000 } },
      memoryMiB: 160,
      memoryMiBPerRequest: 2,
    },
    idaes: {
      processes: 1,
      threads: 4,
      cpuPerWork: POD_CEILING_MILLICORES / 1000,
      limitMillicores: 2000,
      probePeriodSeconds: 2,
      // Importing the model library takes 2 to 10 s per process and is done before the socket listens.
      load: { when: 'eager', cpu: { kind: 'uniform', min: 2000, max: 6000 } },
      memoryMiB: 420,
      memoryMiBPerRequest: 20,
    },
  },
  pods: {
    schedulingSeconds: 0.3,
    startSeconds: 2,
    endpointSeconds: 0.5,
    preStopSeconds: 5,
    gracePeriodSeconds: 30,
  },
  metrics: { housekeepingSeconds: 10, resolutionSeconds: 15, recordSeconds: 15 },
  controller: DEFAULT_CONTROLLER_SETTINGS,
  generator: { maxVirtualUsers: 150, timeoutSeconds: 60, gracefulStopSeconds: 30, cpuMs: 3 },
  generatorOnFirstNode: false,
  betweenTrials: 0.02,
  arrivals: 'scheduled',
};

/**
 * The same containers under Docker Compose on the ingress machine: one of each, no gateway in front, and the generator
 * on the same four cores. Requests never leave the machine, so no delay applies.
 */
export const COMPOSE_MODEL: SystemModel = {
  ...CLUSTER_MODEL,
  nodes: [
    {
      name: 'ingress',
      cores: 4,
      memoryMiB: 8192,
      speed: 1,
      daemonCores: 0.2,
      reservedMillicores: 0,
      reservedMemoryMiB: 512,
    },
  ],
  gateway: undefined,
  database: { ...CLUSTER_MODEL.database, node: 'ingress' },
  network: { roundTripMs: 0.05, addedDelayMs: 0, bandwidth: 1e9 },
  generatorOnFirstNode: true,
};

/**
 * The reference API on one machine, for trials of the runner without a cluster: a process of eight threads stands for
 * each replica of django-api and one of four for each of idaes; a relay that accepts connections at once adds the delay.
 */
export function localModel(cores: number): SystemModel {
  return {
    ...COMPOSE_MODEL,
    nodes: [{ ...COMPOSE_MODEL.nodes[0], name: 'local', cores }],
    database: { ...COMPOSE_MODEL.database, node: 'local' },
    network: { ...COMPOSE_MODEL.network, roundTripMs: 5, connectingMs: 0.3 },
  };
}

/** The model of the place where a variant runs. */
export function defaultModel(site: Site): SystemModel {
  return site === 'compose' ? COMPOSE_MODEL : CLUSTER_MODEL;
}
