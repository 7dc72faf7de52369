import { callsOf, filesOf } from '../objects/calls';
import { asList, type PodTemplate } from '../objects/pod-template';
import type { PlacedObject } from '../objects/placed-object';
import type { Scope } from '../objects/scope';
import { wiringRule, type Rule } from '../rule';

/** Rules of the address that means the pod itself. */
export const loopbackRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'processes-listen-to-others',
      why: 'A process that listens on the loopback address is reached by no Service, and by no probe of the kubelet.',
      remedy: 'let it listen on 0.0.0.0, or leave the address out',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        const declared = portsOf(pod);
        for (const { at, field, text } of listensOf(scope, pod)) {
          const port = Number(/:(\d+)$/.exec(text)?.[1]);
          if (Number.isFinite(port) && port > 0 && declared.size > 0 && !declared.has(port)) continue;
          yield { at, field, message: `"${text}" is heard inside the pod alone` };
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'pods-have-what-they-ask-of-themselves',
      why: 'In a pod localhost is the pod: what runs in another one does not answer there.',
      remedy: 'name the Service of the other pod',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        const declared = portsOf(pod);
        for (const { at, field, host, port } of callsOf(scope, pod)) {
          if (!/^(localhost|127(\.\d+){3})$/.test(host) || port === undefined || declared.has(port)) continue;
          const variable = variableAt(pod, field);
          const message = `${variable}${host}:${port} is the pod itself, which declares ${[...declared].join(', ') || 'no port'}`;
          yield { at, field, message };
        }
      }
    },
  ),
];

/** The name of the variable that a field means, for messages. */
function variableAt(pod: PodTemplate, field: string): string {
  const [, container, index] = /^(.*)\.env\[(\d+)\]/.exec(field) ?? [];
  const found = pod.containers.find((each) => each.field === container);
  const name: string | undefined = found && asList(found.spec.env)[Number(index)]?.name;
  return name === undefined ? '' : `${name}: `;
}

function portsOf(pod: PodTemplate): Set<number> {
  return new Set(
    pod.containers.flatMap(({ spec }) => asList(spec.ports).flatMap(({ containerPort }) => containerPort ?? [])),
  );
}

const LOOPBACK = '(?:127(?:\\.\\d+){3}|localhost|\\[::1\\])';

/** Addresses that arguments and files tell a process to listen on, where they are of the loopback. */
function* listensOf(scope: Scope, pod: PodTemplate): Iterable<{ at: PlacedObject; field: string; text: string }> {
  for (const { spec, field } of pod.containers) {
    const parts = ((spec.args ?? []) as unknown[]).map(String);
    for (const [index, part] of parts.entries()) {
      const [, name, own] = /^--?([a-z-]+)(?:=(.*))?$/.exec(part) ?? [];
      const isListen = name !== undefined && /(^|-)(address|addr|listen|metrics|bind|host)$/.test(name);
      const value = own ?? parts[index + 1] ?? '';
      if (!isListen || !new RegExp(`^${LOOPBACK}(:\\d+)?$`).test(value)) continue;
      yield { at: pod.at, field: `${field}.args[${own === undefined ? index + 1 : index}]`, text: value };
    }
  }
  for (const { at, field, file = '', text } of filesOf(scope, pod)) {
    for (const { name, pattern } of FORMS) {
      if (!name.test(file)) continue;
      for (const [, address] of text.matchAll(pattern)) yield { at, field, text: address! };
    }
  }
}

/** How files say where to listen: nginx, PgBouncer, OAuth2 Proxy, Postgres. An address beside others leaves those open. */
const FORMS: readonly { name: RegExp; pattern: RegExp }[] = [
  { name: /\.conf$/, pattern: new RegExp(`^\\s*listen\\s+(${LOOPBACK}(?::\\d+)?)\\b`, 'gm') },
  { name: /\.ini$/, pattern: new RegExp(`^\\s*listen_addr\\s*=\\s*(${LOOPBACK})\\s*$`, 'gm') },
  { name: /\.(cfg|toml)$/, pattern: new RegExp(`^\\s*\\w*_address\\s*=\\s*"(${LOOPBACK}:\\d+)"`, 'gm') },
  { name: /^postgresql\.conf$/, pattern: new RegExp(`^\\s*listen_addresses\\s*=\\s*'?(${LOOPBACK})'?\\s*$`, 'gm') },
];
