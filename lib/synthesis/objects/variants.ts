import { compareFields, type FieldChange } from '../difference/compare';
import { folderOf, type KubernetesObject, type RenderedFile } from '../../kubernetes/object';

/** What some variants do to an object of the one in production. */
export interface VariantChange {
  /** Folders of the variants, such as `workloads/uor-replicas-2`. */
  readonly variants: readonly string[];
  readonly change: 'added' | 'removed' | 'changed';
  /** Empty where the object is added or removed. */
  readonly fields: readonly FieldChange[];
}

/** `<kind>/<namespace>/<name>`, which tells objects of one cluster apart. */
export function identityOf({ kind, metadata }: KubernetesObject): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}

/**
 * By the identity of each object of `files` (kustomizations built): how variants differ from `production`, the folder of the
 * variant that runs; those that do the same together.
 */
export function changesByVariant(
  files: readonly RenderedFile[],
  production: string,
  variants: readonly string[],
): ReadonlyMap<string, readonly VariantChange[]> {
  const objectsOf = (folder: string) =>
    new Map(
      files
        .filter((file) => folderOf(file) === folder)
        .flatMap(({ objects }) => objects)
        .map((object) => [identityOf(object), object]),
    );
  const running = objectsOf(production);
  type Alike = Map<string, { variants: string[] } & Omit<VariantChange, 'variants'>>;
  const changes = new Map<string, Alike>();
  for (const variant of variants) {
    const own = objectsOf(variant);
    for (const identity of new Set([...running.keys(), ...own.keys()])) {
      const [before, after] = [running.get(identity), own.get(identity)];
      if (before === after) continue;
      const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
      const fields = change === 'changed' ? compareFields(before, after) : [];
      if (change === 'changed' && fields.length === 0) continue;
      const alike = changes.get(identity) ?? (new Map() as Alike);
      changes.set(identity, alike);
      const key = JSON.stringify([change, fields]);
      const group = alike.get(key) ?? { variants: [], change, fields };
      group.variants.push(variant);
      alike.set(key, group);
    }
  }
  return new Map([...changes].map(([identity, alike]) => [identity, [...alike.values()]]));
}
