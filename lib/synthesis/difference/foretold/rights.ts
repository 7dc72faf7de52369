import { imageName, parseImage } from '../../../kubernetes/image';
import { parseQuantity } from '../../../kubernetes/quantity';
import { groupOf, type Effected, type ObjectPair } from './consequence';

/* eslint-disable @typescript-eslint/no-explicit-any -- fields of an object are read as they come */

/** What a pod, an account or Argo CD may do after a change and could not before. */
export function rights({ was, is }: ObjectPair): Effected[] {
  if (!is) return was?.kind === 'ResourceQuota' ? [right('', 'without the quota nothing bounds its namespace')] : [];
  const group = groupOf(is);
  if (group === 'rbac.authorization.k8s.io') return is.kind.endsWith('Binding') ? subjects(was, is) : rules(was, is);
  if (is.kind === 'AppProject') return projectWidened(was, is);
  if (is.kind === 'Namespace') return podSecurity(was, is);
  if (is.kind === 'ResourceQuota' && was) return quotaRaised(was, is);
  return podsGainedMore(was, is);
}

function right(field: string, sentence: string): Effected {
  return { effect: 'right', field, sentence };
}

function rules(was: any, is: any): Effected[] {
  const before = list(was?.rules);
  const isAggregated = Object.keys(is.metadata.labels ?? {}).some((key) => key.includes('/aggregate-to-'));
  // A new role grants nothing until it is bound, but for one that is added to others.
  if (!was && !isAggregated) return [];
  return list(is.rules).flatMap((rule, index) => {
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

function permissionsIn(rule: any): Permission[] {
  const names: (string | undefined)[] = rule.resourceNames?.length > 0 ? rule.resourceNames : [undefined];
  return list(rule.verbs).flatMap((verb: string) => [
    ...list(rule.nonResourceURLs).map((url: string) => ({ verb, what: url, url })),
    ...list(rule.apiGroups).flatMap((group: string) =>
      list(rule.resources).flatMap((resource: string) =>
        names.map((name) => {
          const shown = group === '' ? resource : `${resource}.${group}`;
          return { verb, what: name === undefined ? shown : `${shown} ${name}`, group, resource, name };
        }),
      ),
    ),
  ]);
}

function covers(rule: any, { verb, group, resource, url, name }: Permission): boolean {
  const has = (values: unknown, value: string) => list(values).some((one) => one === '*' || one === value);
  if (!has(rule.verbs, verb)) return false;
  if (url !== undefined)
    return list(rule.nonResourceURLs).some((one: string) =>
      one.endsWith('*') ? url.startsWith(one.slice(0, -1)) : one === url,
    );
  const subresource = resource!.includes('/') ? `*/${resource!.split('/')[1]}` : resource!;
  if (!has(rule.apiGroups, group!) || !(has(rule.resources, resource!) || has(rule.resources, subresource)))
    return false;
  return !(rule.resourceNames?.length > 0) || (name !== undefined && rule.resourceNames.includes(name));
}

function subjects(was: any, is: any): Effected[] {
  const shown = (one: any) => `${one.kind} ${one.namespace ? `${one.namespace}/` : ''}${one.name}`;
  const before = new Set(list(was?.subjects).map(shown));
  return list(is.subjects).flatMap((one, index) =>
    before.has(shown(one))
      ? []
      : [right(`subjects[${index}]`, `${shown(one)} gets ${is.roleRef?.kind} ${is.roleRef?.name}`)],
  );
}

function projectWidened(was: any, is: any): Effected[] {
  const fields = ['sourceRepos', 'destinations', 'clusterResourceWhitelist', 'namespaceResourceWhitelist'];
  const shown = (one: any) => (typeof one === 'string' ? one : Object.values(one).filter(Boolean).join(' '));
  const more = fields.flatMap((field) => {
    // No list of namespaced kinds permits all of them.
    if (field === 'namespaceResourceWhitelist' && was && !was.spec?.[field]) return [];
    const before = new Set(list(was?.spec?.[field]).map(shown));
    return list(is.spec?.[field])
      .filter((one) => !before.has(shown(one)))
      .map((one) => right(`spec.${field}`, `Argo CD may now use ${shown(one)}`));
  });
  const less = ['clusterResourceBlacklist', 'namespaceResourceBlacklist'].flatMap((field) => {
    const after = new Set(list(is.spec?.[field]).map(shown));
    return list(was?.spec?.[field])
      .filter((one) => !after.has(shown(one)))
      .map((one) => right(`spec.${field}`, `Argo CD is no longer forbidden ${shown(one)}`));
  });
  return [...more, ...less];
}

const POD_SECURITY = 'pod-security.kubernetes.io/enforce';
const LEVELS = ['privileged', 'baseline', 'restricted'];

function podSecurity(was: any, is: any): Effected[] {
  if (!was) return [];
  const [before, after] = [was, is].map(({ metadata }) => metadata.labels?.[POD_SECURITY] ?? 'privileged');
  if (LEVELS.indexOf(after) >= LEVELS.indexOf(before)) return [];
  return [right(`metadata.labels["${POD_SECURITY}"]`, `pods may now be ${after}, and were held to ${before}`)];
}

function quotaRaised(was: any, is: any): Effected[] {
  return Object.entries<unknown>(was.spec?.hard ?? {}).flatMap(([name, before]) => {
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

function templateOf(object: any): any {
  if (!object) return undefined;
  if (object.kind === 'Pod') return object.spec;
  return (object.spec?.jobTemplate?.spec?.template ?? object.spec?.template)?.spec;
}

function podsGainedMore(was: any, is: any): Effected[] {
  const pod = templateOf(is);
  if (!pod?.containers) return [];
  const before = new Set(privileges(templateOf(was)));
  const gained = privileges(pod).filter((one) => !before.has(one));
  return [...otherCode(templateOf(was), pod), ...gained].map((one) => right('spec.template.spec', one));
}

/** Containers whose code comes from elsewhere, and inherits all that they may do. */
function otherCode(was: any, pod: any): string[] {
  return list(pod.containers).flatMap(({ name, image }) => {
    const old = list(was?.containers).find((one) => one.name === name)?.image as unknown;
    const [from, to] = [old, image].map((one) => parseImage(String(one)));
    if (!from || !to || imageName(from) === imageName(to)) return [];
    return [`container ${name} runs the code of ${imageName(to)}, instead of ${imageName(from)}`];
  });
}

/** What pods have beyond a plain, unprivileged pod, as sentences. */
function privileges(pod: any): string[] {
  if (!pod) return [];
  const security = pod.securityContext ?? {};
  const found: string[] = [];
  for (const space of ['hostNetwork', 'hostPID', 'hostIPC']) if (pod[space]) found.push(`its pods share ${space}`);
  for (const { name, hostPath } of list(pod.volumes))
    if (hostPath) found.push(`its pods may reach ${hostPath.path} of the node (volume ${name})`);
  if (pod.automountServiceAccountToken !== false)
    found.push(`its pods carry the token of the account ${pod.serviceAccountName ?? 'default'}`);
  for (const container of [...list(pod.initContainers), ...list(pod.containers)]) {
    const own = { ...container.securityContext };
    const say = (text: string) => found.push(`container ${container.name} ${text}`);
    if (own.privileged) say('is privileged');
    if (own.allowPrivilegeEscalation !== false) say('may escalate its privileges');
    if ((own.runAsNonRoot ?? security.runAsNonRoot) !== true) say('may run as root');
    if ((own.runAsUser ?? security.runAsUser) === 0) say('runs as root');
    if (own.readOnlyRootFilesystem !== true) say('may write to its root file system');
    for (const capability of list(own.capabilities?.add)) say(`has the capability ${capability}`);
    if (!list(own.capabilities?.drop).includes('ALL')) say('keeps the default capabilities');
    if ((own.seccompProfile ?? security.seccompProfile)?.type === 'Unconfined') say('runs without seccomp');
    for (const variable of list(container.env)) {
      const secret = variable.valueFrom?.secretKeyRef;
      if (secret) say(`reads the key ${secret.key} of Secret ${secret.name}`);
    }
    for (const { secretRef } of list(container.envFrom)) if (secretRef) say(`reads all of Secret ${secretRef.name}`);
  }
  for (const { secret, projected } of list(pod.volumes)) {
    const names = [secret?.secretName, ...list(projected?.sources).map((source) => source.secret?.name)];
    for (const name of names) if (name) found.push(`its pods read Secret ${name} as files`);
  }
  return found;
}

function list(value: unknown): any[] {
  return Array.isArray(value) ? value : [];
}
