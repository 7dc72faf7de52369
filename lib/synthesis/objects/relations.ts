import { isKind } from '../../checks/objects/kinds';
import type { Scope } from '../../checks';
import type { Connection } from '../../constructs/platform-model';
import type { KubernetesObject } from '../../kubernetes/object';

/** A call that is declared between two components, from the view of one of them. */
export interface PeerCall {
  /** Name of the other component, or of what is outside. */
  readonly peer: string;
  /** Such as `5432/TCP`. */
  readonly ports: readonly string[];
}

/** An object that another names. */
export interface Reference {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** What it is named for, such as `spec.scaleTargetRef`. */
  readonly field: string;
}

/** Calls by the name of who makes them, and by the name of who answers them. */
export function peerCalls(connections: readonly Connection[]): {
  readonly calls: ReadonlyMap<string, readonly PeerCall[]>;
  readonly calledBy: ReadonlyMap<string, readonly PeerCall[]>;
} {
  const gathered = (own: 'from' | 'to', other: 'from' | 'to') => {
    const byName = new Map<string, Map<string, string[]>>();
    for (const connection of connections) {
      const peers = byName.get(connection[own]) ?? new Map<string, string[]>();
      byName.set(connection[own], peers);
      const ports = peers.get(connection[other]) ?? [];
      peers.set(connection[other], [...new Set([...ports, `${connection.port}/${connection.protocol}`])]);
    }
    return new Map(
      [...byName].map(([name, peers]) => [name, [...peers].map(([peer, ports]) => ({ peer, ports })).sort(byPeer)]),
    );
  };
  return { calls: gathered('from', 'to'), calledBy: gathered('to', 'from') };
}

function byPeer(a: PeerCall, b: PeerCall): number {
  return a.peer < b.peer ? -1 : a.peer > b.peer ? 1 : 0;
}

/** Fields that name another object: the kind of it, by the name of the field and of the field above it. */
const NAMING: Readonly<Record<string, string>> = {
  'secretKeyRef.name': 'Secret',
  'secretRef.name': 'Secret',
  'secret.secretName': 'Secret',
  'configMapKeyRef.name': 'ConfigMap',
  'configMapRef.name': 'ConfigMap',
  'configMap.name': 'ConfigMap',
  'persistentVolumeClaim.claimName': 'PersistentVolumeClaim',
  'service.name': 'Service',
  'spec.serviceName': 'Service',
  'spec.serviceAccountName': 'ServiceAccount',
  'spec.priorityClassName': 'PriorityClass',
  'spec.storageClassName': 'StorageClass',
  'spec.volumeName': 'PersistentVolume',
  'spec.project': 'AppProject',
};

const CLUSTER_WIDE = ['PriorityClass', 'StorageClass', 'PersistentVolume', 'Namespace'];

/** Every object that an object names, each once for a field. */
export function referencesOf(scope: Scope, object: KubernetesObject): Reference[] {
  const namespace = object.metadata.namespace ?? '';
  const found = new Map<string, Reference>();
  const add = (kind: string, name: unknown, field: string, home = namespace) => {
    if (typeof name !== 'string' || name === '') return;
    const reference = { kind, namespace: CLUSTER_WIDE.includes(kind) ? '' : home, name, field };
    found.set(`${kind}/${reference.namespace}/${name}`, reference);
  };
  const walk = (value: unknown, path: readonly string[]): void => {
    if (Array.isArray(value)) return value.forEach((item) => walk(item, path));
    if (value === null || typeof value !== 'object') return;
    const map = value as Record<string, unknown>;
    for (const [key, item] of Object.entries(map)) {
      const kind = NAMING[`${path.at(-1)}.${key}`];
      const field = [...path, key].join('.');
      if (kind) add(kind, item, field, typeof map['namespace'] === 'string' ? map['namespace'] : namespace);
      if (key === 'scaleTargetRef') {
        const target = item as { kind?: string; name?: string };
        if (target.kind) add(target.kind, target.name, field);
      } else if (key === 'claimRef') {
        const claim = item as { name?: string; namespace?: string };
        add('PersistentVolumeClaim', claim.name, field, claim.namespace);
      } else walk(item, [...path, key]);
    }
  };
  walk(object['spec'], ['spec']);
  for (const { kind, name, home, field } of namedOtherwise(object)) add(kind, name, field, home);
  for (const { at, field } of selectedBy(scope, object))
    add(at.object.kind, at.object.metadata.name, field, at.namespace);
  found.delete(`${object.kind}/${namespace}/${object.metadata.name}`);
  return [...found.values()];
}

/** Names inside of texts: middlewares of a route, and the address that is asked whether somebody is signed in. */
function namedOtherwise(object: KubernetesObject): { kind: string; name: string; home?: string; field: string }[] {
  const namespace = object.metadata.namespace;
  const annotation = object.metadata.annotations?.['traefik.ingress.kubernetes.io/router.middlewares'] ?? '';
  const middlewares = [...annotation.matchAll(/([^,\s]+)@kubernetescrd/g)].flatMap(([, name]) =>
    namespace && new RegExp(`^${namespace}[-_]`).test(name!)
      ? [{ kind: 'Middleware', name: name!.slice(namespace.length + 1), field: 'router.middlewares' }]
      : [],
  );
  const address = /^https?:\/\/([\w-]+)\.([\w-]+)\.svc/.exec(
    String((isKind(object, 'Middleware') && object.spec?.forwardAuth?.address) || ''),
  );
  const asked = address
    ? [{ kind: 'Service', name: address[1]!, home: address[2]!, field: 'spec.forwardAuth.address' }]
    : [];
  return [...middlewares, ...asked];
}

/** Workloads whose pods an object selects by their labels. */
function selectedBy(scope: Scope, object: KubernetesObject) {
  const selection = selectionOf(object);
  if (!selection) return [];
  const { field, labels } = selection;
  return scope.podsMatching(object.metadata.namespace ?? '', labels).map(({ at }) => ({ at, field }));
}

/** Labels by which an object selects pods, and where they stand; undefined where it selects none by name. */
export function selectionOf(object: KubernetesObject) {
  const [field, labels] = isKind(object, 'Service')
    ? ['spec.selector', object.spec?.selector]
    : isKind(object, 'PodDisruptionBudget')
      ? ['spec.selector', object.spec?.selector?.matchLabels]
      : isKind(object, 'NetworkPolicy')
        ? ['spec.podSelector', object.spec?.podSelector?.matchLabels]
        : [];
  return field && labels && Object.keys(labels).length > 0 ? { field, labels } : undefined;
}
