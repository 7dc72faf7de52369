import { isKind } from '../../../checks/objects/kinds';
import type { ObjectOf } from '../../../kubernetes/kinds/core-kinds';
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
  if (isKind(is, 'CronJob') && isKind(was, 'CronJob')) return [...timetable(was, is), ...wave(was, is)];
  return [...replicas(was, is), ...manner(was, is), ...wave(was, is)];
} // prettier-ignore

function pace(field: string, sentence: string): Effected {
  return { effect: 'pace', field, sentence };
}

type Autoscaler = ObjectOf<'HorizontalPodAutoscaler'>;

function unscaled({ spec }: Autoscaler): Effected {
  const target = `${spec?.scaleTargetRef?.kind} ${spec?.scaleTargetRef?.name}`;
  const sentence = `nothing scales ${target} any more: it keeps the pods that it happens to have, whatever comes`;
  return { effect: 'stops', field: '', sentence };
}

/** Source: ValidateHorizontalPodAutoscaler of pkg/apis/autoscaling/validation in kubernetes/kubernetes v1.34. */
function impossible({ spec }: Autoscaler): Effected[] {
  const minimum = spec?.minReplicas ?? 1;
  if (spec?.maxReplicas === undefined || minimum <= spec.maxReplicas) return [];
  const sentence = `no autoscaler has at least ${minimum} and at most ${spec.maxReplicas} pods; raise maxReplicas, or lower minReplicas`;
  return [{ effect: 'refused', field: 'spec.maxReplicas', sentence }];
}

function scaling(was: Autoscaler, is: Autoscaler): Effected[] {
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
  const [before, after] = [was, is].map((one) => (isKind(one, 'Deployment') ? one.spec?.strategy?.type : undefined));
  if (after !== 'Recreate' || before === 'Recreate') return [];
  return [pace('spec.strategy.type', 'from now on all its pods stop before new ones start, whenever they are replaced')];
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
