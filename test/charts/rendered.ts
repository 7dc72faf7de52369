import type { LooseObject } from '../fixtures/loose';
import { model } from '../../main';
import { builtFiles } from '../../lib/kubernetes/kustomization';
import { folderOf, type RenderedFile } from '../../lib/kubernetes/object';
import { renderFiles } from '../../lib/synthesis/render';

/** The platform as it is, rendered once for all tests of a file. */
export const platformModel = model();
export const platformFiles: readonly RenderedFile[] = builtFiles(renderFiles(platformModel));

/** The one object of that kind and name in a tree. */
function objectOf(tree: string, kind: string, name: string): LooseObject {
  const found = platformFiles
    .filter((file) => folderOf(file) === tree)
    .flatMap(({ objects }) => objects)
    .filter((object) => object.kind === kind && object.metadata.name === name);
  if (found.length !== 1) throw new Error(`${tree} has ${found.length} objects ${kind}/${name}`);
  return found[0]!;
}

/** The same in `dist/platform`. */
export function inPlatform(kind: string, name: string): LooseObject {
  return objectOf('platform', kind, name);
}

/** The same in `dist/workloads/production`. */
export function inProduction(kind: string, name: string): LooseObject {
  return objectOf('workloads/production', kind, name);
}

/** The one object of that kind in a file that all variants of the workloads share. */
export function inBase(kind: string, component: string): LooseObject {
  const found = platformFiles
    .filter((file) => folderOf(file) === 'workloads/production' && file.path === `workloads/base/${component}.yaml`)
    .flatMap(({ objects }) => objects)
    .filter((object) => object.kind === kind);
  if (found.length !== 1) throw new Error(`workloads/base has ${found.length} objects ${kind} of ${component}`);
  return found[0]!;
}

/** The first container of a workload. */
export function containerOf(workload: LooseObject) {
  return workload.spec.template.spec.containers[0];
}

/** Plain environment variables by name; those from a Secret as `secret/key`. */
export function environmentOf(workload: LooseObject): Record<string, string> {
  interface Variable {
    name: string;
    value?: string;
    valueFrom?: { secretKeyRef: { name: string; key: string } };
  }
  const variables: Variable[] = containerOf(workload).env;
  return Object.fromEntries(
    variables.map(({ name, value, valueFrom }) => [
      name,
      value ?? `${valueFrom!.secretKeyRef.name}/${valueFrom!.secretKeyRef.key}`,
    ]),
  );
}
