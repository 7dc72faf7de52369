import { kept } from './kept';
import type { PlacedObject } from './placed-object';
import { asList, configMapsOf, WORDS, type PodTemplate } from './pod-template';
import type { Scope } from './scope';

/** A text that configures a pod, and where it stands. */
export interface ConfigurationText {
  readonly at: PlacedObject;
  readonly field: string;
  readonly text: string;
  /** File name in a ConfigMap. */
  readonly file?: string;
}

/** An address that a pod is told to call. */
export interface Call {
  readonly at: PlacedObject;
  readonly field: string;
  readonly host: string;
  /** Absent where the text does not say. */
  readonly port?: number;
  /** Of a URL, such as `https`. */
  readonly scheme?: string;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  ...{ http: 80, ws: 80, https: 443, wss: 443, redis: 6379, amqp: 5672, mysql: 3306 },
  ...{ postgres: 5432, postgresql: 5432 },
};

/** Every address that the variables, arguments and mounted files of a pod name; each pod is read once. */
export const callsOf = (scope: Scope, pod: PodTemplate) => readCalls(pod.at, scope, pod);

const readCalls = kept((_: PlacedObject, scope: Scope, pod: PodTemplate): readonly Call[] => [...callsIn(scope, pod)]);

/** Files of the ConfigMaps that a pod mounts or reads variables from; each pod is read once. */
export const filesOf = (scope: Scope, pod: PodTemplate) => readFiles(pod.at, scope, pod);

const readFiles = kept((_: PlacedObject, scope: Scope, pod: PodTemplate): readonly ConfigurationText[] =>
  configMapsOf(pod).flatMap((name) => {
    const at = scope.find('ConfigMap', pod.namespace, name);
    return Object.entries<string>(at?.object.data ?? {}).map(([file, text]) => ({
      at: at!,
      field: `data["${file}"]`,
      text: String(text),
      file,
    }));
  }),
);

function* callsIn(scope: Scope, pod: PodTemplate): Iterable<Call> {
  for (const { spec, field } of pod.containers) {
    const variables = asList(spec.env);
    yield* pairsOf(pod.at, variables, `${field}.env`);
    for (const [index, { value }] of variables.entries()) {
      if (typeof value === 'string') yield* namedIn({ at: pod.at, field: `${field}.env[${index}].value`, text: value });
    }
    for (const list of WORDS) {
      const parts: readonly unknown[] = spec[list] ?? [];
      for (const [index, part] of parts.entries()) {
        yield* namedIn({ at: pod.at, field: `${field}.${list}[${index}]`, text: String(part) });
      }
    }
  }
  for (const file of filesOf(scope, pod)) yield* namedIn(file);
}

/** Variables such as DATABASE_HOST and DATABASE_PORT, or PGHOST and PGPORT. */
function* pairsOf(at: PlacedObject, variables: readonly { name?: string; value?: string }[], field: string) {
  const values = new Map(variables.map(({ name, value }) => [name, value]));
  for (const [index, { name = '', value }] of variables.entries()) {
    const prefix = /^(.*?)(HOST|HOSTNAME|ADDR|ADDRESS)$/.exec(name)?.[1];
    if (prefix === undefined || typeof value !== 'string' || !HOST.test(value)) continue;
    const port = Number(values.get(`${prefix}PORT`));
    yield { at, field: `${field}[${index}].value`, host: value, ...(port > 0 ? { port } : {}) };
  }
}

const HOST = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;
const ADDRESS = /\b([a-z][a-z0-9+]*):\/\/(?:[^\s/@"'`]*@)?([a-z0-9][a-z0-9.-]*)(?::(\d+))?/g;
const HOST_AND_PORT = /(?:^|[\s"'=,])([a-z][a-z0-9.-]*):(\d{2,5})(?=$|[\s"',/])/g;
const KEYWORDS = /(?:^|[\s;])(?:--)?host[= ]([a-z][a-z0-9.-]*)(?:[^\n]*?[\s;](?:--)?port[= ](\d+))?/g;

function* namedIn({ at, field, text }: ConfigurationText): Iterable<Call> {
  if (text.length < 4) return;
  const call = (host: string, port: string | number | undefined): Call => ({
    at,
    field,
    host,
    ...(port === undefined ? {} : { port: Number(port) }),
  });
  for (const line of text.split('\n')) {
    if (/^\s*([#;]|--\s)/.test(line)) continue;
    for (const [, scheme = '', host = '', port] of line.matchAll(ADDRESS)) {
      if (scheme === 'static' || scheme === 'file' || scheme === 'unix') continue;
      yield { ...call(host, port ?? DEFAULT_PORTS[scheme]), scheme };
    }
    for (const [, host = '', port] of line.replace(ADDRESS, ' ').matchAll(HOST_AND_PORT)) yield call(host, port);
    for (const [, host = '', port] of line.matchAll(KEYWORDS)) yield call(host, port);
  }
}
