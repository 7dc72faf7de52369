import { clusterModel } from '../../../experiments/rehearsal/model/default-model';
import type { Distribution } from '../../../experiments/rehearsal/model/distribution';
import type { SystemModel } from '../../../experiments/rehearsal/model/system-model';
import { simulateTrial } from '../../../experiments/rehearsal/trial/trial-simulation';

interface QueueOptions {
  readonly servers: number;
  /** Requests each process handles at once; 1 makes the pod a first come, first served queue. */
  readonly threads?: number;
  readonly service: Distribution;
  /** Work of the gateway, which then is a first station. */
  readonly gateway?: Distribution;
}

/** The simulated system reduced to a textbook queue: no network, no database, one pod of one process per server. */
export function queueingModel({ servers, threads = 1, service, gateway }: QueueOptions): SystemModel {
  const cluster = clusterModel();
  const node = { ...cluster.nodes[0], memoryMiB: 65_536, daemonCores: 0, reservedMillicores: 0 };
  return {
    ...cluster,
    nodes: [
      { ...node, name: 'pods', cores: Math.max(servers, 4) },
      { ...node, name: 'others', cores: 1, reservedMillicores: 1000 },
    ],
    authentication: undefined,
    gateway: gateway && {
      node: 'others',
      requestMillicores: 2,
      handshake: { kind: 'constant', value: 0 },
      forward: gateway,
    },
    database: { ...cluster.database, node: 'others' },
    network: { roundTripMs: 0, addedDelayMs: 0, bandwidth: Infinity },
    requests: {
      ...cluster.requests,
      uor: {
        total: service,
        shares: { djangoBefore: 1, postgres: 0, idaes: 0, djangoAfter: 0 },
        responseBytes: 0,
      },
    },
    processes: {
      ...cluster.processes,
      'django-api': {
        ...cluster.processes['django-api'],
        limitMillicores: undefined,
        processes: servers,
        threads,
        cpuPerWork: 1,
      },
    },
    generator: {
      ...cluster.generator,
      maxVirtualUsers: 1e9,
      timeoutSeconds: 1e9,
      gracefulStopSeconds: 1e6,
      cores: 4,
      memoryMiB: 8192,
    },
    betweenTrials: 0,
    arrivals: 'poisson',
  };
}

/** Response times in seconds, the first tenth left out as warm-up. */
export function responseTimes(model: SystemModel, arrivalRate: number, seconds: number, seed: number): number[] {
  const settings = { cpuMillicores: 100, memoryMiB: 100 };
  const { samples, rows } = simulateTrial({
    id: 'queue',
    testType: 'uor',
    settings: { 'django-api': { ...settings, replicas: 1 }, idaes: { ...settings, replicas: 0 } },
    profile: {
      stages: [
        { target: arrivalRate, seconds: 0.001 },
        { target: arrivalRate, seconds },
      ],
      arrivals: { process: 'poisson', seed },
    },
    model,
    seed,
  });
  const times: number[] = [];
  for (let row = Math.floor(rows / 10); row < rows; row++) times.push(samples.responseTime(row) / 1000);
  return times;
}

/** Probability that an arrival has to wait in M/M/c, with `offered` = arrival rate / service rate of one server. */
export function erlangC(servers: number, offered: number): number {
  let blocking = 1;
  for (let server = 1; server <= servers; server++) blocking = (offered * blocking) / (server + offered * blocking);
  const load = offered / servers;
  return blocking / (1 - load + load * blocking);
}

/** Two-sided 99.9 % t value for 11 degrees of freedom (12 seeds). */
const T_999_11 = 4.437;

/** Interval of the mean from independent observations, one per seed. */
export function meanInterval(observed: readonly number[]): { low: number; high: number } {
  if (observed.length !== 12) throw new Error('The t value is tabled for 12 seeds.');
  const mean = observed.reduce((sum, value) => sum + value, 0) / observed.length;
  const variance = observed.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (observed.length - 1);
  const half = T_999_11 * Math.sqrt(variance / observed.length);
  return { low: mean - half, high: mean + half };
}
