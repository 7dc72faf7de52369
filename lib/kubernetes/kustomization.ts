import { posix } from 'node:path';
import { isMap, folderOf, type KubernetesObject, type Kustomization, type RenderedFile } from './object';

/** Name that kustomize gives the file which makes a folder a kustomization. */
export const KUSTOMIZATION_FILE = 'kustomization.yaml';

/**
 * Files with every kustomization built that no other builds on, as `kubectl kustomize` does (a test of the delivery tier
 * holds it against that). An unpatched object stays that of its own file; a patched one belongs to the file of its patch.
 *
 * @throws Error naming file and entry when a resource, a patch or its target is missing.
 */
export function builtFiles(files: readonly RenderedFile[]): RenderedFile[] {
  const kustomized = new Map(files.filter(isKustomization).map((file) => [posix.dirname(file.path), file]));
  if (kustomized.size === 0) return [...files];
  const context = { byPath: new Map(files.map((file) => [file.path, file])), kustomized };
  const bases = new Set([...kustomized].flatMap(([folder, file]) => foldersIn(folder, file, context)));
  const plain = files.filter((file) => !kustomized.has(posix.dirname(file.path)));
  const built = [...kustomized.keys()]
    .filter((folder) => !bases.has(folder))
    .flatMap((folder) => build(folder, context));
  return [...plain, ...built];
}

type KustomizationFile = RenderedFile & Required<Pick<RenderedFile, 'kustomization'>>;

interface BuildContext {
  readonly byPath: ReadonlyMap<string, RenderedFile>;
  readonly kustomized: ReadonlyMap<string, KustomizationFile>;
}

function isKustomization(file: RenderedFile): file is KustomizationFile {
  return file.kustomization !== undefined;
}

function foldersIn(folder: string, { kustomization }: KustomizationFile, { kustomized }: BuildContext): string[] {
  return kustomization.resources.map((entry) => posix.join(folder, entry)).filter((path) => kustomized.has(path));
}

function build(folder: string, context: BuildContext): RenderedFile[] {
  const { path, kustomization } = context.kustomized.get(folder)!;
  refuseOthers(path, kustomization);
  const resources = kustomization.resources.flatMap((entry): RenderedFile[] => {
    const target = posix.join(folder, entry);
    if (context.kustomized.has(target)) return build(target, context);
    const file = context.byPath.get(target);
    if (!file) throw new Error(`${path}: resources: there is no file and no kustomization ${entry}; correct its name.`);
    return [file];
  });
  const patches = (kustomization.patches ?? []).flatMap(({ path: entry }) => {
    const file = context.byPath.get(posix.join(folder, entry));
    if (!file) throw new Error(`${path}: patches: there is no file ${entry}; correct its name.`);
    return file.objects.map((patch) => ({ file, patch }));
  });
  return patches
    .reduce((built, { file, patch }) => patched(built, file, patch), resources)
    .map((file) => ({ ...file, builtInto: folder }));
}

/** Fields whose effect {@link builtFiles} knows. */
const UNDERSTOOD = ['apiVersion', 'kind', 'metadata', 'resources', 'patches'];

/** What is not understood here would be applied all the same, and nothing would have looked at it. */
function refuseOthers(path: string, kustomization: Kustomization): void {
  for (const field of Object.keys(kustomization))
    if (!UNDERSTOOD.includes(field))
      throw new Error(`${path}: ${field}: only resources and patches are understood here; write it as a patch.`);
  for (const patch of kustomization.patches ?? [])
    if (Object.keys(patch).join() !== 'path')
      throw new Error(`${path}: patches: only files are understood here, each an entry with "path" alone.`);
}

function patched(files: readonly RenderedFile[], source: RenderedFile, patch: KubernetesObject): RenderedFile[] {
  const target = files.find(({ objects }) => objects.some((object) => isSame(object, patch)));
  if (!target) {
    const { kind, metadata } = patch;
    throw new Error(
      `${source.path}: nothing below it is ${kind}/${metadata.name}; a patch needs a target of that name.`,
    );
  }
  const others = target.objects.filter((object) => !isSame(object, patch));
  const object = merged(
    target.objects.find((one) => isSame(one, patch)),
    patch,
  ) as KubernetesObject;
  const rest = others.length > 0 ? [{ ...target, objects: others }] : [];
  return [
    ...files.filter((file) => file !== target),
    ...rest,
    { path: source.path, component: target.component, objects: [object] },
  ];
}

function isSame(object: KubernetesObject, patch: KubernetesObject): boolean {
  return (
    object.apiVersion === patch.apiVersion &&
    object.kind === patch.kind &&
    object.metadata.name === patch.metadata.name &&
    object.metadata.namespace === patch.metadata.namespace
  );
}

/**
 * Lists of the core API whose items are merged by a key; all others are replaced as a whole.
 * Source: `patchMergeKey` in https://github.com/kubernetes/api (core/v1 types).
 */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
};

/** Strategic merge: maps are merged, null deletes, lists are merged by their key or replaced. */
function merged(value: unknown, patch: unknown, field = ''): unknown {
  if (Array.isArray(value) && Array.isArray(patch) && field in MERGE_KEYS) {
    return mergedList(value, patch, MERGE_KEYS[field]!);
  }
  if (!isMap(value) || !isMap(patch)) return patch;
  const result: Record<string, unknown> = { ...value };
  for (const [key, item] of Object.entries(patch)) {
    if (item === null) delete result[key];
    else result[key] = key in result ? merged(result[key], item, key) : item;
  }
  return result;
}

function mergedList(value: readonly unknown[], patch: readonly unknown[], key: string): unknown[] {
  const keyOf = (item: unknown) => (isMap(item) ? item[key] : undefined);
  const changed = value.map((item) => {
    const change = patch.find((one) => keyOf(one) === keyOf(item));
    return change === undefined ? item : merged(item, change);
  });
  return [...changed, ...patch.filter((one) => !value.some((item) => keyOf(item) === keyOf(one)))];
}

/** The objects that are applied for one folder, such as `workloads/production`. */
export function objectsBuiltInto(files: readonly RenderedFile[], folder: string): KubernetesObject[] {
  return builtFiles(files)
    .filter((file) => folderOf(file) === folder)
    .flatMap(({ objects }) => objects);
}
