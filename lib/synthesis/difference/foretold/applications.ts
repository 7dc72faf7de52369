import { isKind } from '../../../checks/objects/kinds';
import type { KubernetesObject } from '../../../kubernetes/object';
import { groupOf, type EffectKind, type Effected, type ObjectPair } from './consequence';

/** What Argo CD applies after a change and did not before, and how: charts, and the source and manner of an Application. */
export function applicationChanges(pair: ObjectPair): Effected[] {
  return [...delivery(pair), ...mannerOfSync(pair), ...chartChanges(pair)];
}

function delivery({ was, is }: ObjectPair): Effected[] {
  if (!isKind(was, 'Application') || !isKind(is, 'Application') || groupOf(is) !== 'argoproj.io') return [];
  const [old, fresh] = [was.spec ?? {}, is.spec ?? {}];
  const say = (effect: EffectKind, field: string, sentence: string): Effected => ({ effect, field: `spec.${field}`, sentence });
  const found: Effected[] = [];
  const [from, to] = [old.source ?? {}, fresh.source ?? {}];
  if (from.repoURL !== to.repoURL)
    found.push(say('right', 'source.repoURL', `Argo CD applies what ${to.repoURL} holds, instead of ${from.repoURL}`));
  if (old.project !== fresh.project)
    found.push(say('right', 'project', `it may do what the project ${fresh.project} permits, instead of ${old.project}`));
  if (from.path !== to.path && to.path !== undefined)
    found.push(say('stops', 'source.path', `it applies ${to.path} instead of ${from.path}: what the latter alone has is pruned`));
  if (!to.chart && from.targetRevision !== to.targetRevision)
    found.push(say('stops', 'source.targetRevision', `it follows ${to.targetRevision ?? 'HEAD'} instead of ${from.targetRevision ?? 'HEAD'}: what is merged there is applied, and nothing else`));
  const [before, after] = [old, fresh].map(({ syncPolicy }) => syncPolicy?.automated);
  const isOn = (automated: typeof before) => automated !== undefined && automated.enabled !== false;
  if (isOn(before) && !isOn(after)) found.push(say('stops', 'syncPolicy.automated', 'nothing that is merged is applied by itself any more'));
  else if (before?.selfHeal === true && after?.selfHeal !== true)
    found.push(say('stops', 'syncPolicy.automated.selfHeal', 'what somebody changes by hand in the cluster is no longer put back'));
  if (isOn(after) && before?.prune !== true && after?.prune === true)
    found.push(say('stops', 'syncPolicy.automated.prune', 'from now on, what leaves git is deleted in the cluster'));
  if (before?.prune === true && isOn(after) && after?.prune !== true)
    found.push(say('kept', 'syncPolicy.automated.prune', 'from now on, what leaves git stays in the cluster'));
  return found;
} // prettier-ignore

const OPTIONS = 'argocd.argoproj.io/sync-options';
const HOOK = 'argocd.argoproj.io/hook';

/** How Argo CD treats objects that it applies: what it leaves as it is, and what it does more than apply. */
function mannerOfSync({ was, is }: ObjectPair): Effected[] {
  if (!was || !is) return [];
  const found: Effected[] = [];
  const isApplication = isKind(is, 'Application') && groupOf(is) === 'argoproj.io';
  const options = (object: KubernetesObject): string[] => [
    ...(object.metadata.annotations?.[OPTIONS] ?? '').split(',').map((one) => one.trim()),
    ...(isKind(object, 'Application') ? (object.spec?.syncPolicy?.syncOptions ?? []) : []),
  ];
  const what = isApplication ? 'every object of it' : 'it';
  const field = isApplication ? 'spec.syncPolicy.syncOptions' : `metadata.annotations["${OPTIONS}"]`;
  const does = {
    'Force=true': `a sync deletes ${what} and creates it anew where it cannot be changed`,
    'Replace=true': `a sync replaces ${what} as a whole: what the cluster has added is lost`,
  };
  for (const [option, sentence] of Object.entries(does))
    if (options(is).includes(option) && !options(was).includes(option))
      found.push({ effect: 'stops', field, sentence: `${sentence} (${option})` });
  const hook = is.metadata.annotations?.[HOOK];
  if (hook && hook !== was.metadata.annotations?.[HOOK])
    found.push({ effect: 'stops', field: `metadata.annotations["${HOOK}"]`, sentence: `it becomes a hook: it is made at ${hook} of every sync, and otherwise neither compared nor put back` });
  return [...found, ...overlooked(was, is)];
} // prettier-ignore

/** Fields that Argo CD does not compare any more. */
function overlooked(was: KubernetesObject, is: KubernetesObject): Effected[] {
  if (!isKind(was, 'Application') || !isKind(is, 'Application') || groupOf(is) !== 'argoproj.io') return [];
  const known = new Set((was.spec?.ignoreDifferences ?? []).map((one) => JSON.stringify(one)));
  return (is.spec?.ignoreDifferences ?? [])
    .filter((one) => !known.has(JSON.stringify(one)))
    .map(({ kind, name, jsonPointers = [], jqPathExpressions = [], managedFieldsManagers = [] }): Effected => {
      const fields = [...jsonPointers, ...jqPathExpressions, ...managedFieldsManagers.map((one) => `what ${one} sets`)];
      const of = [kind, name].filter(Boolean).join(' ') || 'all objects';
      const sentence = `Argo CD no longer looks at ${fields.join(', ')} of ${of}: what somebody changes there stays`;
      return { effect: 'stops', field: 'spec.ignoreDifferences', sentence };
    });
}

/** Charts whose version, source or values change: what they render is not in the output. */
function chartChanges({ was, is }: ObjectPair): Effected[] {
  if (!was || !is) return [];
  const [before, after] = [sources(was), sources(is)];
  return [...after].flatMap(([name, { version, values, field }]): Effected[] => {
    const old = before.get(name);
    if (!old) return [{ effect: 'unseen', field, sentence: `the chart ${name} ${version} is new, and its objects are not among the manifests` }];
    if (old.version !== version) return [{ effect: 'unseen', field, sentence: `the chart ${name} goes from ${old.version} to ${version}: its objects are not among the manifests, so read its release notes, or render both` }];
    return old.values === values ? [] : [{ effect: 'unseen', field, sentence: `the values of the chart ${name} change; its objects are not among the manifests` }];
  }); // prettier-ignore
}

interface ChartSource {
  readonly version: string;
  readonly values: string;
  readonly field: string;
}

function sources(object: KubernetesObject): Map<string, ChartSource> {
  const found = new Map<string, ChartSource>();
  const add = (name: unknown, version: unknown, values: unknown, field: string) =>
    found.set(String(name), { version: String(version ?? 'the newest'), values: JSON.stringify(values ?? {}), field });
  if (isKind(object, 'HelmChart')) {
    const { spec } = object;
    const name = spec?.chart ?? (spec?.chartContent ? 'of chartContent' : undefined);
    if (name) add(name, spec?.version, [spec?.valuesContent, spec?.set, spec?.chartContent], 'spec.version');
  }
  if (isKind(object, 'HelmChartConfig'))
    add('that it configures', '', object.spec?.valuesContent, 'spec.valuesContent');
  if (isKind(object, 'Application')) {
    for (const source of object.spec?.sources ?? [object.spec?.source]) {
      if (source?.chart) add(source.chart, source.targetRevision, source.helm, 'spec.source.targetRevision');
    }
  }
  return found;
}
