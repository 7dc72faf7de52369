import { isPlaced } from '../objects/kinds';
import { valuesOf } from '../objects/chart-values';
import { asTexts, asList } from '../objects/pod-template';
import type { PlacedObject } from '../objects/placed-object';
import { objectRule, wiringRule, type Rule, type Violation } from '../rule';

/** Rules of who may do what to the API server. */
export const roleRules: readonly Rule[] = [
  objectRule(
    {
      id: 'roles-stay-below-administration',
      why: 'Whoever may read Secrets, run commands in pods or hand out rights can become cluster-admin.',
      remedy: 'name the few kinds and verbs that the software needs, or except the role with a reason',
    },
    function* (at) {
      for (const { values, field } of valuesOf(at))
        for (const { path, rule } of rulesIn(values)) yield* judgeRule(at, rule, `${field}: ${path}`);
      if (!isPlaced(at, 'Role', 'ClusterRole')) return;
      yield* aggregation(at);
      for (const [index, rule] of asList(at.object.rules).entries()) yield* judgeRule(at, rule, `rules[${index}]`);
    },
  ),
  wiringRule(
    {
      id: 'bindings-name-their-role-and-account',
      why: 'A right bound to a default account or to a group is everybody’s, and cluster-admin may do anything.',
      remedy: 'bind a role that is rendered here to a service account of its own',
    },
    function* (scope) {
      for (const at of scope.ofKind('RoleBinding', 'ClusterRoleBinding')) {
        const { kind = '', name = '' } = at.object.roleRef ?? {};
        const namespace = kind === 'Role' ? at.namespace : '';
        if (BUILT_IN_ADMINISTRATORS.test(name)) {
          yield { at, field: 'roleRef.name', message: `${kind} ${name} may do what no software of ours needs` };
        } else if (name !== 'view' && !scope.find(kind, namespace, name)) {
          yield { at, field: 'roleRef.name', message: `there is no ${kind} ${name}` };
        }
        for (const [index, subject] of asList(at.object.subjects).entries()) {
          const field = `subjects[${index}]`;
          if (subject.kind !== 'ServiceAccount') {
            yield { at, field, message: `the right goes to ${subject.kind} ${subject.name}, and not to one account` };
          } else if (subject.name === 'default') {
            yield { at, field, message: `the right goes to every pod of ${subject.namespace ?? at.namespace}` };
          } else if (!scope.find('ServiceAccount', subject.namespace ?? at.namespace, subject.name)) {
            yield {
              at,
              field,
              message: `there is no ServiceAccount ${subject.namespace ?? at.namespace}/${subject.name}`,
            };
          }
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'administrators-are-listed',
      why: 'What these objects ask for is done with the rights of cluster-admin, whatever the AppProject permits.',
      remedy: 'remove it, or let a reviewer add it to the list of administrators',
    },
    function* (scope, { reviewed }) {
      for (const at of scope.ofKind(...ADMINISTERING_KINDS)) {
        const name = [at.object.kind, at.namespace, at.object.metadata.name].filter(Boolean).join('/');
        if (reviewed.administrators.includes(name)) continue;
        const message = `${name} acts as cluster-admin and is not among the administrators`;
        yield { at, field: 'metadata.name', message, remedy: `remove it, or add "${name}" to ${reviewed.file}` };
      }
    },
  ),
];

/** Rules of a role as values of a chart have them, with the path that leads there. */
function rulesIn(value: unknown, path = ''): { path: string; rule: RoleRule }[] {
  if (typeof value !== 'object' || value === null) return [];
  const { verbs, resources } = value as RoleRule;
  if (Array.isArray(verbs) && Array.isArray(resources)) return [{ path, rule: value as RoleRule }];
  return Object.entries(value).flatMap(([key, item]) => rulesIn(item, path === '' ? key : `${path}.${key}`));
}

interface RoleRule {
  readonly apiGroups?: unknown;
  readonly resources?: unknown;
  readonly resourceNames?: unknown;
  readonly verbs?: unknown;
  readonly nonResourceURLs?: unknown;
}

function* judgeRule(at: PlacedObject, rule: RoleRule, place: string): Iterable<Violation> {
  const field = (name: string) => `${place}.${name}`;
  for (const name of ['apiGroups', 'resources', 'verbs', 'nonResourceURLs'] as const) {
    if (!asTexts(rule[name]).some((text) => text.includes('*'))) continue;
    yield { at, field: field(name), message: `"*" in ${name} permits what is not known today` };
  }
  const verb = asTexts(rule.verbs).find((text) => ESCALATING_VERBS.has(text.toLowerCase()));
  if (verb) yield { at, field: field('verbs'), message: `the verb ${verb} hands out rights` };
  for (const resource of asTexts(rule.resources)) {
    if (resource === 'secrets' && readsNamedOnes(rule)) continue;
    const harm = harmOf(resource.toLowerCase(), asTexts(rule.verbs));
    if (harm) yield { at, field: field('resources'), message: `${resource}: ${harm}` };
  }
}

/** Who may get Secrets by their names reads these; a list or a watch would hold all others. */
function readsNamedOnes({ resourceNames, verbs }: RoleRule): boolean {
  return asTexts(resourceNames).length > 0 && asTexts(verbs).every((verb) => verb === 'get');
}

/** Kinds through which anything can be done: Helm's job is cluster-admin, webhooks and API services see every request. */
const ADMINISTERING_KINDS = [
  'HelmChart',
  'HelmChartConfig',
  'Addon',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
  'ValidatingAdmissionPolicyBinding',
  'MutatingAdmissionPolicyBinding',
  'APIService',
  'CustomResourceDefinition',
];

const ESCALATING_VERBS = new Set(['bind', 'escalate', 'impersonate', 'approve', 'sign']);
const BUILT_IN_ADMINISTRATORS = /^(cluster-admin|admin|edit|system:.*)$/;
const READING = ['get', 'list', 'watch'];

/** Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks */
function harmOf(resource: string, verbs: readonly string[]): string | undefined {
  const writes = verbs.some((verb) => ![...READING].includes(verb.toLowerCase()));
  if (resource === 'secrets' || resource.startsWith('secrets/')) return 'every password of the namespace is in reach';
  if (/^pods\/(exec|attach|portforward|ephemeralcontainers)$/.test(resource)) return 'commands can be run in any pod';
  if (/^serviceaccounts\/token$/.test(resource)) return 'tokens of other accounts can be made';
  if (/^nodes\/proxy$/.test(resource)) return "the kubelet's own API is in reach, past every audit";
  if (/^certificatesigningrequests/.test(resource) && writes) return 'certificates of other users can be made';
  if (/(role|clusterrole)(binding)?s$/.test(resource) && writes) return 'rights can be handed out';
  if (/webhookconfigurations$/.test(resource) && writes) return 'every request to the API server can be changed';
  if (/^persistentvolumes$/.test(resource) && writes) return 'a volume can be a path of any node';
  if (/^(pods|deployments|daemonsets|statefulsets|jobs|cronjobs|replicasets)$/.test(resource) && writes)
    return 'a pod can be made that uses any account of the namespace';
  return undefined;
}

/** An aggregated role gets rules by labels that nobody sees here, and a labelled one gives its rules to built-in roles. */
function* aggregation(at: PlacedObject): Iterable<Violation> {
  if (at.object.aggregationRule) {
    yield { at, field: 'aggregationRule', message: 'the role takes the rules of whatever carries its labels' };
  }
  for (const label of Object.keys(at.object.metadata.labels ?? {})) {
    if (!label.startsWith('rbac.authorization.k8s.io/aggregate-to-')) continue;
    yield { at, field: `metadata.labels["${label}"]`, message: 'the rules are given to a built-in role as well' };
  }
}
