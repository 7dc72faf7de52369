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
  readonly gatewayNode: string;
  readonly database: { readonly node: string; readonly requestMillicores: number; readonly requestMemoryMiB: number };
  readonly pooler: RenderedPooler;
  /** The same under Docker Compose, where a limit is absent unless the Compose file sets one. */
  readonly compose: {
    readonly limitMillicores: Readonly<Partial<Record<WorkloadName, number>>>;
    readonly pooler: RenderedPooler;
  };
}

export interface RenderedWorkload {
  /** CPU limit of a pod, millicores. */
  readonly limitMillicores: number;
  /** Period of the startup probe, seconds. */
  readonly probePeriodSeconds: number;
  readonly preStopSeconds: number;
  readonly gracePeriodSeconds: number;
}

export interface RenderedPooler {
  readonly instances: number;
  /** Server connections of each (`default_pool_size`). */
  readonly poolSize: number;
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
  const { requests } = database.spec.template.spec.containers[0].resources;
  const pooler = read(dist, 'platform/pgbouncer.yaml', 'Deployment', 'pgbouncer', replicated);
  const poolerFiles = read(dist, 'platform/pgbouncer.yaml', 'ConfigMap', 'pgbouncer-config', poolerConfig);
  const compose = readCompose(dist);
  return {
    workloads: { 'django-api': workload(dist, 'django-api'), idaes: workload(dist, 'idaes') },
    gatewayNode: gateway.spec.valuesContent.nodeSelector[HOST_NAME],
    database: {
      node: volume.spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values[0],
      requestMillicores: requests.cpu,
      requestMemoryMiB: requests.memory,
    },
    pooler: { instances: pooler.spec.replicas, poolSize: poolerFiles.data['pgbouncer.ini'] },
    compose: {
      limitMillicores: { 'django-api': compose.services['django-api'].cpus, idaes: compose.services.idaes.cpus },
      pooler: { instances: 1, poolSize: compose.configs['pgbouncer-ini'].content },
    },
  };
}

function workload(dist: string, name: WorkloadName): RenderedWorkload {
  const { spec } = read(dist, `workloads/base/${name}.yaml`, 'Deployment', name, limitedPods).spec.template;
  const [container] = spec.containers;
  return {
    limitMillicores: container.resources.limits.cpu,
    probePeriodSeconds: container.startupProbe.periodSeconds,
    preStopSeconds: container.lifecycle.preStop.sleep.seconds,
    gracePeriodSeconds: spec.terminationGracePeriodSeconds,
  };
}

const HOST_NAME = 'kubernetes.io/hostname';

const cpu = z.string().transform(milliValue);
const mebibytes = z.string().transform((quantity) => quantityValue(quantity) / 2 ** 20);
const seconds = z.number().positive();

const pods = <T extends z.ZodType>(container: T) => z.object({ containers: z.tuple([container]).rest(z.unknown()) });
const template = <T extends z.ZodType>(spec: T) => z.object({ spec: z.object({ template: z.object({ spec }) }) });

const limitedPods = template(
  pods(
    z.object({
      resources: z.object({ limits: z.object({ cpu }) }),
      startupProbe: z.object({ periodSeconds: seconds }),
      lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds }) }) }),
    }),
  ).extend({ terminationGracePeriodSeconds: seconds }),
);

const requestingPods = template(
  pods(z.object({ resources: z.object({ requests: z.object({ cpu, memory: mebibytes }) }) })),
);

const replicated = z.object({ spec: z.object({ replicas: z.number().int().positive() }) });

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
      .pipe(z.object({ nodeSelector: z.object({ [HOST_NAME]: z.string() }) })),
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
  services: z.object({ 'django-api': limitedService, idaes: limitedService }),
  configs: z.object({ 'pgbouncer-ini': z.object({ content: poolSize }) }),
});

function read<T extends z.ZodType>(dist: string, file: string, kind: string, name: string, schema: T): z.output<T> {
  const documents = parseAllDocuments(textOf(dist, file)).map((document): unknown => document.toJS());
  const identity = z.object({ kind: z.literal(kind), metadata: z.object({ name: z.literal(name) }) });
  const found = documents.find((object) => identity.safeParse(object).success);
  return checked(found ?? {}, schema, `dist/${file}, ${kind}/${name}`);
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
