import { callsOf } from '../objects/calls';
import { egressOf, standsFor } from './edges';
import { podField, type PodTemplate } from '../objects/pod-template';
import type { Scope } from '../objects/scope';
import { wiringRule, type Rule, type Violation } from '../rule';

/** Rules of pods that are young. */
export const waitingRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'tasks-wait-for-what-they-call',
      why: 'A young pod is refused until the controller of network policies has learned its address: work that calls at once fails.',
      remedy: 'let an init container wait until the service answers',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        yield* waitsForFailure(pod);
        if (!pod.isTask) continue;
        const called = servicesOf(scope, pod, false).filter((name) => mayCall(scope, pod, name));
        if (called.length === 0) continue;
        const awaited = servicesOf(scope, pod, true);
        if (called.some((name) => awaited.includes(name))) continue;
        const field = podField(pod, 'initContainers');
        yield { at: pod.at, field, message: `nothing waits for ${called.join(' or ')}` };
      }
    },
  ),
];

/** Seconds between two questions whether a service is there. */
const LONGEST_PAUSE = 30;

/** A loop that sleeps while a question succeeds ends at once, or never when what it waits for is there. */
function* waitsForFailure(pod: PodTemplate): Iterable<Violation> {
  for (const { spec, field, isInit } of pod.containers) {
    if (!isInit) continue;
    for (const [index, part] of ((spec.command ?? []) as unknown[]).entries()) {
      const pause = Number(/\bsleep\s+(\d+)\b/.exec(String(part))?.[1] ?? 0);
      if (pause > LONGEST_PAUSE) {
        const message = `it looks again only after ${pause} s, which its deadline may not have`;
        const remedy = `sleep for ${LONGEST_PAUSE} s at most`;
        yield { at: pod.at, field: `${field}.command[${index}]`, message, remedy };
      }
      const question = /\bwhile\s+(?!!|:|true\b|\[)(\S+)[^;]*;\s*do\s+sleep\b/.exec(String(part))?.[1];
      if (question === undefined) continue;
      const message = `it waits while ${question} succeeds, and goes on as soon as it fails`;
      yield { at: pod.at, field: `${field}.command[${index}]`, message, remedy: 'write until in place of while' };
    }
  }
}

/** Whether a policy lets the pod call a Service: what it may not is named and never called. */
function mayCall(scope: Scope, pod: PodTemplate, name: string): boolean {
  const selector = scope.find('Service', pod.namespace, name)?.object.spec?.selector ?? {};
  const [target] = scope.podsMatching(pod.namespace, selector);
  if (!target) return false;
  return egressOf(scope, pod.namespace, pod.labels).some((peer) =>
    standsFor(peer, pod.namespace, target.namespace, target.labels),
  );
}

/** Services that the init containers, or the others, are told to call. */
function servicesOf(scope: Scope, pod: PodTemplate, areInit: boolean): string[] {
  const fields = pod.containers.filter(({ isInit }) => isInit === areInit).map(({ field }) => field);
  const hosts = callsOf(scope, pod)
    .filter(({ at, field }) => at === pod.at && fields.some((prefix) => field.startsWith(prefix)))
    .map(({ host }) => host.split('.')[0]!);
  return [...new Set(hosts)].filter((host) => scope.find('Service', pod.namespace, host));
}
