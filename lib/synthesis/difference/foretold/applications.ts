import { isKind } from '../../../checks/objects/kinds';
import type { KubernetesObject } from '../../../kubernetes/object';
import { groupOf, type Effect, type Effected, type ObjectPair } from './consequence';

/** What Argo CD applies after a change and did not before, and how: charts, and the source and manner of an Application. */
export function applicationChanges(pair: ObjectPair): Effected[] {
  return [...delivery(pair), ...chartChanges(pair)];
}

function delivery({ was, is }: ObjectPair): Effected[] {
  if (!isKind(was, 'Application') || !isKind(is, 'Application') || groupOf(is) !== 'argoproj.io') return [];
  const [old, fresh] = [was.spec ?? {}, is.spec ?? {}];
  const say = (effect: Effect, field: string, sentence: string): Effected => ({ effect, field: `spec.${field}`, sentence });
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
