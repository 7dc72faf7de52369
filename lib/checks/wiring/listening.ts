import { parseImage } from '../../kubernetes/image';
import { asList, PROBES, WORDS, type PodTemplate } from '../objects/pod-template';
import type { Scope } from '../objects/scope';
import { wiringRule, type Rule } from '../rule';
import { filesOf, type ConfigurationText } from '../objects/calls';

/** Rules of the ports on which processes are told to listen. */
export const listeningRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'processes-listen-where-they-are-asked',
      why: 'A process that listens on another port than its container declares is asked where nobody answers.',
      remedy: 'write the same port in the configuration and among the ports of the container',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        const declared = pod.containers.flatMap(({ spec }) =>
          asList(spec.ports).flatMap(({ containerPort }) => containerPort ?? []),
        );
        for (const { at, field, port } of listensOf(scope, pod)) {
          if (declared.includes(port)) continue;
          const message = `the process listens on ${port}, and its pod declares ${declared.join(', ') || 'no port'}`;
          yield { at, field, message };
        }
      }
    },
  ),
];

interface Listen {
  readonly at: ConfigurationText['at'];
  readonly field: string;
  readonly port: number;
}

/** Ports that arguments, probes of the own pod and known configuration files name. */
function* listensOf(scope: Scope, pod: PodTemplate): Iterable<Listen> {
  for (const { spec, field } of pod.containers) {
    for (const list of WORDS) {
      for (const [index, part] of ((spec[list] ?? []) as readonly unknown[]).entries()) {
        const port = /(?:^|[=\s])(?:0\.0\.0\.0|\[::\])?:(\d+)$/.exec(String(part))?.[1];
        if (port) yield { at: pod.at, field: `${field}.${list}[${index}]`, port: Number(port) };
      }
    }
    const port = portOfImage(spec);
    if (port !== undefined) yield { at: pod.at, field: `${field}.image`, port };
    for (const probe of PROBES) {
      const command = (spec[probe]?.exec?.command ?? []).map(String);
      const isOwn = command.some((part) => /(127\.0\.0\.1|localhost)$/.test(part));
      const port = command.map((part) => /^--port=(\d+)$/.exec(part)?.[1]).find(Boolean);
      if (isOwn && port) yield { at: pod.at, field: `${field}.${probe}.exec.command`, port: Number(port) };
    }
  }
  for (const { at, field, file = '', text } of filesOf(scope, pod)) {
    for (const { name, pattern } of FORMS) {
      if (!name.test(file)) continue;
      for (const [, port] of text.matchAll(pattern)) yield { at, field, port: Number(port) };
    }
  }
}

/**
 * Where a well-known program listens when neither arguments nor files say so: Postgres where PGPORT says, or on 5432
 * (https://www.postgresql.org/docs/16/runtime-config-connection.html).
 */
function portOfImage(spec: PodTemplate['containers'][number]['spec']): number | undefined {
  const image = typeof spec.image === 'string' ? parseImage(spec.image) : undefined;
  if (image?.repository !== 'library/postgres' || asList(spec.ports).length === 0) return undefined;
  if ([...asList(spec.command), ...asList(spec.args)].some((part) => /^(-p|--port|port\b)/.test(String(part))))
    return undefined;
  const set = asList(spec.env).find(({ name }) => name === 'PGPORT')?.value;
  return set === undefined ? 5432 : Number(set);
}

/** How programs of ours are told in their files where to listen: nginx, PgBouncer, OAuth2 Proxy, Postgres. */
const FORMS: readonly { name: RegExp; pattern: RegExp }[] = [
  { name: /\.conf$/, pattern: /^\s*listen\s+(?:[\d.]+:|\[::\]:)?(\d+)\b/gm },
  { name: /\.ini$/, pattern: /^\s*listen_port\s*=\s*(\d+)/gm },
  { name: /\.cfg$|\.toml$/, pattern: /^\s*(?:http|https|metrics)_address\s*=\s*"[^"]*:(\d+)"/gm },
  { name: /^postgresql\.conf$/, pattern: /^\s*port\s*=\s*(\d+)/gm },
];
