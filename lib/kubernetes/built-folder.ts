import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { KUSTOMIZATION_FILE, objectsBuiltInto } from './kustomization';
import type { Kustomization, KubernetesObject, RenderedFile } from './object';

/**
 * The objects that are applied for a folder of manifests, such as `workloads/production` below `dist`, its kustomization
 * built.
 *
 * @throws Error when the folder is missing or holds no manifest, or its kustomization cannot be built.
 */
export function readBuiltFolder(root: string, folder: string): KubernetesObject[] {
  const objects = objectsBuiltInto(readFolder(root, folder), folder);
  if (objects.length > 0) return objects;
  throw new Error(`${posix.join(root, folder)} holds no manifest: run "npm run synth" and commit dist first.`);
}

/** The files of a folder, and of the folders that its kustomization builds on. */
function readFolder(root: string, folder: string): RenderedFile[] {
  const path = join(root, folder);
  const names = existsSync(path) ? readdirSync(path).filter((name) => name.endsWith('.yaml')) : [];
  return names.sort().flatMap((name): RenderedFile[] => {
    const text = readFileSync(join(path, name), 'utf8');
    const file = { path: posix.join(folder, name), component: posix.basename(name, '.yaml') };
    if (name !== KUSTOMIZATION_FILE) return [{ ...file, objects: parseObjects(text) }];
    const kustomization = parse(text) as Kustomization;
    const folders = kustomization.resources
      .map((entry) => posix.join(folder, entry))
      .filter((entry) => existsSync(join(root, entry)) && statSync(join(root, entry)).isDirectory());
    return [{ ...file, objects: [], kustomization }, ...folders.flatMap((entry) => readFolder(root, entry))];
  });
}

/** The objects of a YAML text. */
export function parseObjects(text: string): KubernetesObject[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null);
}
