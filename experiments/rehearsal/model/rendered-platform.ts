import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import type { WorkloadName } from '../../plan';
import { milliValue, quantityValue } from '../../../lib/kubernetes/quantity';

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

function gatewayOf(values: z.output<typeof gatewayValues>): RenderedPlatform['gateway'] {
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
const HOST_NAME = 'kubernetes.io/hostname';

const cpu = z.string().transform(milliValue);
const mebibytes = z.string().transform((quantity) => quantityValue(quantity) / 2 ** 20);
const seconds = z.number().positive();

const pods = <T extends z.ZodType>(container: T) => z.object({ containers: z.tuple([container]).rest(z.unknown()) });
const template = <T extends z.ZodType>(spec: T) => z.object({ spec: z.object({ template: z.object({ spec }) }) });

const granianContainer = z.object({
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  env: z.array(z.object({ name: z.string(), value: z.string().optional() })).optional(),
});
type GranianContainer = z.output<typeof granianContainer>;

const limitedPods = template(
  pods(
    granianContainer.extend({
      resources: z.object({ limits: z.object({ cpu }) }),
      startupProbe: z.object({ periodSeconds: seconds }),
      lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds }) }) }),
    }),
  ).extend({ terminationGracePeriodSeconds: seconds }),
);

const limits = z.object({ cpu: cpu.optional() }).optional();

const requestingPods = template(
  pods(z.object({ resources: z.object({ requests: z.object({ cpu, memory: mebibytes }), limits }) })),
);

const replicas = z.number().int().positive();
const replicated = z.object({
  spec: z.object({
    replicas,
    template: z.object({ spec: pods(z.object({ resources: z.object({ limits }).default({}) })) }),
  }),
});

const placedPods = z.object({
  spec: z.object({
    replicas,
    template: z.object({
      spec: pods(z.object({ resources: z.object({ requests: z.object({ cpu }), limits }) })).extend({
        nodeSelector: z.object({ [HOST_NAME]: z.string() }),
      }),
    }),
  }),
});

const apiIngress = z.object({
  kind: z.literal('Ingress'),
  metadata: z.object({ annotations: z.record(z.string(), z.string()).optional() }),
  spec: z.object({
    rules: z
      .array(
        z.object({
          http: z.object({
            paths: z.array(z.object({ backend: z.object({ service: z.object({ name: z.string() }) }) })),
          }),
        }),
      )
      .refine((rules) =>
        rules.some(({ http }) => http.paths.some(({ backend }) => backend.service.name === 'django-api')),
      ),
  }),
});

const forwardAuth = z.object({
  kind: z.literal('Middleware'),
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  spec: z.object({ forwardAuth: z.object({ address: z.string().includes('oauth2-proxy') }) }),
});

const gatewayValues = z.object({
  nodeSelector: z.object({ [HOST_NAME]: z.string() }),
  resources: z.object({ requests: z.object({ cpu: cpu.optional() }).optional() }).optional(),
  additionalArguments: z.array(z.string()).default([]),
});

const localVolume = z.object({
  spec: z.object({
    nodeAffinity: z.object({
      required: z.object({
        nodeSelectorTerms: z.tuple([
          z.object({
            matchExpressions: z.tuple([z.object({ key: z.literal(HOST_NAME), values: z.tuple([z.string()]) })]),
          }),
        ]),
      }),
    }),
  }),
});

const helmChartConfig = z.object({
  spec: z.object({
    valuesContent: z
      .string()
      .transform((text): unknown => parse(text))
      .pipe(gatewayValues),
  }),
});

/** `default_pool_size` of PgBouncer's own configuration file. */
const poolSize = z.string().transform((text, context) => {
  const size = /^\s*default_pool_size\s*=\s*(\d+)\s*$/m.exec(text)?.[1];
  if (size !== undefined) return Number(size);
  context.addIssue({ code: 'custom', message: 'has no default_pool_size' });
  return z.NEVER;
});

const poolerConfig = z.object({ data: z.object({ 'pgbouncer.ini': poolSize }) });

const limitedService = z.object({
  cpus: z
    .union([z.number(), z.string()])
    .transform((cores) => milliValue(String(cores)))
    .optional(),
});

const composeFile = z.object({
  services: z.object({
    'django-api': limitedService,
    idaes: limitedService,
    postgres: limitedService,
    pgbouncer: limitedService,
  }),
  configs: z.object({ 'pgbouncer-ini': z.object({ content: poolSize }) }),
});

function read<T extends z.ZodType>(dist: string, file: string, kind: string, name: string, schema: T): z.output<T> {
  const identity = z.object({ kind: z.literal(kind), metadata: z.object({ name: z.literal(name) }) });
  const found = objectsOf(dist, file).find((object) => identity.safeParse(object).success);
  return checked(found ?? {}, schema, `dist/${file}, ${kind}/${name}`);
}

function objectsOf(dist: string, file: string): unknown[] {
  return parseAllDocuments(textOf(dist, file)).map((document) => document.toJS() as unknown);
}

function readCompose(dist: string): z.output<typeof composeFile> {
  const file = 'compose/compose.yaml';
  return checked(parse(textOf(dist, file)), composeFile, `dist/${file}`);
}

function textOf(dist: string, file: string): string {
  try {
    return readFileSync(path.join(dist, file), 'utf8');
  } catch {
    throw new Error(`dist/${file} cannot be read, and the rehearsal takes settings from it: run "npm run synth".`);
  }
}

function checked<T extends z.ZodType>(value: unknown, schema: T, where: string): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [{ path: field, message }] = result.error.issues;
  throw new Error(
    `${where}, field ${field.join('.') || '(all)'}: ${message}. The rehearsal takes this setting from there: ` +
      `run "npm run synth", or teach experiments/rehearsal/model/rendered-platform.ts where it went.`,
  );
}
