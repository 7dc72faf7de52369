import { isKind, type Kinds } from '../../../checks/objects/kinds';
import { asList, podSpecOf } from '../../../checks/objects/pod-template';
import type { ObjectOf, ContainerSpec, PodSpec } from '../../../kubernetes/kinds/core-kinds';
import type { KubernetesObject } from '../../../kubernetes/object';
import { imageName, parseImage } from '../../../kubernetes/image';
import { parseQuantity } from '../../../kubernetes/quantity';
import type { Effected, ObjectPair } from './consequence';

/** What a pod, an account or Argo CD may do after a change and could not before. */
export function rights({ was, is }: ObjectPair): Effected[] {
  if (!is) return was?.kind === 'ResourceQuota' ? [right('', 'without the quota nothing bounds its namespace')] : [];
  if (isKind(is, 'RoleBinding', 'ClusterRoleBinding'))
    return subjects(isKind(was, 'RoleBinding', 'ClusterRoleBinding') ? was : undefined, is);
  if (isKind(is, 'Role', 'ClusterRole')) return rules(isKind(was, 'Role', 'ClusterRole') ? was : undefined, is);
  if (isKind(is, 'AppProject')) return projectWidened(isKind(was, 'AppProject') ? was : undefined, is);
  if (is.kind === 'Namespace') return podSecurity(was, is);
  if (isKind(is, 'ResourceQuota') && isKind(was, 'ResourceQuota')) return quotaRaised(was, is);
  return podsGainedMore(was, is);
}

function right(field: string, sentence: string): Effected {
  return { effect: 'right', field, sentence };
}

type Role = ObjectOf<'Role' | 'ClusterRole'>;
type RoleRule = NonNullable<Role['rules']>[number];

function rules(was: Role | undefined, is: Role): Effected[] {
  const before = asList(was?.rules);
  const isAggregated = Object.keys(is.metadata.labels ?? {}).some((key) => key.includes('/aggregate-to-'));
  // A new role grants nothing until it is bound, but for one that is added to others.
  if (!was && !isAggregated) return [];
  return asList(is.rules).flatMap((rule, index) => {
    const more = permissionsIn(rule).filter((one) => !before.some((other) => covers(other, one)));
    if (more.length === 0) return [];
    const names = [...new Set(more.map(({ verb, what }) => `${verb} ${what}`))];
    const shown = names.length <= 4 ? names.join(', ') : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`;
    return [right(`rules[${index}]`, `who is bound to it may now ${shown}`)];
  });
}

interface Permission {
  readonly verb: string;
  readonly what: string;
  readonly group?: string;
  readonly resource?: string;
  readonly url?: string;
  readonly name?: string;
}

function permissionsIn(rule: RoleRule): Permission[] {
  const names = rule.resourceNames?.length ? rule.resourceNames : [undefined];
  return (rule.verbs ?? []).flatMap((verb) => [
    ...(rule.nonResourceURLs ?? []).map((url) => ({ verb, what: url, url })),
    ...(rule.apiGroups ?? []).flatMap((group) =>
      (rule.resources ?? []).flatMap((resource) =>
        names.map((name) => {
          const shown = group === '' ? resource : `${resource}.${group}`;
          return { verb, what: name === undefined ? shown : `${shown} ${name}`, group, resource, name };
        }),
      ),
    ),
  ]);
}

function covers(rule: RoleRule, { verb, group, resource, url, name }: Permission): boolean {
  const has = (values: readonly string[] = [], value: string) => values.some((one) => one === '*' || one === value);
  if (!has(rule.verbs, verb)) return false;
  if (url !== undefined)
    return (rule.nonResourceURLs ?? []).some((one) =>
      one.endsWith('*') ? url.startsWith(one.slice(0, -1)) : one === url,
    );
  const subresource = resource!.includes('/') ? `*/${resource!.split('/')[1]}` : resource!;
  if (!has(rule.apiGroups, group!) || !(has(rule.resources, resource!) || has(rule.resources, subresource)))
    return false;
  return !rule.resourceNames?.length || (name !== undefined && rule.resourceNames.includes(name));
}

type Binding = ObjectOf<'RoleBinding' | 'ClusterRoleBinding'>;

function subjects(was: Binding | undefined, is: Binding): Effected[] {
  const shown = (one: NonNullable<Binding['subjects']>[number]) =>
    `${one.kind} ${one.namespace ? `${one.namespace}/` : ''}${one.name}`;
  const before = new Set(asList(was?.subjects).map(shown));
  return asList(is.subjects).flatMap((one, index) =>
    before.has(shown(one))
      ? []
      : [right(`subjects[${index}]`, `${shown(one)} gets ${is.roleRef?.kind} ${is.roleRef?.name}`)],
  );
}

type Project = ObjectOf<'AppProject', Kinds>;

function projectWidened(was: Project | undefined, is: Project): Effected[] {
  const fields = ['sourceRepos', 'destinations', 'clusterResourceWhitelist', 'namespaceResourceWhitelist'] as const;
  const shown = (one: string | object) =>
    typeof one === 'string' ? one : Object.values(one).filter(Boolean).join(' ');
  const more = fields.flatMap((field) => {
    // No list of namespaced kinds permits all of them.
    if (field === 'namespaceResourceWhitelist' && was && !was.spec?.[field]) return [];
    const before = new Set(entries(was, field).map(shown));
    return entries(is, field)
      .filter((one) => !before.has(shown(one)))
      .map((one) => right(`spec.${field}`, `Argo CD may now use ${shown(one)}`));
  });
  const less = (['clusterResourceBlacklist', 'namespaceResourceBlacklist'] as const).flatMap((field) => {
    const after = new Set(entries(is, field).map(shown));
    return entries(was, field)
      .filter((one) => !after.has(shown(one)))
      .map((one) => right(`spec.${field}`, `Argo CD is no longer forbidden ${shown(one)}`));
  });
  return [...more, ...less];
}

type ProjectList = 'sourceRepos' | 'destinations' | `${'cluster' | 'namespace'}Resource${'White' | 'Black'}list`;

const entries = (project: Project | undefined, field: ProjectList): readonly (string | object)[] =>
  project?.spec?.[field] ?? [];

const POD_SECURITY = 'pod-security.kubernetes.io/enforce';
const LEVELS = ['privileged', 'baseline', 'restricted'];

function podSecurity(was: KubernetesObject | undefined, is: KubernetesObject): Effected[] {
  if (!was) return [];
  const [before, after] = [was, is].map(({ metadata }) => metadata.labels?.[POD_SECURITY] ?? 'privileged') as [
    string,
    string,
  ];
  if (LEVELS.indexOf(after) >= LEVELS.indexOf(before)) return [];
  return [right(`metadata.labels["${POD_SECURITY}"]`, `pods may now be ${after}, and were held to ${before}`)];
}

function quotaRaised(was: ObjectOf<'ResourceQuota'>, is: ObjectOf<'ResourceQuota'>): Effected[] {
  return Object.entries(was.spec?.hard ?? {}).flatMap(([name, before]) => {
    const after = is.spec?.hard?.[name];
    const [old, fresh] = [before, after].map((amount) => parseQuantity(String(amount)));
    if (old !== undefined && fresh !== undefined && fresh < old) {
      const sentence = `at most ${String(after)} of ${name} instead of ${String(before)}: what is above that is not started again`;
      return [{ effect: 'stops', field: `spec.hard["${name}"]`, sentence }];
    }
    const isSwitch = String(before) === '0';
    if (!isSwitch || String(after) === '0') return [];
    return [right(`spec.hard["${name}"]`, `${name} were forbidden, and ${after === undefined ? 'are bounded no more' : `${String(after)} are allowed`}`)];
  }); // prettier-ignore
}

function podsGainedMore(was: KubernetesObject | undefined, is: KubernetesObject): Effected[] {
  const pod = podSpecOf(is);
  if (!pod?.containers) return [];
  const before = new Set(privileges(podSpecOf(was)));
  const gained = privileges(pod).filter((one) => !before.has(one));
  return [...otherCode(podSpecOf(was), pod), ...gained].map((one) => right('spec.template.spec', one));
}

/** Containers whose code comes from elsewhere, and inherits all that they may do. */
function otherCode(was: PodSpec | undefined, pod: PodSpec): string[] {
  if (!was) return [];
  const nameOf = (image: string | undefined) => {
    const parsed = image === undefined ? undefined : parseImage(image);
    return parsed && imageName(parsed);
  };
  const known = new Set(containersOf(was).map(({ image }) => nameOf(image)));
  return containersOf(pod).flatMap(({ name, image }) => {
    const from = nameOf(containersOf(was).find((one) => one.name === name)?.image);
    const to = nameOf(image);
    if (to === undefined || from === to) return [];
    if (from !== undefined) return [`container ${name} runs the code of ${to}, instead of ${from}`];
    return known.has(to) ? [] : [`container ${name} is new, and runs the code of ${to}`];
  });
}

const containersOf = (pod: PodSpec): ContainerSpec[] => [...asList(pod.initContainers), ...asList(pod.containers)];

/** What pods have beyond a plain, unprivileged pod, as sentences. */
function privileges(pod: PodSpec | undefined): string[] {
  if (!pod) return [];
  const security = pod.securityContext ?? {};
  const found: string[] = [];
  for (const space of ['hostNetwork', 'hostPID', 'hostIPC'] as const)
    if (pod[space]) found.push(`its pods share ${space}`);
  for (const { name, hostPath } of asList(pod.volumes))
    if (hostPath) found.push(`its pods may reach ${hostPath.path} of the node (volume ${name})`);
  if (pod.automountServiceAccountToken !== false)
    found.push(`its pods carry the token of the account ${pod.serviceAccountName ?? 'default'}`);
  else if ((pod.serviceAccountName ?? 'default') !== 'default')
    found.push(`its pods run as the account ${pod.serviceAccountName}, though without its token`);
  if (pod.priorityClassName) found.push(`its pods may push out pods below the priority class ${pod.priorityClassName}`);
  for (const container of containersOf(pod)) {
    const own = { ...container.securityContext };
    const say = (text: string) => found.push(`container ${container.name} ${text}`);
    if (own.privileged) say('is privileged');
    if (own.allowPrivilegeEscalation !== false) say('may escalate its privileges');
    if ((own.runAsNonRoot ?? security.runAsNonRoot) !== true) say('may run as root');
    if ((own.runAsUser ?? security.runAsUser) === 0) say('runs as root');
    if (own.readOnlyRootFilesystem !== true) say('may write to its root file system');
    if (!container.resources?.limits?.['memory']) say('may use all memory of its node');
    for (const capability of own.capabilities?.add ?? []) say(`has the capability ${capability}`);
    if (!own.capabilities?.drop?.includes('ALL')) say('keeps the default capabilities');
    if ((own.seccompProfile ?? security.seccompProfile)?.type === 'Unconfined') say('runs without seccomp');
    for (const variable of asList(container.env)) {
      const secret = variable.valueFrom?.secretKeyRef;
      if (secret) say(`reads the key ${secret.key} of Secret ${secret.name}`);
    }
    for (const { secretRef } of asList(container.envFrom)) if (secretRef) say(`reads all of Secret ${secretRef.name}`);
  }
  for (const { secret, projected } of asList(pod.volumes)) {
    const names = [secret?.secretName, ...asList(projected?.sources).map((source) => source.secret?.name)];
    for (const name of names) if (name) found.push(`its pods read Secret ${name} as files`);
  }
  return found;
}
