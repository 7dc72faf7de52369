import type { KubernetesObject } from '../../../kubernetes/object';
import { groupOf, isNeverPruned, type Effected, type ObjectPair } from './consequence';

/* eslint-disable @typescript-eslint/no-explicit-any -- fields of an object are read as they come */

/** Kinds that hold data, with what goes with them. */
const HOLDS_DATA: Readonly<Record<string, string>> = {
  Namespace: 'everything in it goes with it, claims included',
  PersistentVolume: 'the volume is given up; what lies on the disk stays there, and no pod finds it',
  PersistentVolumeClaim: 'the claim is given up, and with the reclaim policy Delete its data too',
  CustomResourceDefinition: 'every object of the kind goes with it',
};
const RUNS_PODS = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'ReplicaSet'];

/** Data, and things that run, that a change takes away. */
export function losses({ was, is }: ObjectPair): Effected[] {
  if (!was) return [];
  if (!is) return [removal(was)].flatMap((one) => one ?? []);
  return [...lostProtection(was, is), ...reclaiming(was, is), ...unmounted(was, is), ...stopped(was, is)];
}

function removal(was: KubernetesObject): Effected | undefined {
  const { kind } = was;
  const holds = HOLDS_DATA[kind];
  if (isNeverPruned(was)) {
    const sentence = 'Argo CD does not prune it: it stays as it is, in nobody’s care, until it is deleted by hand';
    return { effect: 'kept', field: '', sentence };
  }
  if (holds) return { effect: 'data', field: '', sentence: `it is pruned: ${holds}` };
  if (kind === 'StatefulSet') {
    const deletes = (was as any).spec?.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete';
    return deletes
      ? { effect: 'data', field: '', sentence: 'it is pruned, and its claims with it (whenDeleted: Delete)' }
      : { effect: 'stops', field: '', sentence: 'it is pruned: its pods stop; claims stay and are in nobody’s care' };
  }
  if (kind === 'Application' && groupOf(was) === 'argoproj.io') {
    const finalizers: string[] = (was.metadata as any).finalizers ?? [];
    return finalizers.some((one) => one.startsWith('resources-finalizer.argocd.argoproj.io'))
      ? { effect: 'data', field: '', sentence: 'it is pruned, and everything that it applied with it' }
      : { effect: 'kept', field: '', sentence: 'it is pruned; what it applied stays, in nobody’s care' };
  }
  if (kind === 'HelmChart') return { effect: 'stops', field: '', sentence: 'the chart is uninstalled' };
  if (RUNS_PODS.includes(kind)) return { effect: 'stops', field: '', sentence: 'it is pruned: its pods stop' };
  if (kind === 'Service') return { effect: 'stops', field: '', sentence: 'its name no longer resolves: callers fail' };
  if (kind === 'Secret' || kind === 'ConfigMap')
    return { effect: 'stops', field: '', sentence: 'pods that read it do not start again' };
  if (/^(Ingress|IngressRoute|IngressRouteTCP|HTTPRoute)$/.test(kind))
    return { effect: 'stops', field: '', sentence: 'its hosts and paths answer 404' };
  return undefined;
}

function lostProtection(was: KubernetesObject, is: KubernetesObject): Effected[] {
  if (!isNeverPruned(was) || isNeverPruned(is)) return [];
  const field = 'metadata.annotations["argocd.argoproj.io/sync-options"]';
  return [{ effect: 'data', field, sentence: 'without Prune=false the next removal from git deletes it' }];
}

function reclaiming(was: any, is: any): Effected[] {
  const found: Effected[] = [];
  const deletesNow = (field: string, before: unknown, after: unknown, sentence: string) => {
    if (after === 'Delete' && before !== 'Delete') found.push({ effect: 'data', field, sentence });
  };
  if (is.kind === 'PersistentVolume') {
    const [before, after] = [was, is].map(({ spec }) => spec?.persistentVolumeReclaimPolicy ?? 'Retain');
    const sentence = 'from now on the data goes when the claim goes';
    deletesNow('spec.persistentVolumeReclaimPolicy', before, after, sentence);
  }
  if (is.kind === 'StatefulSet') {
    for (const when of ['whenDeleted', 'whenScaled']) {
      const [before, after] = [was, is].map(({ spec }) => spec?.persistentVolumeClaimRetentionPolicy?.[when]);
      const event = when === 'whenDeleted' ? 'the StatefulSet goes' : 'it is scaled down';
      deletesNow(`spec.persistentVolumeClaimRetentionPolicy.${when}`, before, after, `claims go when ${event}`);
    }
  }
  return found;
}

/** A claim that the pods no longer mount: what they write from now on is somewhere else, or lost with the pod. */
function unmounted(was: any, is: any): Effected[] {
  const claims = ({ spec }: any): string[] => {
    const template = spec?.jobTemplate?.spec?.template ?? spec?.template;
    const volumes: any[] = template?.spec?.volumes ?? [];
    return volumes.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
  };
  const after = new Set(claims(is));
  return claims(was)
    .filter((claim) => !after.has(claim))
    .map((claim) => {
      const sentence = `its pods no longer mount the claim ${claim}: they start without the data on it`;
      return { effect: 'data', field: 'spec.template.spec.volumes', sentence };
    });
}

function stopped(was: any, is: any): Effected[] {
  if (is.kind === 'CronJob' && is.spec?.suspend === true && was.spec?.suspend !== true)
    return [{ effect: 'stops', field: 'spec.suspend', sentence: 'it is not run any more' }];
  if (!RUNS_PODS.includes(is.kind) || is.spec?.replicas !== 0 || was.spec?.replicas === 0) return [];
  return [{ effect: 'stops', field: 'spec.replicas', sentence: 'no pod is left running' }];
}
