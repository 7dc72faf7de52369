import type { PlatformModel } from '../../constructs/platform-model';
import { folderOf, type RenderedFile } from '../../kubernetes/object';
import type { Kinds, PlacedOf } from './kinds';
import type { PlacedObject } from './placed-object';
import { podTemplateOf, type PodTemplate } from './pod-template';

/** The objects of trees that are applied together, indexed so that every look-up is quick however many there are. */
export class Scope {
  readonly pods: readonly PodTemplate[];
  private readonly kinds = new Map<string, PlacedObject[]>();
  private readonly identities = new Map<string, PlacedObject>();
  private readonly podsByLabel = new Map<string, PodTemplate[]>();

  constructor(readonly objects: readonly PlacedObject[]) {
    const pods: PodTemplate[] = [];
    for (const at of objects) {
      append(this.kinds, at.object.kind, at);
      this.identities.set(identity(at.object.kind, at.namespace, at.object.metadata.name), at);
      const pod = podTemplateOf(at);
      if (!pod) continue;
      pods.push(pod);
      append(this.podsByLabel, `${pod.namespace}\n`, pod);
      for (const [key, value] of Object.entries(pod.labels)) {
        append(this.podsByLabel, `${pod.namespace}\n${key}=${value}`, pod);
      }
    }
    this.pods = pods;
  }

  ofKind<Kind extends keyof Kinds>(...kinds: readonly Kind[]): readonly PlacedOf<Kind>[];
  ofKind(...kinds: readonly string[]): readonly PlacedObject[];
  ofKind(...kinds: readonly string[]): readonly PlacedObject[] {
    return kinds.flatMap((kind) => this.kinds.get(kind) ?? []);
  }

  find<Kind extends keyof Kinds>(kind: Kind, namespace: string, name: string | undefined): PlacedOf<Kind> | undefined;
  find(kind: string, namespace: string, name: string | undefined): PlacedObject | undefined;
  find(kind: string, namespace: string, name: string | undefined): PlacedObject | undefined {
    return this.identities.get(identity(kind, namespace, name));
  }

  /** Pods that a label selector matches; an empty selector matches all of the namespace. */
  podsMatching(namespace: string, labels: Readonly<Record<string, string>>): readonly PodTemplate[] {
    const pairs = Object.entries(labels);
    const candidates = pairs.length === 0 ? [''] : pairs.map(([key, value]) => `${key}=${value}`);
    const lists = candidates.map((pair) => this.podsByLabel.get(`${namespace}\n${pair}`) ?? []);
    const shortest = lists.reduce((a, b) => (b.length < a.length ? b : a));
    return shortest.filter((pod) => pairs.every(([key, value]) => pod.labels[key] === value));
  }
}

/** Every set of trees that is applied together: each tree with those it names, and each that no other names. */
export function scopesOf(model: PlatformModel, placed: readonly PlacedObject[]): Scope[] {
  const accompanied = new Set(model.trees.flatMap((tree) => tree.alongside ?? []));
  const known = new Set(model.trees.map((tree) => tree.directory));
  for (const name of accompanied) {
    if (!known.has(name))
      throw new Error(
        `a tree is applied alongside "${name}", but there is no such tree; known: ${[...known].join(', ')}`,
      );
  }
  const byDirectory = new Map<string, PlacedObject[]>();
  for (const at of placed) append(byDirectory, directoryOf(at), at);
  const bases = new Set(model.trees.map((tree) => tree.kustomization?.base));
  return model.trees
    .filter((tree) => !bases.has(tree.directory))
    .filter((tree) => tree.alongside?.length || !accompanied.has(tree.directory))
    .map(
      (tree) => new Scope([tree.directory, ...(tree.alongside ?? [])].flatMap((name) => byDirectory.get(name) ?? [])),
    );
}

/** Folder that an object is applied with, such as `workloads/production`. */
export function directoryOf(at: PlacedObject): string {
  return folderOf(at.file);
}

/** Objects with their files; `namespace` is empty for kinds that belong to none. */
export function placeObjects(files: readonly RenderedFile[]): PlacedObject[] {
  return files.flatMap((file) =>
    file.objects.map((object) => ({
      file,
      object,
      label: `${object.kind}/${object.metadata.name}`,
      namespace: object.metadata.namespace ?? '',
    })),
  );
}

function identity(kind: string, namespace: string, name: string | undefined): string {
  return `${kind}\n${namespace}\n${name}`;
}

function append<Item>(map: Map<string, Item[]>, key: string, item: Item): void {
  const list = map.get(key);
  if (list) list.push(item);
  else map.set(key, [item]);
}
