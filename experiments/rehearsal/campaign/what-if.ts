import { ARRIVAL_PROCESSES, type ArrivalProcess, type WorkloadSettings } from '../../plan';
import { nodeModels } from '../model/default-model';
import { meanOf, scaled, type Distribution } from '../model/distribution';
import type { SystemModel } from '../model/system-model';
import { AS_PLANNED, type Departure } from './trial-plan';

/** A setting that a rehearsal may change: a quantity with the unit its value is read in, or one of several words. */
type Setting = Quantity | Choice;

interface Choice {
  readonly unit: 'choice';
  readonly choices: readonly string[];
  readonly meaning: string;
  readonly change: (departure: Departure, value: string) => Departure;
}

interface Quantity {
  readonly unit: 'seconds' | 'milliseconds' | 'ratio' | 'factor' | 'count' | 'millicores';
  readonly mayBeZero?: true;
  readonly meaning: string;
  /** Changes the departure; the value is in the unit's base (seconds, share of 1, factor, count, millicores). */
  readonly change: (departure: Departure, value: number) => Departure;
}

/** Every `--what-if name=value` there is. */
export const WHAT_IF_SETTINGS: Readonly<Record<string, Setting>> = {
  'pod-start': {
    unit: 'seconds',
    mayBeZero: true,
    meaning: 'time from a scheduled pod to a ready one, loading included (such as 2s)',
    change: onModel((model, seconds) => ({
      ...model,
      pods: { ...model.pods, startSeconds: seconds },
      processes: {
        'django-api': { ...model.processes['django-api'], ...NO_LOADING },
        idaes: { ...model.processes.idaes, ...NO_LOADING },
      },
    })),
  },
  tolerance: {
    unit: 'ratio',
    mayBeZero: true,
    meaning: 'tolerance of the autoscaler (such as 5%)',
    change: onModel((model, tolerance) => ({ ...model, controller: { ...model.controller, tolerance } })),
  },
  'sync-period': {
    unit: 'seconds',
    meaning: 'sync period of the autoscaler (such as 5s)',
    change: onModel((model, seconds) => ({
      ...model,
      controller: { ...model.controller, syncPeriod: seconds * 1000 },
    })),
  },
  'initialization-period': {
    unit: 'seconds',
    mayBeZero: true,
    meaning: 'CPU initialisation period of the autoscaler',
    change: onModel((model, seconds) => ({
      ...model,
      controller: { ...model.controller, cpuInitializationPeriod: seconds * 1000 },
    })),
  },
  'metric-resolution': {
    unit: 'seconds',
    meaning: 'how often metrics-server scrapes (such as 10s)',
    change: onModel((model, seconds) => ({ ...model, metrics: { ...model.metrics, resolutionSeconds: seconds } })),
  },
  nodes: {
    unit: 'count',
    meaning: 'nodes of the cluster, the server included',
    change: onClusterModel((model, nodes) => ({ ...model, nodes: nodeModels(nodes) })),
  },
  load: {
    unit: 'factor',
    meaning: 'all request rates (such as 10x)',
    change: (departure, load) => ({ ...departure, load: departure.load * load }),
  },
  'service-time': {
    unit: 'factor',
    meaning: 'CPU and database time of every request (such as 1.5x)',
    change: onModel((model, factor) => ({
      ...model,
      requests: {
        uor: { ...model.requests.uor, total: scaled(model.requests.uor.total, factor) },
        fs: { ...model.requests.fs, total: scaled(model.requests.fs.total, factor) },
      },
    })),
  },
  'cpu-limit': {
    unit: 'millicores',
    meaning: 'CPU limit of django-api and idaes pods (such as 1000m)',
    change: onModel((model, limitMillicores) => ({
      ...model,
      processes: {
        'django-api': { ...model.processes['django-api'], limitMillicores },
        idaes: { ...model.processes.idaes, limitMillicores },
      },
    })),
  },
  processes: {
    unit: 'count',
    meaning: 'worker processes of a django-api pod',
    change: onModel((model, processes) => withDjango(model, { processes })),
  },
  threads: {
    unit: 'count',
    meaning: 'threads of a django-api process',
    change: onModel((model, threads) => withDjango(model, { threads })),
  },
  'solver-parallelism': {
    unit: 'count',
    meaning:
      'cores that one process of idaes can solve on (1 under an interpreter lock, 2 where each solver is a child process)',
    change: onModel((model, coresPerProcess) => ({
      ...model,
      processes: {
        ...model.processes,
        idaes: {
          ...model.processes.idaes,
          coresPerProcess,
          // A child process keeps a core to itself; what a thread loses to the lock, it does not.
          ...(coresPerProcess > 1 && { cpuPerWork: 1 }),
        },
      },
    })),
  },
  'solver-threads': {
    unit: 'count',
    meaning: 'requests that one process of idaes solves at the same time',
    change: onModel((model, threads) => ({
      ...model,
      processes: { ...model.processes, idaes: { ...model.processes.idaes, threads } },
    })),
  },
  'solver-connections': {
    unit: 'choice',
    choices: ['new', 'kept'],
    meaning: 'whether django-api opens a connection to idaes for every request (new) or keeps it (kept)',
    change: (departure, solverConnections) => ({
      ...departure,
      model: (model) => ({
        ...departure.model(model),
        solverConnections: solverConnections as SystemModel['solverConnections'],
      }),
    }),
  },
  arrivals: {
    unit: 'choice',
    choices: ARRIVAL_PROCESSES,
    meaning: 'evenly spaced as the plan has them (even), or at random at the same rate (poisson)',
    change: (departure, arrivals) => ({
      ...departure,
      model: (model) => ({ ...departure.model(model), arrivals: arrivals as ArrivalProcess }),
    }),
  },
  'service-spread': {
    unit: 'ratio',
    mayBeZero: true,
    meaning: 'service times log-normal with this coefficient of variation, their mean kept (such as 50%)',
    change: onModel((model, spread) => ({
      ...model,
      requests: {
        uor: { ...model.requests.uor, total: spreadOut(model.requests.uor.total, spread) },
        fs: { ...model.requests.fs, total: spreadOut(model.requests.fs.total, spread) },
      },
    })),
  },
  'trial-spread': {
    unit: 'ratio',
    mayBeZero: true,
    meaning: 'how far the service times of whole trials differ, as a standard deviation (such as 5%)',
    change: onModel((model, betweenTrials) => ({ ...model, betweenTrials })),
  },
  'endpoint-propagation': {
    unit: 'seconds',
    mayBeZero: true,
    meaning: 'time from a changed condition of a pod to proxies that know it (such as 2.5s)',
    change: onModel((model, endpointSeconds) => ({ ...model, pods: { ...model.pods, endpointSeconds } })),
  },
  'gateway-throttle': {
    unit: 'seconds',
    mayBeZero: true,
    meaning: 'shortest time between two configurations of the gateway (Traefik: 2s)',
    change: onClusterModel((model, gatewayThrottleSeconds) => ({
      ...model,
      pods: { ...model.pods, gatewayThrottleSeconds },
    })),
  },
  'authentication-cost': {
    unit: 'milliseconds',
    mayBeZero: true,
    meaning: 'CPU time of OAuth2 Proxy per request (such as 1ms)',
    change: onClusterModel((model, value) =>
      model.authentication
        ? { ...model, authentication: { ...model.authentication, answering: { kind: 'constant', value } } }
        : model,
    ),
  },
  'pool-size': {
    unit: 'count',
    meaning: 'server connections of PgBouncer',
    change: onModel((model, poolSize) => ({ ...model, database: { ...model.database, poolSize } })),
  },
  delay: {
    unit: 'milliseconds',
    mayBeZero: true,
    meaning: 'delay added by netem (such as 20ms)',
    change: onClusterModel((model, addedDelayMs) => ({ ...model, network: { ...model.network, addedDelayMs } })),
  },
  'virtual-users': {
    unit: 'count',
    meaning: 'requests in flight that the generator can hold',
    change: onModel((model, maxVirtualUsers) => ({ ...model, generator: { ...model.generator, maxVirtualUsers } })),
  },
  'max-replicas': {
    unit: 'count',
    meaning: 'maximum replicas of every autoscaler',
    change: (departure, maxReplicas) => ({
      ...departure,
      settings: (settings, workload) => withMaximum(departure.settings(settings, workload), maxReplicas),
    }),
  },
};

const NO_LOADING = {
  load: { when: 'eager', cpu: { kind: 'constant', value: 0 } },
  probePeriodSeconds: 0.05,
} as const;

/**
 * Reads `name=value` pairs.
 *
 * @throws Error naming the setting and what it accepts.
 */
export function parseWhatIf(pairs: readonly string[]): Departure {
  return pairs.reduce((departure, pair) => {
    const [name, text, ...rest] = pair.split('=');
    const setting = Object.hasOwn(WHAT_IF_SETTINGS, name) ? WHAT_IF_SETTINGS[name] : undefined;
    if (!setting || text === undefined || rest.length > 0) {
      const known = Object.keys(WHAT_IF_SETTINGS).join(', ');
      throw new Error(`--what-if ${pair}: write name=value with one of these names: ${known}.`);
    }
    if (setting.unit !== 'choice') return setting.change(departure, parseValue(name, text, setting));
    if (setting.choices.includes(text)) return setting.change(departure, text);
    throw new Error(`--what-if ${pair}: write ${name}= with ${setting.choices.join(' or ')}.`);
  }, AS_PLANNED);
}

const UNITS: Readonly<Record<Quantity['unit'], Readonly<Record<string, number>>>> = {
  seconds: { s: 1, ms: 0.001, m: 60 },
  milliseconds: { ms: 1, s: 1000 },
  ratio: { '%': 0.01, '': 1 },
  factor: { x: 1, '%': 0.01, '': 1 },
  count: { '': 1 },
  millicores: { m: 1, '': 1000 },
};

function parseValue(name: string, text: string, { unit, mayBeZero }: Quantity): number {
  const match = /^(\d+(?:\.\d+)?)([a-z%]*)$/.exec(text);
  const factor = match ? UNITS[unit][match[2]] : undefined;
  const value = match && factor !== undefined ? Number(match[1]) * factor : NaN;
  if (Number.isNaN(value) || (value === 0 && !mayBeZero) || (unit === 'count' && !Number.isInteger(value))) {
    const suffixes = Object.keys(UNITS[unit]).map((suffix) => suffix || 'no suffix');
    throw new Error(
      `--what-if ${name}=${text}: "${text}" is no ${unit === 'count' ? 'whole number above 0' : `value in ${unit}`}; ` +
        `write a number with ${suffixes.join(' or ')}.`,
    );
  }
  return value;
}

function spreadOut(distribution: Distribution, spread: number): Distribution {
  return { kind: 'log-normal', mean: meanOf(distribution), spread };
}

function onModel(change: (model: SystemModel, value: number) => SystemModel): Quantity['change'] {
  return (departure, value) => ({ ...departure, model: (model) => change(departure.model(model), value) });
}

/** Leaves the single machine of the benchmark as it is. */
function onClusterModel(change: (model: SystemModel, value: number) => SystemModel): Quantity['change'] {
  return onModel((model, value) => (model.gateway ? change(model, value) : model));
}

function withDjango(model: SystemModel, change: { processes?: number; threads?: number }): SystemModel {
  return {
    ...model,
    processes: { ...model.processes, 'django-api': { ...model.processes['django-api'], ...change } },
  };
}

function withMaximum(settings: WorkloadSettings, maxReplicas: number): WorkloadSettings {
  return typeof settings.replicas === 'number'
    ? settings
    : { ...settings, replicas: { ...settings.replicas, maxReplicas } };
}
