import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { milliValue, quantityValue } from '../../../lib/kubernetes/quantity';

export const HOST_NAME = 'kubernetes.io/hostname';

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
export type GranianContainer = z.output<typeof granianContainer>;

export const limitedPods = template(
  pods(
    granianContainer.extend({
      resources: z.object({ limits: z.object({ cpu }) }),
      startupProbe: z.object({ periodSeconds: seconds }),
      lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds }) }) }),
    }),
  ).extend({ terminationGracePeriodSeconds: seconds }),
);

const limits = z.object({ cpu: cpu.optional() }).optional();

export const requestingPods = template(
  pods(z.object({ resources: z.object({ requests: z.object({ cpu, memory: mebibytes }), limits }) })),
);

const replicas = z.number().int().positive();
export const replicated = z.object({
  spec: z.object({
    replicas,
    template: z.object({ spec: pods(z.object({ resources: z.object({ limits }).default({}) })) }),
  }),
});

export const placedPods = z.object({
  spec: z.object({
    replicas,
    template: z.object({
      spec: pods(z.object({ resources: z.object({ requests: z.object({ cpu }), limits }) })).extend({
        nodeSelector: z.object({ [HOST_NAME]: z.string() }),
      }),
    }),
  }),
});

export const apiIngress = z.object({
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

export const forwardAuth = z.object({
  kind: z.literal('Middleware'),
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  spec: z.object({ forwardAuth: z.object({ address: z.string().includes('oauth2-proxy') }) }),
});

const gatewayValues = z.object({
  nodeSelector: z.object({ [HOST_NAME]: z.string() }),
  resources: z.object({ requests: z.object({ cpu: cpu.optional() }).optional() }).optional(),
  additionalArguments: z.array(z.string()).default([]),
});
export type GatewayValues = z.output<typeof gatewayValues>;

export const localVolume = z.object({
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

export const helmChartConfig = z.object({
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

export const poolerConfig = z.object({ data: z.object({ 'pgbouncer.ini': poolSize }) });

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

/**
 * An object of `dist/`, as far as its schema tells.
 *
 * @throws Error naming file, object and field where something is missing.
 */
export function read<T extends z.ZodType>(
  dist: string,
  file: string,
  kind: string,
  name: string,
  schema: T,
): z.output<T> {
  const identity = z.object({ kind: z.literal(kind), metadata: z.object({ name: z.literal(name) }) });
  const found = objectsOf(dist, file).find((object) => identity.safeParse(object).success);
  return checked(found ?? {}, schema, `dist/${file}, ${kind}/${name}`);
}

export function objectsOf(dist: string, file: string): unknown[] {
  return parseAllDocuments(textOf(dist, file)).map((document) => document.toJS() as unknown);
}

export function readCompose(dist: string): z.output<typeof composeFile> {
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
      `run "npm run synth", or teach experiments/rehearsal/model/rendered-objects.ts where it went.`,
  );
}
