import type { KubernetesObject } from '../../lib/kubernetes/object';
import type { ReviewedKind, ReviewedPermissions } from '../../lib/kubernetes/reviewed-facts';

/** What an AppProject must permit for these objects to be synced: no more and no less. */
export function permissionsFor(objects: Iterable<KubernetesObject>): ReviewedPermissions {
  const namespaces = new Set<string>();
  const namespaced = new Map<string, ReviewedKind>();
  const cluster = new Map<string, ReviewedKind>();
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
function groupOf(object: KubernetesObject): string {
  const [group, version] = object.apiVersion.split('/');
  return version ? group! : '';
}

function sorted(kinds: ReadonlyMap<string, ReviewedKind>): ReviewedKind[] {
  return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind);
}
