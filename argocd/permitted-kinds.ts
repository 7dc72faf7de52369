import type { KubernetesObject } from '../lib/kubernetes/object';

/** API group (empty for the core group) and kind, as an AppProject lists them. */
export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

/** What a set of objects needs an AppProject to permit: no more and no less. */
export interface Permissions {
  /** Namespaces in use, sorted. */
  readonly namespaces: readonly string[];
  /** Kinds of the objects that live in a namespace, sorted. */
  readonly namespacedKinds: readonly GroupKind[];
  /** Kinds of the objects that live in none, sorted. */
  readonly clusterKinds: readonly GroupKind[];
}

/** As much of an object as says what an AppProject must permit. */
export interface Placed extends Pick<KubernetesObject, 'apiVersion' | 'kind'> {
  readonly metadata: { readonly namespace?: string };
}

/** Computes what an AppProject must permit for these objects to be synced. */
export function permissionsFor(objects: Iterable<Placed>): Permissions {
  const namespaces = new Set<string>();
  const namespaced = new Map<string, GroupKind>();
  const cluster = new Map<string, GroupKind>();
  for (const object of objects) {
    const { namespace } = object.metadata;
    if (namespace) namespaces.add(namespace);
    (namespace ? namespaced : cluster).set(`${groupOf(object)}/${object.kind}`, {
      group: groupOf(object),
      kind: object.kind,
    });
  }
  return { namespaces: [...namespaces].sort(), namespacedKinds: sorted(namespaced), clusterKinds: sorted(cluster) };
}

/** `apps` of `apps/v1`; the core group's `v1` has none. */
function groupOf(object: Placed): string {
  const [group, version] = object.apiVersion.split('/');
  return version ? group! : '';
}

function sorted(kinds: ReadonlyMap<string, GroupKind>): GroupKind[] {
  return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind);
}
