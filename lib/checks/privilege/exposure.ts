import { isPlaced } from '../objects/kinds';
import type { PlacedObject } from '../objects/placed-object';
import { asList } from '../objects/pod-template';
import { objectRule, wiringRule, type Rule, type Violation } from '../rule';

const ENFORCE = 'pod-security.kubernetes.io/enforce';

/** Rules of what is open to hosts outside, and of what pods of a namespace may be. */
export const exposureRules: readonly Rule[] = [
  objectRule(
    {
      id: 'services-stay-inside',
      why: 'K3s opens node ports and load balancers on every node, those with Wi-Fi too, and past sign-in.',
      remedy: 'make it a ClusterIP Service and publish it through the gateway',
    },
    function* (at) {
      if (!isPlaced(at, 'Service')) return;
      const { type = 'ClusterIP', externalIPs, loadBalancerIP, ports } = at.object.spec ?? {};
      if (type === 'ExternalName') {
        yield { at, field: 'spec.type', message: 'the name stands for a host outside, past every network policy' };
      } else if (type !== 'ClusterIP') {
        yield { at, field: 'spec.type', message: `a Service of type ${type} is open to hosts outside` };
      }
      if (externalIPs && externalIPs.length > 0) {
        yield { at, field: 'spec.externalIPs', message: 'nodes take connections to these addresses from outside' };
      }
      if (loadBalancerIP) yield { at, field: 'spec.loadBalancerIP', message: 'an address outside is asked for' };
      for (const [index, port] of asList(ports).entries()) {
        if (port.nodePort) {
          const field = `spec.ports[${index}].nodePort`;
          yield { at, field, message: `port ${port.nodePort} of every node is taken` };
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'namespaces-enforce-pod-security',
      why: 'Without an enforced level a pod of the namespace may be root on its node.',
      remedy: `label it ${ENFORCE}: restricted, or let a reviewer add it to the list of namespaces`,
    },
    function* (scope, { reviewed }) {
      for (const at of scope.ofKind('Namespace')) {
        const { name, labels } = at.object.metadata;
        yield* unknownLevels(at, labels ?? {});
        const agreed = Object.hasOwn(reviewed.podSecurity, name) ? reviewed.podSecurity[name] : 'restricted';
        const level = labels?.[ENFORCE];
        if (level === agreed || level === 'restricted') continue;
        yield {
          at,
          field: `metadata.labels["${ENFORCE}"]`,
          message: `pods are held to ${level ?? 'no level'}, and ${agreed} is what was agreed to`,
          remedy: `label it ${ENFORCE}: ${agreed}, or let a reviewer add "${name}" to podSecurity in ${reviewed.file}`,
        };
      }
    },
  ),
  {
    id: 'privileged-namespaces-are-guarded',
    why: 'The level holds for every pod of the namespace, so that one pod that needs its host gives the host to all others.',
    remedy: 'bind a ValidatingAdmissionPolicy that denies to its pods what the one of them needs',
    // A guard may come by another Application than its namespace.
    over: 'object',
    *check(scope) {
      for (const at of scope.ofKind('Namespace')) {
        const { name, labels: own } = at.object.metadata;
        const labels: Readonly<Record<string, string>> = { ...own, [NAMESPACE_NAME]: name };
        if (labels[ENFORCE] !== 'privileged') continue;
        const guards = scope.ofKind('ValidatingAdmissionPolicyBinding').flatMap(({ object }) => {
          const binding = (object.spec ?? {}) as AdmissionBinding;
          const policy = scope.find('ValidatingAdmissionPolicy', '', String(binding.policyName))?.object.spec;
          return policy && refuses(binding, labels) && looksAtPods(policy) ? [policy as AdmissionPolicy] : [];
        });
        const texts = guards.map(({ variables, validations }) => JSON.stringify([variables, validations])).join();
        const open = HOST_FIELDS.filter((field) => !texts.includes(field));
        if (open.length === 0) continue;
        const message = `no admission policy says which of its pods may have ${open.join(', ')}`;
        yield { at, field: `metadata.labels["${ENFORCE}"]`, message };
      }
    },
  },
];

const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

/** What gives a pod its host. */
const HOST_FIELDS = ['hostNetwork', 'hostPID', 'hostPath', 'privileged', 'capabilities'];

/** The fields of a ValidatingAdmissionPolicyBinding that say whom it refuses. */
interface AdmissionBinding {
  readonly policyName?: string;
  readonly validationActions?: readonly string[];
  readonly matchResources?: {
    readonly namespaceSelector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  };
}

/** The fields of a ValidatingAdmissionPolicy that say what it looks at. */
interface AdmissionPolicy {
  readonly failurePolicy?: string;
  readonly variables?: readonly object[];
  readonly validations?: readonly object[];
  readonly matchConstraints?: {
    readonly resourceRules?: readonly {
      readonly resources?: readonly string[];
      readonly operations?: readonly string[];
    }[];
  };
}

/** Whether a binding denies, and to pods of a namespace with these labels. */
function refuses(
  { validationActions = [], matchResources }: AdmissionBinding,
  labels: Readonly<Record<string, string>>,
): boolean {
  const wanted = Object.entries(matchResources?.namespaceSelector?.matchLabels ?? {});
  return validationActions.includes('Deny') && wanted.every(([key, value]) => labels[key] === value);
}

function looksAtPods({ failurePolicy, matchConstraints }: AdmissionPolicy): boolean {
  const holds = (list: readonly string[] = [], text: string) => list.includes(text) || list.includes('*');
  return (
    failurePolicy !== 'Ignore' &&
    (matchConstraints?.resourceRules ?? []).some(
      ({ resources, operations }) => holds(resources, 'pods') && holds(operations, 'CREATE'),
    )
  );
}

const LEVELS = ['privileged', 'baseline', 'restricted'];

/** Labels of Pod Security admission that it does not read. */
function* unknownLevels(at: PlacedObject, labels: Readonly<Record<string, string>>): Iterable<Violation> {
  for (const [label, value] of Object.entries(labels)) {
    if (!label.startsWith('pod-security.kubernetes.io/')) continue;
    const [, mode = '', version] = /\/(enforce|audit|warn)(-version)?$/.exec(label) ?? [];
    const form = version ? /^(latest|v1\.\d+)$/.test(value) : LEVELS.includes(value);
    if (mode !== '' && form) continue;
    const message =
      mode === ''
        ? 'admission reads no label of this name'
        : `"${value}" is no ${version ? 'version, such as v1.34' : 'level'}`;
    yield { at, field: `metadata.labels["${label}"]`, message };
  }
}
