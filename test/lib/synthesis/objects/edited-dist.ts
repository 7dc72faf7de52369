import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Loose } from '../../../fixtures/loose';
import type { KubernetesObject } from '../../../../lib/kubernetes/object';
import { readFolder } from '../../../../lib/synthesis/write';
import { toYaml } from '../../../../lib/synthesis/yaml';

export type Editable = Loose;

/** What an edit returns to take the object away. */
export const DROP = Symbol('drop');

/** The rendered files with one variant besides production: it is enough, and quicker to build than all. */
export const dist: ReadonlyMap<string, string> = new Map(
  [...readFolder(join(__dirname, '../../../../dist'))].filter(
    ([path]) => !path.startsWith('workloads/') || /^workloads\/(base|production|fs-cpu-500m-target-25)\//.test(path),
  ),
);

/** The rendered files, with one object of one of them changed. */
export function edited(path: string, label: string, edit: (object: Editable) => unknown): Map<string, string> {
  const objects = parseAllDocuments(dist.get(path)!).map((document) => document.toJS() as KubernetesObject);
  const isMeant = ({ kind, metadata }: KubernetesObject) => `${kind}/${metadata.name}` === label;
  if (!objects.some(isMeant)) throw new Error(`${path} has no ${label}`);
  return new Map([...dist, [path, toYaml(objects.filter((object) => !isMeant(object) || edit(object) !== DROP))]]);
}

/** The rendered files and one more, with these objects. */
export const withFile = (path: string, ...objects: readonly Editable[]): Map<string, string> =>
  new Map([...dist, [path, toYaml(objects)]]);

/** First container of a workload. */
export const container = ({ spec }: Editable): Editable =>
  (spec.jobTemplate?.spec.template ?? spec.template).spec.containers[0];

/** Pod template's spec of a workload. */
export const podOf = ({ spec }: Editable): Editable => (spec.jobTemplate?.spec.template ?? spec.template).spec;
