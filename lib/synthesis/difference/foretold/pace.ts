import { isKind } from '../../../checks/objects/kinds';
import { podSpecOf } from '../../../checks/objects/pod-template';
import type { ObjectOf, PodSpec } from '../../../kubernetes/kinds/core-kinds';
import type { KubernetesObject } from '../../../kubernetes/object';
import { isDeepStrictEqual } from 'node:util';
import type { Effected, ObjectPair } from './consequence';

const SCALED = ['Deployment', 'StatefulSet', 'ReplicaSet'] as const;
const WAVE = 'argocd.argoproj.io/sync-wave';

/** How many run after a change, when, and in which order they are applied. */
export function paceChanges({ was, is }: ObjectPair): Effected[] {
  if (was && !is) return isKind(was, 'HorizontalPodAutoscaler') ? [unscaled(was)] : [];
  if (!is) return [];
  if (isKind(is, 'HorizontalPodAutoscaler'))
    return [...impossible(is), ...(isKind(was, 'HorizontalPodAutoscaler') ? [...scaling(was, is), ...wave(was, is)] : [])];
  if (!was) return [];
  if (isKind(is, 'CronJob') && isKind(was, 'CronJob')) 
    return [...timetable(was, is), ...overlap(was, is), ...placement(was, is), ...wave(was, is)];
  return [...replicas(was, is), ...manner(was, is), ...placement(was, is), ...wave(was, is)];
} // prettier-ignore

function pace(field: string, sentence: string): Effected {
  return { effect: 'pace', field, sentence };
}

type WrittenAutoscaler = ObjectOf<'HorizontalPodAutoscaler'>;

function unscaled({ spec }: WrittenAutoscaler): Effected {
  const target = `${spec?.scaleTargetRef?.kind} ${spec?.scaleTargetRef?.name}`;
  const sentence = `nothing scales ${target} any more: it keeps the pods that it happens to have, whatever comes`;
  return { effect: 'stops', field: '', sentence };
}

/** Source: ValidateHorizontalPodAutoscaler of pkg/apis/autoscaling/validation in kubernetes/kubernetes v1.34. */
function impossible({ spec }: WrittenAutoscaler): Effected[] {
  const minimum = spec?.minReplicas ?? 1;
  if (spec?.maxReplicas === undefined || minimum <= spec.maxReplicas) return [];
  const sentence = `no autoscaler has at least ${minimum} and at most ${spec.maxReplicas} pods; raise maxReplicas, or lower minReplicas`;
  return [{ effect: 'refused', field: 'spec.maxReplicas', sentence }];
}

function scaling(was: WrittenAutoscaler, is: WrittenAutoscaler): Effected[] {
  const [old, fresh] = [was.spec ?? {}, is.spec ?? {}];
  const found: Effected[] = [];
  if (!isDeepStrictEqual(old.scaleTargetRef, fresh.scaleTargetRef)) {
    const [before, after] = [old, fresh].map(({ scaleTargetRef: one }) => `${one?.kind} ${one?.name}`);
    found.push({ effect: 'stops', field: 'spec.scaleTargetRef', sentence: `it scales ${after}, and ${before} no longer` });
  }
  const bounds = [
    ['at least', old.minReplicas ?? 1, fresh.minReplicas ?? 1, 'spec.minReplicas'],
    ['at most', old.maxReplicas, fresh.maxReplicas, 'spec.maxReplicas'],
  ] as const;
  const changed = bounds.filter(([, before, after]) => before !== after);
  if (changed.length > 0) {
    const sentence = changed.map(([word, before, after]) => `${word} ${after} ${after === 1 ? 'pod' : 'pods'} run, instead of ${before}`);
    found.push(pace(changed[0]![3], sentence.join(', and ')));
  }
  if (!isDeepStrictEqual(old.metrics, fresh.metrics)) found.push(pace('spec.metrics', 'it adds and removes pods at other figures'));
  if (!isDeepStrictEqual(old.behavior, fresh.behavior))
    found.push(pace('spec.behavior', 'it adds or removes pods faster, slower or later than before'));
  return found;
} // prettier-ignore

function replicas(was: KubernetesObject, is: KubernetesObject): Effected[] {
  if (![was, is].every((one) => isKind(one, ...SCALED))) return [];
  const [before, after] = [was, is].map((one) => (isKind(one, ...SCALED) ? one.spec?.replicas : undefined));
  // To none is a stop; left out, an autoscaler decides.
  if (before === after || after === 0 || after === undefined) return [];
  return [pace('spec.replicas', `${after} ${after === 1 ? 'pod runs' : 'pods run'}, instead of ${before ?? 'as many as an autoscaler says'}`)];
} // prettier-ignore

function manner(was: KubernetesObject, is: KubernetesObject): Effected[] {
  if (!isKind(was, 'Deployment') || !isKind(is, 'Deployment')) return [];
  const { maxUnavailable, maxSurge } = is.spec?.strategy?.rollingUpdate ?? {};
  if (isNone(maxUnavailable) && isNone(maxSurge))
    return [{ effect: 'refused', field: 'spec.strategy.rollingUpdate', sentence: 'pods can be replaced only where one may be missing or one may be too many; raise maxSurge or maxUnavailable' }];
  if (!leavesNone(is) || leavesNone(was)) return [];
  const word = is.spec?.strategy?.type === 'Recreate' ? '' : 'may ';
  return [pace('spec.strategy', `from now on all its pods ${word}stop before new ones start, whenever they are replaced`)];
} // prettier-ignore

const isNone = (amount: unknown) => /^0%?$/.test(String(amount));

/** Whether no pod need be left while they are replaced. */
function leavesNone({ spec }: ObjectOf<'Deployment'>): boolean {
  return spec?.strategy?.type === 'Recreate' || String(spec?.strategy?.rollingUpdate?.maxUnavailable) === '100%';
}

/** Which nodes its pods may run on. */
function placement(was: KubernetesObject, is: KubernetesObject): Effected[] {
  const [before, after] = [podSpecOf(was), podSpecOf(is)];
  if (!before || !after) return [];
  const found: Effected[] = [];
  const shown = ({ nodeSelector = {}, nodeName }: PodSpec) =>
    [...(nodeName ? [nodeName] : []), ...Object.entries(nodeSelector).map(([key, value]) => `${key.split('/').at(-1)}=${String(value)}`).sort()].join(', ') || 'any';
  if (shown(before) !== shown(after))
    found.push(pace('spec.template.spec.nodeSelector', `its pods run on nodes with ${shown(after)}, instead of ${shown(before)}`));
  const rest = ({ affinity, tolerations, topologySpreadConstraints }: PodSpec) => ({ affinity, tolerations, topologySpreadConstraints });
  if (!isDeepStrictEqual(rest(before), rest(after)))
    found.push(pace('spec.template.spec', 'its pods are spread over the nodes by other rules'));
  return found;
} // prettier-ignore

const OVERLAP: Readonly<Record<string, string>> = {
  Allow: 'a run begins while the last one is still under way',
  Forbid: 'a run is left out while the last one is still under way',
  Replace: 'a run stops the last one where that is still under way',
};

function overlap(was: ObjectOf<'CronJob'>, is: ObjectOf<'CronJob'>): Effected[] {
  const [before, after] = [was.spec?.concurrencyPolicy ?? 'Allow', is.spec?.concurrencyPolicy ?? 'Allow'];
  return before === after ? [] : [pace('spec.concurrencyPolicy', OVERLAP[after] ?? `runs that overlap are treated by ${after}`)];
} // prettier-ignore

function timetable(was: ObjectOf<'CronJob'>, is: ObjectOf<'CronJob'>): Effected[] {
  const shown = ({ spec }: ObjectOf<'CronJob'>) => [spec?.schedule, spec?.timeZone].filter(Boolean).join(' ');
  if (shown(was) === shown(is)) return [];
  return [pace('spec.schedule', `it runs at ${shown(is)}, instead of ${shown(was)}`)];
}

function wave(was: KubernetesObject, is: KubernetesObject): Effected[] {
  const [before, after] = [was, is].map(({ metadata }) => metadata.annotations?.[WAVE] ?? '0');
  if (before === after) return [];
  const when = Number(after) > Number(before) ? 'later' : 'earlier';
  return [pace(`metadata.annotations["${WAVE}"]`, `it is applied ${when}: in wave ${after}, instead of ${before}`)];
}
