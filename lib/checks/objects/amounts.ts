import { groupBy } from '../../primitives/group-by';
import type { KubernetesObject } from '../../kubernetes/object';
import type { PlacedObject } from './placed-object';
import { Scope } from './scope';

/** Trees that are alike but for their amounts. */
export interface AlikeScopes {
  /** What is looked at: objects without their amounts. */
  readonly shown: Scope;
  /** Where an object that is shown stands in each of the trees. */
  places(at: PlacedObject): readonly PlacedObject[];
}

/** Sets of trees, those together that hold the same objects but for their amounts. */
export function alikeBesidesAmounts(scopes: readonly Scope[]): AlikeScopes[] {
  const signatureOf = signatures();
  const groups = groupBy(scopes, ({ objects }) => objects.map(({ object }) => signatureOf(object)).join(' '));
  const bare = new Map<KubernetesObject, KubernetesObject>();
  const bareOf = (object: KubernetesObject) => {
    if (!bare.has(object)) bare.set(object, withoutAmounts(object));
    return bare.get(object)!;
  };
  return [...groups.values()].map((group) => {
    const shown = new Scope(group[0]!.objects.map((at) => ({ ...at, object: bareOf(at.object) })));
    const positions = new Map(shown.objects.map((at, position) => [at, position]));
    return {
      shown,
      places: (at) => {
        const position = positions.get(at);
        return position === undefined ? [at] : group.map(({ objects }) => objects[position]!);
      },
    };
  });
}

/** A short name for what an object holds besides amounts. Most trees share most objects, so an object is read once. */
function signatures(): (object: KubernetesObject) => number {
  const byObject = new Map<KubernetesObject, number>();
  const byContent = new Map<string, number>();
  return (object) => {
    const known = byObject.get(object);
    if (known !== undefined) return known;
    const content = JSON.stringify(withoutAmounts(object));
    const signature = byContent.get(content) ?? byContent.size;
    byContent.set(content, signature);
    byObject.set(object, signature);
    return signature;
  };
}

/** An object without what containers ask for, how many pods there are, and when an autoscaler makes how many. */
function withoutAmounts(object: KubernetesObject): KubernetesObject {
  const spec = object['spec'] as Record<string, unknown> | undefined;
  if (object.kind === 'HorizontalPodAutoscaler')
    return { ...object, spec: { scaleTargetRef: spec?.['scaleTargetRef'] } };
  if (object.kind !== 'Deployment' && object.kind !== 'StatefulSet') return object;
  const rest = without(spec, 'replicas');
  const template = rest['template'] as { spec?: Record<string, unknown> } | undefined;
  if (!template?.spec) return { ...object, spec: rest };
  const pod = { ...template.spec };
  for (const list of ['containers', 'initContainers']) {
    const containers = pod[list] as Record<string, unknown>[] | undefined;
    if (Array.isArray(containers)) pod[list] = containers.map((container) => without(container, 'resources'));
  }
  return { ...object, spec: { ...rest, template: { ...template, spec: pod } } };
}

function without(map: Record<string, unknown> | undefined, key: string): Record<string, unknown> {
  const rest = { ...map };
  delete rest[key];
  return rest;
}
