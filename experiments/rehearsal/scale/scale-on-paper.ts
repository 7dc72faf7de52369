import { BASELINE } from '../../plan';
import { percentile } from '../campaign/trial-summary';
import { clusterModel, nodeModels } from '../model/default-model';
import { meanOf, type Distribution } from '../model/distribution';
import type { NodeModel, SystemModel } from '../model/system-model';
import { SampleOutcome } from '../trial/sample-table';
import { simulateTrial, type SimulatedTrial } from '../trial/trial-simulation';

/** The parts of the design that a request passes through. */
export type Station = 'gateway' | 'oauth2-proxy' | 'pgbouncer' | 'postgres' | 'django-api';

export interface ScaleQuestion {
  /** Nodes of the cluster, the server included. */
  readonly nodes: number;
  /** Requests per second to be borne. */
  readonly rate: number;
  /** 95th percentile beyond which the design counts as broken, milliseconds. */
  readonly limitMs: number;
  readonly seed: number;
}

/** One rehearsal of a rising load against a design. */
export interface ScaleStep {
  /** How many of each part there are. */
  readonly parts: Readonly<Record<Station, number>>;
  /** Rate at which the limit was first broken; absent where the design bore the whole load. */
  readonly brokenAt?: number;
  /** Use of each part at that rate (or at the rate asked for), by the utilisation law: rate x demand / capacity. */
  readonly utilisation: Readonly<Record<Station, number>>;
  readonly busiest: Station;
}

/** Pods of one core each on a four-core node beside its daemons, as the baseline's request of 1000m allows. */
const PODS_PER_NODE = 3;
/** Length of the rise, seconds; short beside the plan's, since only the order of what breaks is asked. */
const RAMP_SECONDS = 200;
/** Length of the windows that the limit is looked at in, seconds. */
const WINDOW_SECONDS = 2;
/** Share of failed requests that also counts as broken. */
const FAILED_LIMIT = 0.01;
const MOST_STEPS = 20;

/**
 * Raises the load on the design, doubles the part that breaks it, and goes on until the load is borne. Several of a part are
 * modelled as one with as many cores (or connections), their best case.
 */
export function scaleOnPaper(question: ScaleQuestion): ScaleStep[] {
  const parts = {
    gateway: 1,
    'oauth2-proxy': 1,
    pgbouncer: 2,
    postgres: 1,
    'django-api': (question.nodes - 1) * PODS_PER_NODE,
  };
  const steps: ScaleStep[] = [];
  for (let step = 0; step < MOST_STEPS; step++) {
    const model = designOf(question.nodes, parts);
    const brokenAt = breakingRate(model, parts['django-api'], question);
    const utilisation = utilisationOf(model, parts, brokenAt ?? question.rate);
    const [busiest] = (Object.keys(utilisation) as Station[]).sort(
      (one, other) => utilisation[other] - utilisation[one],
    );
    steps.push({ parts: { ...parts }, ...(brokenAt !== undefined && { brokenAt }), utilisation, busiest });
    if (brokenAt === undefined) break;
    parts[busiest] *= 2;
  }
  return steps;
}

function designOf(count: number, parts: Record<Station, number>): SystemModel {
  const nodes = nodeModels(count);
  const wide = (name: string, machines: number): NodeModel => ({
    ...nodes[1],
    name,
    cores: nodes[1].cores * machines,
    daemonCores: nodes[1].daemonCores * machines,
    // Nothing else is scheduled on them.
    reservedMillicores: nodes[1].cores * machines * 1000,
  });
  const cluster = clusterModel();
  const { gateway, authentication, database } = cluster;
  const poolers = parts.pgbouncer / 2;
  return {
    ...cluster,
    nodes: [
      ...nodes,
      wide('gateways', parts.gateway),
      wide('authentications', parts['oauth2-proxy']),
      wide('databases', parts.postgres),
    ],
    gateway: { ...(gateway as NonNullable<typeof gateway>), node: 'gateways' },
    ...(authentication && {
      authentication: {
        ...authentication,
        node: 'authentications',
        ...times(authentication, parts['oauth2-proxy']),
      },
    }),
    database: {
      ...database,
      node: 'databases',
      ...times(database, parts.postgres),
      // Postgres allows 100 connections each; more poolers do not open more.
      poolSize: database.poolSize * parts.postgres,
      poolerMs: database.poolerMs / poolers,
    },
    generator: { ...cluster.generator, maxVirtualUsers: 20_000 },
    betweenTrials: 0,
  };
}

/** The CPU limit of several pods together. */
function times({ limitMillicores }: { readonly limitMillicores?: number }, pods: number): { limitMillicores?: number } {
  return limitMillicores === undefined ? {} : { limitMillicores: limitMillicores * pods };
}

function breakingRate(model: SystemModel, pods: number, { rate, limitMs, seed }: ScaleQuestion): number | undefined {
  const result = simulateTrial({
    id: 'scale',
    testType: 'uor',
    settings: {
      'django-api': { ...BASELINE['django-api'], replicas: pods },
      idaes: { ...BASELINE.idaes, replicas: 0 },
    },
    profile: {
      stages: [
        { target: rate, seconds: RAMP_SECONDS },
        // The rate asked for is held, so that it is borne and not just touched.
        { target: rate, seconds: 4 * WINDOW_SECONDS },
      ],
      // Beyond this everything is broken, and waiting for time-outs would only cost time.
      abortAboveVirtualUsers: 10_000,
    },
    model,
    seed,
  });
  const window = firstBrokenWindow(result, limitMs);
  return window === undefined ? undefined : Math.min(rate, (rate * window * WINDOW_SECONDS) / RAMP_SECONDS);
}

function firstBrokenWindow({ samples, rows, aborted }: SimulatedTrial, limitMs: number): number | undefined {
  let row = 0;
  for (let window = 0; row < rows; window++) {
    const times: number[] = [];
    let failed = 0;
    const end = (window + 1) * WINDOW_SECONDS;
    const first = row;
    for (; row < rows && samples.scheduled[row] < end; row++) {
      if (samples.outcome[row] === SampleOutcome.Success) times.push(samples.responseTime(row));
      else failed += 1;
    }
    const sorted = Float64Array.from(times).sort();
    if (row > first && failed > FAILED_LIMIT * (row - first)) return window;
    if (sorted.length > 0 && percentile(sorted, 0.95) > limitMs) return window;
  }
  return aborted ? Math.floor(samples.scheduled[rows - 1] / WINDOW_SECONDS) : undefined;
}

function utilisationOf(model: SystemModel, parts: Record<Station, number>, rate: number): Record<Station, number> {
  const { total, shares } = model.requests.uor;
  const serviceSeconds = meanOf(total) / 1000;
  const coresOn = (name: string, limitMillicores = Infinity) => {
    const node = model.nodes.find((one) => one.name === name) as NodeModel;
    return Math.min(node.cores - node.daemonCores, limitMillicores / 1000);
  };
  const { authentication, database } = model;
  const milliseconds = (distribution: Distribution | undefined) => (distribution ? meanOf(distribution) : 0);
  const gateway = model.gateway as NonNullable<SystemModel['gateway']>;
  const gatewaySeconds =
    (meanOf(gateway.handshake) + meanOf(gateway.forward) + milliseconds(authentication?.asking)) / 1000;
  return {
    gateway: (rate * gatewaySeconds) / coresOn('gateways'),
    'oauth2-proxy':
      (rate * milliseconds(authentication?.answering)) /
      1000 /
      coresOn('authentications', authentication?.limitMillicores),
    pgbouncer: (rate * database.poolerMs) / 1000,
    postgres: (rate * serviceSeconds * shares.postgres) / coresOn('databases', database.limitMillicores),
    'django-api': (rate * serviceSeconds * (shares.djangoBefore + shares.djangoAfter)) / parts['django-api'],
  };
}
