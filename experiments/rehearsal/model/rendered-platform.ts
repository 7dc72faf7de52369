import path from 'node:path';
import type { WorkloadName } from '../../plan';
import {
  apiIngress,
  forwardAuth,
  type GatewayValues,
  type GranianContainer,
  helmChartConfig,
  HOST_NAME,
  limitedPods,
  localVolume,
  objectsOf,
  placedPods,
  poolerConfig,
  read,
  readCompose,
  replicated,
  requestingPods,
} from './rendered-objects';

/** What the simulation has to know of the rendered manifests: the charts' settings, typed nowhere else. */
export interface RenderedPlatform {
  /** The pods that all variants share; no patch changes anything of this (a test holds it for every one). */
  readonly workloads: Readonly<Record<WorkloadName, RenderedWorkload>>;
  /** Node that the gateway's pods are kept on. */
  readonly gateway: {
    readonly node: string;
    readonly requestMillicores: number;
    /** Traefik's `providers.providersThrottleDuration`, where the manifests set it; seconds. */
    readonly throttleSeconds?: number;
  };
  /** OAuth2 Proxy, where the ingress of the API asks it for every request; limits of its pods together. */
  readonly authentication?: {
    readonly node: string;
    readonly requestMillicores: number;
    readonly limitMillicores?: number;
  };
  readonly database: {
    readonly node: string;
    readonly requestMillicores: number;
    readonly requestMemoryMiB: number;
    readonly limitMillicores?: number;
  };
  readonly pooler: RenderedPooler;
  /** The same under Docker Compose, where a limit is absent unless the Compose file sets one. */
  readonly compose: {
    readonly limitMillicores: Readonly<Partial<Record<WorkloadName | 'postgres', number>>>;
    readonly pooler: RenderedPooler;
  };
}

export interface RenderedWorkload {
  /** CPU limit of a pod, millicores. */
  readonly limitMillicores: number;
  /** Granian's worker processes and blocking threads of each, where arguments or variables of the container set them. */
  readonly processes?: number;
  readonly threads?: number;
  /** Period of the startup probe, seconds. */
  readonly probePeriodSeconds: number;
  readonly preStopSeconds: number;
  readonly gracePeriodSeconds: number;
}

export interface RenderedPooler {
  readonly instances: number;
  /** Server connections of each (`default_pool_size`). */
  readonly poolSize: number;
  /** CPU limit of each, millicores; absent where there is none. */
  readonly limitMillicores?: number;
}

const DIST = path.join(__dirname, '../../../dist');

/**
 * Reads `dist/`.
 *
 * @throws Error naming file, object and field where something is missing.
 */
export function renderedPlatform(dist: string = DIST): RenderedPlatform {
  const gateway = read(dist, 'platform/gateway.yaml', 'HelmChartConfig', 'traefik', helmChartConfig);
  const volume = read(dist, 'platform/postgres.yaml', 'PersistentVolume', 'postgres', localVolume);
  const database = read(dist, 'platform/postgres.yaml', 'StatefulSet', 'postgres', requestingPods);
  const { requests, limits } = database.spec.template.spec.containers[0].resources;
  const pooler = read(dist, 'platform/pgbouncer.yaml', 'Deployment', 'pgbouncer', replicated);
  const poolerFiles = read(dist, 'platform/pgbouncer.yaml', 'ConfigMap', 'pgbouncer-config', poolerConfig);
  const compose = readCompose(dist);
  return {
    workloads: { 'django-api': workload(dist, 'django-api'), idaes: workload(dist, 'idaes') },
    gateway: gatewayOf(gateway.spec.valuesContent),
    ...(asksForEachRequest(dist) && { authentication: authentication(dist) }),
    database: {
      node: volume.spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values[0],
      requestMillicores: requests.cpu,
      requestMemoryMiB: requests.memory,
      ...limitOf(limits),
    },
    pooler: {
      instances: pooler.spec.replicas,
      poolSize: poolerFiles.data['pgbouncer.ini'],
      ...limitOf(pooler.spec.template.spec.containers[0].resources.limits),
    },
    compose: {
      limitMillicores: {
        'django-api': compose.services['django-api'].cpus,
        idaes: compose.services.idaes.cpus,
        postgres: compose.services.postgres.cpus,
      },
      pooler: {
        instances: 1,
        poolSize: compose.configs['pgbouncer-ini'].content,
        ...limitOf({ cpu: compose.services.pgbouncer.cpus }),
      },
    },
  };
}

function workload(dist: string, name: WorkloadName): RenderedWorkload {
  const { spec } = read(dist, `workloads/base/${name}.yaml`, 'Deployment', name, limitedPods).spec.template;
  const [container] = spec.containers;
  return {
    limitMillicores: container.resources.limits.cpu,
    ...granian(container),
    probePeriodSeconds: container.startupProbe.periodSeconds,
    preStopSeconds: container.lifecycle.preStop.sleep.seconds,
    gracePeriodSeconds: spec.terminationGracePeriodSeconds,
  };
}

/** `dist/` may give an Ingress any host: the API's is the one whose backend is django-api. */
function asksForEachRequest(dist: string): boolean {
  const ingresses = objectsOf(dist, 'platform/gateway.yaml').flatMap(
    (object) => apiIngress.safeParse(object).data ?? [],
  );
  const middlewares = objectsOf(dist, 'platform/gateway.yaml').flatMap(
    (object) => forwardAuth.safeParse(object).data ?? [],
  );
  return ingresses.some(({ metadata }) =>
    (metadata.annotations?.[MIDDLEWARES] ?? '')
      .split(',')
      .some((used) =>
        middlewares.some(
          ({ metadata: { name, namespace } }) =>
            used.trim() === `${namespace}-${name}@kubernetescrd` ||
            used.trim() === `${namespace}_${name}@kubernetescrd`,
        ),
      ),
  );
}

function authentication(dist: string): RenderedPlatform['authentication'] {
  const { spec } = read(dist, 'platform/oauth2-proxy.yaml', 'Deployment', 'oauth2-proxy', placedPods);
  const { requests, limits } = spec.template.spec.containers[0].resources;
  return {
    node: spec.template.spec.nodeSelector[HOST_NAME],
    requestMillicores: requests.cpu * spec.replicas,
    ...limitOf({ cpu: limits?.cpu === undefined ? undefined : limits.cpu * spec.replicas }),
  };
}

function gatewayOf(values: GatewayValues): RenderedPlatform['gateway'] {
  const throttle = values.additionalArguments.flatMap(
    (argument) => /^--providers\.providersthrottleduration=(.*)$/i.exec(argument)?.[1] ?? [],
  )[0];
  return {
    node: values.nodeSelector[HOST_NAME],
    requestMillicores: values.resources?.requests?.cpu ?? UNREQUESTED_MILLICORES,
    ...(throttle !== undefined && { throttleSeconds: goSeconds(throttle) }),
  };
}

/** Go's durations as Traefik reads them; digits alone are seconds. */
function goSeconds(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|)$/.exec(text) ?? [];
  if (amount === undefined) {
    throw new Error(
      `dist/platform/gateway.yaml, HelmChartConfig/traefik: --providers.providersthrottleduration=${text} is not understood: ` +
        'write seconds, or a number with ms, s or m.',
    );
  }
  return Number(amount) * { ms: 0.001, s: 1, '': 1, m: 60 }[unit as 'ms' | 's' | '' | 'm'];
}

/**
 * What Granian is told: a later word wins over an earlier one, and a word over a variable.
 * Source: https://github.com/emmett-framework/granian#options
 */
function granian({ command, args, env }: GranianContainer): { processes?: number; threads?: number } {
  const words = [...(command ?? []), ...(args ?? [])].flatMap((word) => word.split(/[\s=]+/));
  const told = (option: string, variable: string): number | undefined => {
    const at = words.lastIndexOf(option);
    const text = at >= 0 ? words[at + 1] : env?.find(({ name }) => name === variable)?.value;
    return text !== undefined && /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
  };
  const processes = told('--workers', 'GRANIAN_WORKERS');
  const threads = told('--blocking-threads', 'GRANIAN_BLOCKING_THREADS');
  return { ...(processes !== undefined && { processes }), ...(threads !== undefined && { threads }) };
}

function limitOf(limits: { readonly cpu?: number } | undefined): { limitMillicores?: number } {
  return limits?.cpu === undefined ? {} : { limitMillicores: limits.cpu };
}

/** What the kubelet gives a container without a request: two CPU shares. */
const UNREQUESTED_MILLICORES = 2;

const MIDDLEWARES = 'traefik.ingress.kubernetes.io/router.middlewares';
