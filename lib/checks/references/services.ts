import { podsOfK3s } from '../objects/k3s-pods';
import { policyRulesOf } from '../objects/policy-rules';
import { asList, PROBES, type PodTemplate } from '../objects/pod-template';
import { wiringRule, type Rule, type Violation } from '../rule';
import type { PlacedObject } from '../objects/placed-object';
import type { Scope } from '../objects/scope';

/** Rules of names that lead to a Service, and from it to pods. */
export const serviceRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'services-select-pods',
      why: 'A Service whose selector matches nothing has no addresses, and its callers time out.',
      remedy: 'give the Service the labels of the pods it stands for',
    },
    function* (scope) {
      for (const at of scope.ofKind('Service')) {
        const { selector, type } = at.object.spec ?? {};
        if (type === 'ExternalName') continue;
        if (!selector) yield { at, field: 'spec.selector', message: 'the Service selects nothing' };
        else if (scope.podsMatching(at.namespace, selector).length === 0) {
          yield { at, field: 'spec.selector', message: `no pod has the labels ${inWords(selector)}` };
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'service-ports-exist',
      why: 'A Service that forwards to a port nobody listens on refuses every connection.',
      remedy: 'name a port that every selected container declares',
    },
    function* (scope) {
      for (const at of scope.ofKind('Service')) {
        const pods = at.object.spec?.selector ? scope.podsMatching(at.namespace, at.object.spec.selector) : [];
        for (const [index, port] of asList(at.object.spec?.ports).entries()) {
          const target = port.targetPort ?? port.port;
          const pod = pods.find((candidate) => !declaresPort(candidate, target));
          if (!pod) continue;
          const field = `spec.ports[${index}].targetPort`;
          yield { at, field, message: `no container of ${pod.at.label} declares port ${target}` };
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'probe-ports-exist',
      why: 'A probe of a port that the container does not have never succeeds, so the pod is never ready.',
      remedy: 'probe a port that the container declares',
    },
    function* (scope) {
      for (const pod of scope.pods) {
        for (const { spec, field } of pod.containers) {
          for (const probe of PROBES) {
            const port = spec[probe]?.httpGet?.port ?? spec[probe]?.tcpSocket?.port ?? spec[probe]?.grpc?.port;
            if (port === undefined || declaresPort(pod, port)) continue;
            yield {
              at: pod.at,
              field: `${field}.${probe}`,
              message: `container ${spec.name} declares no port ${port}`,
            };
          }
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'ingress-backends-exist',
      why: 'A host whose service is missing answers 503 or 404 to everyone.',
      remedy: 'name a Service of the same namespace, and a port that it has',
    },
    function* (scope) {
      for (const at of scope.ofKind('Ingress')) {
        for (const [index, rule] of asList(at.object.spec?.rules).entries()) {
          const paths = asList(rule.http?.paths);
          if (paths.length === 0) {
            yield {
              at,
              field: `spec.rules[${index}].http.paths`,
              message: `the host ${rule.host} leads to no service`,
            };
          }
          for (const [position, path] of paths.entries()) {
            const field = `spec.rules[${index}].http.paths[${position}].backend.service`;
            const { name, port } = path.backend?.service ?? {};
            yield* missingBackend(scope, at, field, `the host ${rule.host} leads to`, name, port?.name ?? port?.number);
          }
        }
      }
      for (const at of scope.ofKind('IngressRoute')) {
        for (const [index, route] of asList(at.object.spec?.routes).entries()) {
          for (const [position, service] of asList(route.services).entries()) {
            if (service.kind === 'TraefikService') continue;
            const field = `spec.routes[${index}].services[${position}]`;
            yield* missingBackend(
              scope,
              at,
              field,
              'the route leads to',
              service.name,
              service.port,
              service.namespace,
            );
          }
        }
      }
      for (const at of scope.ofKind('Middleware')) {
        const service = at.object.spec?.errors?.service;
        if (service)
          yield* missingBackend(
            scope,
            at,
            'spec.errors.service',
            'the page is asked of',
            service.name,
            service.port,
            service.namespace,
          );
      }
    },
  ),
  wiringRule(
    {
      id: 'forward-auth-addresses-exist',
      why: 'When Traefik cannot reach the authentication service, every request that passes it fails.',
      remedy: 'use the address http://<service>.<namespace>.svc.cluster.local:<port> of a Service that exists',
    },
    function* (scope) {
      for (const at of scope.ofKind('Middleware')) {
        const address: string | undefined = at.object.spec?.forwardAuth?.address;
        if (address === undefined) continue;
        const match = /^https?:\/\/([a-z0-9-]+)\.([a-z0-9-]+)(?:\.svc(?:\.cluster\.local)?)?(?::(\d+))?(?:[/?]|$)/.exec(
          address,
        );
        if (!match) {
          const message = `"${address}" is no address of a Service of the cluster`;
          yield { at, field: 'spec.forwardAuth.address', message };
          continue;
        }
        const port = match[3] ? Number(match[3]) : 80;
        yield* missingBackend(
          scope,
          at,
          'spec.forwardAuth.address',
          'authentication is asked of',
          match[1],
          port,
          match[2],
        );
      }
    },
  ),
  wiringRule(
    {
      id: 'stateful-sets-have-their-service',
      why: 'Without the headless Service the pods of a StatefulSet have no names in DNS.',
      remedy: 'add a Service with clusterIP None of that name',
    },
    function* (scope) {
      for (const at of scope.ofKind('StatefulSet')) {
        const name: string | undefined = at.object.spec?.serviceName;
        const service = name ? scope.find('Service', at.namespace, name) : undefined;
        if (service?.object.spec?.clusterIP === 'None') continue;
        yield { at, field: 'spec.serviceName', message: `there is no headless Service ${name ?? ''}`.trim() };
      }
    },
  ),
  wiringRule(
    {
      id: 'network-policies-select-pods',
      why: 'A policy that selects nothing protects nothing, and a peer that matches nothing is let nothing through.',
      remedy: 'use the labels of the pods that are meant',
    },
    function* (scope, { podsOfCharts = [] }) {
      const exists = (namespace: string, labels: Readonly<Record<string, string>>) =>
        scope.podsMatching(namespace, labels).length > 0 ||
        (namespace === 'kube-system' && podsOfK3s(labels) !== undefined) ||
        podsOfCharts.some((pods) => pods.namespace === namespace && hasLabels(pods.labels, labels));
      for (const at of scope.ofKind('NetworkPolicy')) {
        const selector = at.object.spec?.podSelector?.matchLabels ?? {};
        if (Object.keys(selector).length > 0 && !exists(at.namespace, selector)) {
          yield { at, field: 'spec.podSelector', message: `no pod has the labels ${inWords(selector)}` };
        }
        for (const { peers, peersField } of [
          ...policyRulesOf(at.object, 'ingress'),
          ...policyRulesOf(at.object, 'egress'),
        ]) {
          for (const [position, { podSelector, namespaceSelector }] of peers.entries()) {
            const labels = podSelector?.matchLabels;
            if (!labels || namespaceSelector || exists(at.namespace, labels)) continue;
            yield {
              at,
              field: `${peersField}[${position}].podSelector`,
              message: `no pod has the labels ${inWords(labels)}`,
            };
          }
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'disruption-budgets-select-pods',
      why: 'A budget that selects nothing lets a drain stop every pod at once.',
      remedy: 'give the budget the labels of the pods it protects',
    },
    function* (scope) {
      for (const at of scope.ofKind('PodDisruptionBudget')) {
        const labels = at.object.spec?.selector?.matchLabels ?? {};
        if (Object.keys(labels).length > 0 && scope.podsMatching(at.namespace, labels).length > 0) continue;
        yield { at, field: 'spec.selector', message: `no pod has the labels ${inWords(labels)}` };
      }
    },
  ),
];

function hasLabels(all: Readonly<Record<string, string>>, some: Readonly<Record<string, string>>): boolean {
  return Object.entries(some).every(([key, value]) => all[key] === value);
}

function* missingBackend(
  scope: Scope,
  at: PlacedObject,
  field: string,
  lead: string,
  name: string | undefined,
  port: number | string | undefined,
  namespace = at.namespace,
): Iterable<Violation> {
  const service = name ? scope.find('Service', namespace, name) : undefined;
  if (!service) {
    yield { at, field, message: `${lead} the Service ${name ?? '(none named)'}, which does not exist` };
    return;
  }
  const ports = asList(service.object.spec?.ports);
  if (ports.some((candidate) => candidate.port === port || candidate.name === port)) return;
  const known = ports.map((candidate) => candidate.port).join(', ') || 'none';
  yield { at, field, message: `${lead} port ${port ?? '(none named)'} of ${service.label}, which has ${known}` };
}

function declaresPort(pod: PodTemplate, port: number | string | undefined): boolean {
  return pod.containers.some(({ spec }) =>
    asList(spec.ports).some((candidate) => candidate.containerPort === port || candidate.name === port),
  );
}

/** Labels as people write them. */
function inWords(labels: Readonly<Record<string, string>>): string {
  return (
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(', ') || '(none)'
  );
}
