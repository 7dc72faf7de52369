import { isKind } from '../../../checks/objects/kinds';
import { asList, podSpecOf } from '../../../checks/objects/pod-template';
import type { ObjectOf } from '../../../kubernetes/kinds/core-kinds';
import { imageName, parseImage, versionOf } from '../../../kubernetes/image';
import type { KubernetesObject } from '../../../kubernetes/object';
import { groupOf, isNeverPruned, type Effected, type ObjectPair } from './consequence';

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
  return [
    ...lostProtection(was, is),
    ...reclaiming(was, is),
    ...unmounted(was, is),
    ...misplaced(was, is),
    ...otherMajor(was, is),
    ...stopped(was, is),
    ...undrained(was, is),
    ...heldBack(was, is),
    ...droppedRequests(was, is),
  ];
}

function removal(was: KubernetesObject): Effected | undefined {
  const { kind } = was;
  const holds = HOLDS_DATA[kind];
  if (isNeverPruned(was)) {
    const sentence = 'Argo CD does not prune it: it stays as it is, in nobody’s care, until it is deleted by hand';
    return { effect: 'kept', field: '', sentence };
  }
  if (holds) return { effect: 'data', field: '', sentence: `it is pruned: ${holds}` };
  if (isKind(was, 'StatefulSet')) {
    const deletes = was.spec?.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete';
    return deletes
      ? { effect: 'data', field: '', sentence: 'it is pruned, and its claims with it (whenDeleted: Delete)' }
      : { effect: 'stops', field: '', sentence: 'it is pruned: its pods stop; claims stay and are in nobody’s care' };
  }
  if (kind === 'Application' && groupOf(was) === 'argoproj.io') {
    const finalizers = was.metadata.finalizers ?? [];
    return finalizers.some((one) => one.startsWith('resources-finalizer.argocd.argoproj.io'))
      ? { effect: 'data', field: '', sentence: 'it is pruned, and everything that it applied with it' }
      : { effect: 'kept', field: '', sentence: 'it is pruned; what it applied stays, in nobody’s care' };
  }
  if (kind === 'HelmChart') return { effect: 'stops', field: '', sentence: 'the chart is uninstalled' };
  if (RUNS_PODS.includes(kind)) return { effect: 'stops', field: '', sentence: 'it is pruned: its pods stop' };
  if (kind === 'Service') return { effect: 'stops', field: '', sentence: 'its name no longer resolves: callers fail' };
  if (kind === 'PodDisruptionBudget')
    return { effect: 'stops', field: '', sentence: 'when a node is drained, all pods that it held may stop at once' };
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

function reclaiming(was: KubernetesObject, is: KubernetesObject): Effected[] {
  const found: Effected[] = [];
  const deletesNow = (field: string, before: unknown, after: unknown, sentence: string) => {
    if (after === 'Delete' && before !== 'Delete') found.push({ effect: 'data', field, sentence });
  };
  if (isKind(is, 'PersistentVolume') && isKind(was, 'PersistentVolume')) {
    const [before, after] = [was, is].map(({ spec }) => spec?.persistentVolumeReclaimPolicy ?? 'Retain');
    const sentence = 'from now on the data goes when the claim goes';
    deletesNow('spec.persistentVolumeReclaimPolicy', before, after, sentence);
  }
  if (isKind(is, 'StatefulSet') && isKind(was, 'StatefulSet')) {
    for (const when of ['whenDeleted', 'whenScaled'] as const) {
      const [before, after] = [was, is].map(({ spec }) => spec?.persistentVolumeClaimRetentionPolicy?.[when]);
      const event = when === 'whenDeleted' ? 'the StatefulSet goes' : 'it is scaled down';
      deletesNow(`spec.persistentVolumeClaimRetentionPolicy.${when}`, before, after, `claims go when ${event}`);
    }
  }
  return found;
}

/** A claim that the pods no longer mount: what they write from now on is somewhere else, or lost with the pod. */
function unmounted(was: KubernetesObject, is: KubernetesObject): Effected[] {
  const claims = (object: KubernetesObject) =>
    asList(podSpecOf(object)?.volumes).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
  const after = new Set(claims(is));
  return claims(was)
    .filter((claim) => !after.has(claim))
    .map((claim) => {
      const sentence = `its pods no longer mount the claim ${claim}: they start without the data on it`;
      return { effect: 'data', field: 'spec.template.spec.volumes', sentence };
    });
}

interface PlaceOfData {
  readonly container: string;
  readonly claim: string;
  readonly path: string;
  readonly variables: ReadonlyMap<string, string>;
}

/** Where the containers of a pod have each of its claims, and what their variables say lies there. */
function placesOfData(object: KubernetesObject): PlaceOfData[] {
  const pod = podSpecOf(object);
  const claims = new Map([
    ...asList(pod?.volumes).flatMap(({ name, persistentVolumeClaim: claim }) => (claim ? [[name, claim.claimName] as const] : [])),
    ...(isKind(object, 'StatefulSet') ? asList(object.spec?.volumeClaimTemplates) : []).map(({ metadata }) => [metadata?.name, metadata?.name] as const),
  ]);
  return asList(pod?.containers).flatMap((container) =>
    asList(container.volumeMounts).flatMap(({ name, mountPath, subPath }) => {
      const claim = claims.get(name);
      if (claim === undefined) return [];
      const below = asList(container.env).filter(({ value }) => value === mountPath || String(value ?? '').startsWith(`${mountPath}/`));
      const variables = new Map(below.map((one) => [String(one.name), String(one.value)]));
      return [{ container: String(container.name), claim, path: `${mountPath}${subPath ? ` (its folder ${subPath})` : ''}`, variables }];
    }),
  );
} // prettier-ignore

/** A claim that is still there, and no longer where the program looks for its data. */
function misplaced(was: KubernetesObject, is: KubernetesObject): Effected[] {
  const [before, after] = [placesOfData(was), placesOfData(is)];
  const sayOf = (sentence: string): Effected => ({ effect: 'data', field: 'spec.template.spec.containers', sentence });
  return before.flatMap((old) => {
    const container = asList(podSpecOf(is)?.containers).find(({ name }) => name === old.container);
    if (!container || !after.some(({ claim }) => claim === old.claim)) return [];
    const mounts = after.filter(({ container: name, claim }) => name === old.container && claim === old.claim);
    if (!mounts.some(({ path }) => path === old.path)) {
      const now = mounts.map(({ path }) => path).join(', ') || 'nowhere';
      return [sayOf(`container ${old.container} has the claim ${old.claim} at ${now}, instead of ${old.path}: it starts without that data`)];
    }
    return [...old.variables].flatMap(([name, value]) => {
      const now = asList(container.env).find((one) => one.name === name)?.value;
      return now === value ? [] : [sayOf(`container ${old.container} looks for its data elsewhere: ${name} goes from ${value} to ${now ?? 'unset'}`)];
    });
  });
} // prettier-ignore

/** Programs with data of their own seldom open that of another major version. */
function otherMajor(was: KubernetesObject, is: KubernetesObject): Effected[] {
  if (placesOfData(is).length === 0) return [];
  const images = (object: KubernetesObject) => asList(podSpecOf(object)?.containers);
  return images(is).flatMap(({ name, image }): Effected[] => {
    const old = images(was).find((one) => one.name === name)?.image;
    if (old === undefined || old === image) return [];
    const [from, to] = [parseImage(String(old)), parseImage(String(image))];
    if (!from || !to || imageName(from) !== imageName(to)) return [];
    const [before, after] = [versionOf(from)?.major, versionOf(to)?.major];
    if (before === undefined || after === undefined || before === after) return [];
    const sentence = `container ${name} goes from version ${from.tag} to ${to.tag}, which may not read the data of the other: dump it before, and restore it after`;
    return [{ effect: 'stops', field: 'spec.template.spec.containers', sentence }];
  });
} // prettier-ignore

function stopped(was: KubernetesObject, is: KubernetesObject): Effected[] {
  if (isKind(is, 'ConfigMap') && isKind(was, 'ConfigMap')) {
    const keys = (object: ObjectOf<'ConfigMap'>) => Object.keys({ ...object.data, ...object.binaryData });
    const left = keys(is);
    const gone = keys(was).filter((key) => !left.includes(key));
    if (gone.length === 0) return [];
    return [
      {
        effect: 'stops',
        field: 'data',
        sentence: `${gone.join(', ')} is gone: a program that reads it does not find it`,
      },
    ];
  }
  const suspends = (object: KubernetesObject) => isKind(object, 'CronJob') && object.spec?.suspend === true;
  if (suspends(is) && !suspends(was))
    return [{ effect: 'stops', field: 'spec.suspend', sentence: 'it is not run any more' }];
  const isPaused = (object: KubernetesObject) => isKind(object, 'Deployment') && object.spec?.paused === true;
  if (isPaused(is) && !isPaused(was))
    return [{ effect: 'stops', field: 'spec.paused', sentence: 'from now on no change of its pods is rolled out' }];
  const hasNone = (object: KubernetesObject) =>
    isKind(object, 'Deployment', 'StatefulSet', 'ReplicaSet') && object.spec?.replicas === 0;
  if (!hasNone(is) || hasNone(was)) return [];
  return [{ effect: 'stops', field: 'spec.replicas', sentence: 'no pod is left running' }];
}

/** A budget that lets no pod go, or fewer than before: a drain of their node waits. */
function undrained(was: KubernetesObject, is: KubernetesObject): Effected[] {
  if (!isKind(is, 'PodDisruptionBudget') || !isKind(was, 'PodDisruptionBudget')) return [];
  const [old, fresh] = [was.spec ?? {}, is.spec ?? {}];
  const isShut = ({ maxUnavailable, minAvailable }: typeof fresh) =>
    ['0', '0%'].includes(String(maxUnavailable)) || String(minAvailable) === '100%';
  const say = (sentence: string): Effected[] => [{ effect: 'stops', field: 'spec', sentence }];
  if (isShut(fresh))
    return isShut(old) ? [] : say('it lets no pod go: a drain of a node that holds one waits for ever, and so does an upgrade');
  const before = old.minAvailable ?? (old.maxUnavailable === undefined ? undefined : 0);
  if (typeof fresh.minAvailable !== 'number' || before === undefined || !(fresh.minAvailable > Number(before))) return [];
  return say(`at least ${fresh.minAvailable} of its pods must stay: where no more than that run, a drain of their node waits for ever`);
} // prettier-ignore

/** Something else must let go of the object before it can be deleted. */
function heldBack(was: KubernetesObject, is: KubernetesObject): Effected[] {
  const known = new Set(was.metadata.finalizers);
  return (is.metadata.finalizers ?? [])
    .filter((one) => !known.has(one))
    .map((one): Effected => {
      const isCascade = is.kind === 'Application' && one.startsWith('resources-finalizer.argocd.argoproj.io');
      const sentence = isCascade
        ? 'once it is deleted, everything that it applied is deleted with it'
        : `once it is deleted, it stays until something takes ${one} off it`;
      return { effect: isCascade ? 'data' : 'kept', field: 'metadata.finalizers', sentence };
    });
}

/** Requests that are in flight when a pod stops. */
function droppedRequests(was: KubernetesObject, is: KubernetesObject): Effected[] {
  const [old, fresh] = [podSpecOf(was), podSpecOf(is)];
  if (!old || !fresh || !RUNS_PODS.includes(is.kind)) return [];
  const [before, after] = [old.terminationGracePeriodSeconds ?? 30, fresh.terminationGracePeriodSeconds ?? 30];
  const found: Effected[] = [];
  if (after < before)
    found.push({ effect: 'stops', field: 'spec.template.spec.terminationGracePeriodSeconds', sentence: `a pod that stops is killed after ${after} s, instead of ${before} s: what it has not finished by then is lost` });
  for (const { name, lifecycle } of asList(old.containers)) {
    const now = asList(fresh.containers).find((one) => one.name === name);
    if (lifecycle?.preStop && now && !now.lifecycle?.preStop)
      found.push({ effect: 'stops', field: 'spec.template.spec.containers', sentence: `container ${name} stops at once, without its preStop: requests that are still sent to it fail` });
  }
  return found;
} // prettier-ignore
