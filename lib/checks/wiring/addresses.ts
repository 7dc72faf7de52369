import type { PlacedOf } from '../objects/kinds';
import { publicRoutes } from '../gateway/routes';
import { hostsIn } from '../gateway/hosts';
import { asList } from '../objects/pod-template';
import type { PlacedObject } from '../objects/placed-object';
import type { Scope } from '../objects/scope';
import { wiringRule, type Rule, type Violation } from '../rule';
import { callsOf, type Call } from '../objects/calls';
import { egressOf, ingressOf, peersOf, podPortOf, policiesOf, standsFor } from './edges';

/** Rules of the addresses that pods are told to call. */
export const addressRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'addresses-lead-to-services',
      why: 'A pod that is told a wrong name or port waits for an answer that never comes.',
      remedy: 'correct the address, or the Service that it means',
    },
    function* (scope) {
      const publicHosts = new Set([...hostsIn(scope)].map(({ host }) => host));
      for (const pod of scope.pods) {
        for (const call of callsOf(scope, pod)) yield* judgeAddress(scope, pod.namespace, call, publicHosts);
      }
    },
  ),
  wiringRule(
    {
      id: 'schemes-are-those-that-are-served',
      why: 'A server of plain HTTP takes the first bytes of TLS for nonsense, and closes the connection.',
      remedy: 'write http, or let the Service have a port of TLS, whose name begins with https',
    },
    function* (scope) {
      const judge = (at: PlacedObject, field: string, { scheme, host, port }: Call): Violation[] => {
        const service = serviceOf(scope, at.namespace, host);
        const entry = asList(service?.object.spec?.ports).find((each) => each.port === port);
        if (!/^(https|wss)$/.test(scheme ?? '') || !/^(http|web|ws)(-|$)/.test(String(entry?.name ?? ''))) return [];
        const message = `${scheme}://${host}:${port}: the port ${entry?.name} of ${service!.label} speaks plain HTTP`;
        return [{ at, field, message }];
      };
      for (const pod of scope.pods) for (const call of callsOf(scope, pod)) yield* judge(call.at, call.field, call);
      for (const at of scope.ofKind('Middleware')) {
        const address = String(at.object.spec?.forwardAuth?.address ?? '');
        const [, scheme, host, port] = /^(https?):\/\/([^/:]+):(\d+)/.exec(address) ?? [];
        const field = 'spec.forwardAuth.address';
        if (host !== undefined) yield* judge(at, field, { at, field, scheme, host, port: Number(port) });
      }
    },
  ),
  wiringRule(
    {
      id: 'calls-are-permitted',
      why: 'Everything that is not declared is denied, so the call is dropped and times out.',
      remedy: 'declare the connection where the component is made',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        for (const call of callsOf(scope, pod)) {
          const service = serviceOf(scope, pod.namespace, call.host);
          if (!service || call.port === undefined) continue;
          const [target] = scope.podsMatching(service.namespace, service.object.spec?.selector ?? {});
          const port = target && podPortOf(service, call.port, target);
          if (!target || port === undefined || target.at === pod.at) continue;
          const open = (peers: ReturnType<typeof egressOf>, home: string, other: typeof pod) =>
            peers.some(
              (peer) =>
                standsFor(peer, home, other.namespace, other.labels) && peer.ports.some((entry) => entry.port === port),
            );
          const goes = open(egressOf(scope, pod.namespace, pod.labels), pod.namespace, target);
          const arrives = open(ingressOf(scope, target.namespace, target.labels), target.namespace, pod);
          if (goes && arrives) continue;
          const message = `${pod.at.label} calls ${call.host}:${call.port}, and no NetworkPolicy lets it ${goes ? 'in' : 'out'}`;
          yield { at: call.at, field: call.field, message };
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'pods-call-others',
      why: 'A pod that is told its own address asks itself, round and round, and never whom it was to ask.',
      remedy: 'name the Service that is meant',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        for (const call of callsOf(scope, pod)) {
          const service = serviceOf(scope, pod.namespace, call.host);
          const [target] = service ? scope.podsMatching(service.namespace, service.object.spec?.selector ?? {}) : [];
          if (target?.at !== pod.at) continue;
          yield {
            at: call.at,
            field: call.field,
            message: `${pod.at.label} calls ${call.host}, which is its own Service`,
          };
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'connections-are-used',
      why: 'A connection that nothing uses is a way for whoever breaks into the caller.',
      remedy: 'remove the declaration, or correct the address that was meant',
    },
    function* (scope) {
      for (const at of scope.ofKind('NetworkPolicy')) {
        const callers = scope.podsMatching(at.namespace, at.object.spec?.podSelector?.matchLabels ?? {});
        if (callers.length === 0 || isDefault(at)) continue;
        const called = new Set(
          callers.flatMap((pod) =>
            callsOf(scope, pod).map(({ host }) => serviceOf(scope, pod.namespace, host)?.object.metadata.name),
          ),
        );
        for (const { field, pods, namespace } of peersOf(at, 'egress')) {
          if (!pods || namespace) continue;
          const services = servicesOf(scope, at.namespace, pods);
          if (services.length === 0 || services.some((name) => called.has(name))) continue;
          const message = `nothing of ${callers[0]!.at.label} names ${services.join(' or ')}`;
          yield { at, field, message };
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'the-gateway-reaches-its-services',
      why: 'Traefik answers 502 or 504 where a policy keeps it from the pods, and a way that no route needs is open.',
      remedy: 'publish the service through the gateway, or do not: policy and route follow from one declaration',
    },
    function* (scope) {
      const routed = new Map<string, PlacedObject>();
      for (const { at, service } of publicRoutes(scope)) if (service) routed.set(`${at.namespace}/${service}`, at);
      for (const at of scope.ofKind('Middleware')) {
        const name = at.object.spec?.errors?.service?.name;
        if (name) routed.set(`${at.namespace}/${name}`, at);
      }
      for (const [name, at] of routed) {
        const [namespace = '', service = ''] = name.split('/');
        const found = scope.find('Service', namespace, service);
        const [target] = found ? scope.podsMatching(namespace, found.object.spec?.selector ?? {}) : [];
        if (!target || policiesOf(scope, namespace, target.labels).length === 0) continue;
        const isOpen = ingressOf(scope, namespace, target.labels).some(isTraefik);
        if (!isOpen) yield { at, field: 'spec', message: `no NetworkPolicy lets Traefik reach ${service}` };
      }
      for (const at of scope.ofKind('NetworkPolicy')) {
        const labels = at.object.spec?.podSelector?.matchLabels ?? {};
        if (isDefault(at)) continue;
        for (const peer of peersOf(at, 'ingress').filter(isTraefik)) {
          const services = servicesOf(scope, at.namespace, labels);
          if (services.some((name) => routed.has(`${at.namespace}/${name}`))) continue;
          yield { at, field: peer.field, message: 'Traefik may call these pods, and no route leads to them' };
        }
      }
    },
  ),
];

function* judgeAddress(
  scope: Scope,
  namespace: string,
  call: Call,
  publicHosts: ReadonlySet<string>,
): Iterable<Violation> {
  const { at, field, host, port } = call;
  if (isLocal(host)) return;
  if (isOutside(host)) {
    if (publicHosts.has(host) || !isOfDomain(host, publicHosts)) return;
    yield { at, field, message: `no route answers for ${host}; there are ${[...publicHosts].join(', ')}` };
    return;
  }
  const service = serviceOf(scope, namespace, host);
  if (!service) {
    yield { at, field, message: `"${host}" is not a Service here` };
    return;
  }
  const ports = asList(service.object.spec?.ports).map((entry) => entry.port);
  if (port === undefined || ports.includes(port)) return;
  yield { at, field, message: `${service.label} has the port ${ports.join(', ')}, and not ${port}` };
}

const isDefault = (at: PlacedOf<'NetworkPolicy'>) =>
  Object.keys(at.object.spec?.podSelector?.matchLabels ?? {}).length === 0;
const isLocal = (host: string) => /^(localhost|\d+(\.\d+){3})$/.test(host);
const isTraefik = (peer: { namespace?: string; pods?: Readonly<Record<string, string>> }) =>
  peer.namespace === 'kube-system' && peer.pods?.['app.kubernetes.io/name'] === 'traefik';

/** A name with dots that is not the cluster's own. */
function isOutside(host: string): boolean {
  return host.includes('.') && !/\.svc(\.cluster\.local)?$/.test(host);
}

/** Whether a host looks like one of the platform's own public names, so that it must be one. */
function isOfDomain(host: string, publicHosts: ReadonlySet<string>): boolean {
  const parent = (name: string) => name.slice(name.indexOf('.') + 1);
  return [...publicHosts].some(
    (known) =>
      host === known || host.endsWith(`.${known}`) || (parent(host).includes('.') && parent(host) === parent(known)),
  );
}

function serviceOf(scope: Scope, namespace: string, host: string): PlacedOf<'Service'> | undefined {
  const [name = '', elsewhere] = host.replace(/\.svc(\.cluster\.local)?$/, '').split('.');
  return scope.find('Service', elsewhere ?? namespace, name);
}

function servicesOf(scope: Scope, namespace: string, labels: Readonly<Record<string, string>>): string[] {
  return scope
    .ofKind('Service')
    .filter((at) => at.namespace === namespace)
    .filter(({ object }) =>
      Object.entries(object.spec?.selector ?? { none: '' }).every(([key, value]) => labels[key] === value),
    )
    .map(({ object }) => object.metadata.name);
}
