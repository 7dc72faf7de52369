import { podsOfK3s } from '../objects/k3s-pods';
import { asList, asTexts } from '../objects/pod-template';
import type { Scope } from '../objects/scope';
import { peersOf } from '../wiring/edges';
import type { Host } from '../../kubernetes/inventory';
import type { PlacedOf } from '../objects/kinds';
import { wiringRule, type Rule, type Violation } from '../rule';

/** Rules of the ports that policies open. */
export const policyPortRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'policies-open-what-listens',
      why: 'A port that is open and that nothing was meant to listen on waits for a program that does.',
      remedy: 'name the ports of the containers that the policy selects, and the pods by labels that they have',
    },
    function* (scope, { inventory }) {
      for (const at of scope.ofKind('NetworkPolicy')) {
        yield* machinePorts(at, inventory.hosts);
        const labels = at.object.spec?.podSelector?.matchLabels ?? {};
        if (!asTexts(at.object.spec?.policyTypes).includes('Ingress') || Object.keys(labels).length === 0) continue;
        const listened = portsOf(scope, at.namespace, labels);
        for (const { field, ports, pods } of peersOf(at, 'ingress')) {
          const open = ports.find(({ port }) => listened && typeof port === 'number' && !listened.includes(port));
          if (open)
            yield {
              at,
              field: field.replace(/\.from\[\d+\]$/, '.ports'),
              message: `nothing that it selects listens on ${open.port}`,
            };
          const balanced = pods?.[LOAD_BALANCER];
          if (balanced !== undefined && !podsOfK3s(pods ?? {}))
            yield {
              at,
              field,
              message: `K3s balances no Service ${balanced}; its pods for Traefik have ${LOAD_BALANCER}=traefik`,
            };
        }
      }
    },
  ),
];

/** The API server of K3s: https://docs.k3s.io/installation/requirements#networking */
const API_SERVER = 6443;
const SSH = 22;

/** Ports of the machines themselves that a policy lets its pods call. */
function* machinePorts(at: PlacedOf<'NetworkPolicy'>, hosts: readonly Host[]): Iterable<Violation> {
  const server = hosts.find(({ role }) => role === 'server');
  for (const { field, block, ports } of peersOf(at, 'egress')) {
    const where = field.replace(/\.to\[\d+\]$/, '.ports');
    if (block === `${server?.address}/32` && !ports.some(({ port }) => port === API_SERVER))
      yield { at, field: where, message: `${server?.name} answers on ${API_SERVER} alone, which is not among them` };
    if (block !== undefined && block !== '0.0.0.0/0' && ports.some(({ port }) => port === SSH))
      yield { at, field: where, message: `${SSH} is SSH of the machines, which no pod needs` };
  }
}

const LOAD_BALANCER = 'svccontroller.k3s.cattle.io/svcname';
/** The pages of Traefik about itself, which nobody may open. */
const OWN_PAGES = 8080;

/** Ports of the pods that labels mean; undefined where it is not known which pods those are. */
function portsOf(
  scope: Scope,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): readonly number[] | undefined {
  const ofK3s = podsOfK3s(labels)?.ports.filter((port) => port !== OWN_PAGES);
  if (ofK3s) return ofK3s;
  const pods = scope.podsMatching(namespace, labels);
  if (pods.length === 0) return undefined;
  return pods.flatMap(({ containers }) =>
    containers.flatMap(({ spec }) => asList(spec.ports).map(({ containerPort }) => Number(containerPort))),
  );
}
