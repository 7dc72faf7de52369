import { sameInVariants } from './same-in-variants';
import { parse, parseAllDocuments } from 'yaml';
import { builtFiles, KUSTOMIZATION_FILE } from '../../kubernetes/kustomization';
import { folderOf, type Kustomization, type KubernetesObject, type RenderedFile } from '../../kubernetes/object';
import { compareText } from '../render';
import { compareFields, type FieldChange } from './compare';
import { foretell, SECRET_CONTRACTS, type Consequence, type PlacedPair } from './foretold';

export type { FieldChange } from './compare';
export type { Consequence } from './foretold';

/** One object, or one plain file, that differs. */
export interface ObjectChange {
  /** Folder, such as `workloads/production`, or the path of a plain file. */
  readonly place: string;
  /** Further folders in which the very same differs: variants of one thing. */
  readonly alsoIn?: readonly string[];
  /** `<kind>/<name>`, with the namespace before it where that tells two objects apart; empty for a plain file. */
  readonly object: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** Fields that differ; empty for an object that was added or removed. */
  readonly fields: readonly FieldChange[];
}

/**
 * What differs between two sets of output files, kustomizations built, by object and field; what differs alike in several
 * folders is one change.
 *
 * @throws Error naming the file when one cannot be read as YAML or JSON.
 */
export function compareOutputs(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly ObjectChange[] {
  return compare(before, after).changes;
}

/** What differs, and what comes of it once it is applied. */
export interface Difference {
  readonly changes: readonly ObjectChange[];
  /** The worst first. */
  readonly consequences: readonly Consequence[];
}

/**
 * As {@link compareOutputs}, with what the changes will do.
 *
 * @throws Error naming the file when one cannot be read as YAML or JSON.
 */
export function compare(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Difference {
  const [old, fresh] = [entriesOf(before, after), entriesOf(after, before)];
  const keys = [...new Set([...old.keys(), ...fresh.keys()])].sort(compareText);
  const changes = keys.flatMap((key): ObjectChange[] => {
    const [place = '', object = ''] = key.split('\n');
    const [was, is] = [old.get(key), fresh.get(key)];
    if (was === undefined) return [{ place, object, change: 'added', fields: [] }];
    if (is === undefined) return [{ place, object, change: 'removed', fields: [] }];
    const fields = compareFields(was, is);
    return fields.length === 0 ? [] : [{ place, object, change: 'changed', fields }];
  });
  const built = kustomizedFolders(before, after);
  const isVariant = (place: string) => built.has(place);
  const pairs = keys.flatMap((key): PlacedPair[] => {
    const [place = '', object = ''] = key.split('\n');
    const [was, is] = [old.get(key), fresh.get(key)] as [KubernetesObject?, KubernetesObject?];
    return object === '' ? [] : [{ place, object, was, is }];
  });
  const contracts = [before.get(SECRET_CONTRACTS), after.get(SECRET_CONTRACTS)] as const;
  const sides = { before: surroundings(before), after: surroundings(after), contracts };
  return { changes: grouped(changes, isVariant), consequences: foretell(pairs, sides, isVariant) };
}

/** What a changed object must be seen with: the gateway's objects, network policies and storage classes. */
const SURROUNDING =
  /^kind: (Ingress\w*|Middleware|HelmChartConfig|HTTPRoute|GRPCRoute|TLSRoute|NetworkPolicy|StorageClass)$/m;

function surroundings(outputs: ReadonlyMap<string, string>): RenderedFile[] {
  return [...outputs]
    .filter(([path, text]) => path.endsWith('.yaml') && SURROUNDING.test(text))
    .map(([path, text]) => toFile(path, text));
}

/** Changes that are the same in several folders are one, told of the folder that runs where it is among them. */
function grouped(changes: readonly ObjectChange[], isVariant: (place: string) => boolean): ObjectChange[] {
  return sameInVariants(changes, isVariant).map(([first, alsoIn]) =>
    alsoIn.length === 0 ? first : { ...first, alsoIn },
  );
}

/** Every object by its place and name; files whose text is the same on both sides are not even read. */
function entriesOf(outputs: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>): Map<string, unknown> {
  const entries = new Map<string, unknown>();
  const built = filesOfKustomizations(outputs);
  for (const [path, text] of outputs) {
    if (built.has(path) || others.get(path) === text) continue;
    for (const document of documentsIn(path, text)) addEntry(entries, path, folderOfPath(path), document);
  }
  const isSame = [...built].every((path) => others.get(path) === outputs.get(path));
  if (isSame && built.size === filesOfKustomizations(others).size) return entries;
  const files = [...built].map((path) => toFile(path, outputs.get(path)!));
  for (const file of builtFiles(files)) {
    for (const object of file.objects) addEntry(entries, file.path, folderOf(file), object);
  }
  return entries;
}

function addEntry(entries: Map<string, unknown>, path: string, folder: string, document: unknown): void {
  const { kind, metadata } = (document ?? {}) as { kind?: string; metadata?: { name?: string; namespace?: string } };
  if (!kind || !metadata?.name) return void entries.set(`${path}\n`, document);
  const namespace = metadata.namespace ? ` (${metadata.namespace})` : '';
  entries.set(`${folder}\n${kind}/${metadata.name}${namespace}`, document);
}

function folderOfPath(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : path;
}

/** Folders that hold a kustomization on either side. */
function kustomizedFolders(...sides: readonly ReadonlyMap<string, string>[]): Set<string> {
  const paths = sides.flatMap((side) => [...side.keys()]);
  return new Set(paths.filter((path) => path.endsWith(`/${KUSTOMIZATION_FILE}`)).map(folderOfPath));
}

function filesOfKustomizations(outputs: ReadonlyMap<string, string>): Set<string> {
  const folders = kustomizedFolders(outputs);
  return new Set([...outputs.keys()].filter((path) => folders.has(folderOfPath(path))));
}

function toFile(path: string, text: string): RenderedFile {
  const [first, ...rest] = documentsIn(path, text);
  const file = { path, component: path };
  if (path.endsWith(`/${KUSTOMIZATION_FILE}`)) return { ...file, objects: [], kustomization: first as Kustomization };
  return { ...file, objects: [first, ...rest] as KubernetesObject[] };
}

function documentsIn(path: string, text: string): unknown[] {
  try {
    if (path.endsWith('.json')) return [JSON.parse(text)];
    if (!/\.ya?ml$/.test(path)) return [{ text }];
    return text.includes('\n---')
      ? parseAllDocuments(text).map((document) => document.toJS() as unknown)
      : [parse(text)];
  } catch (error) {
    throw new Error(`${path} cannot be compared, because it is not valid: ${(error as Error).message}`);
  }
}
