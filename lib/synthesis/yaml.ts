import { Document, type CreateNodeOptions, type DocumentOptions, type SchemaOptions, type ToStringOptions } from 'yaml';
import type { KubernetesObject, Kustomization } from '../kubernetes/object';

// Kubernetes reads YAML 1.1, people read 1.2: what either would take for a boolean, a number or a time is quoted.
const OPTIONS: CreateNodeOptions & DocumentOptions & SchemaOptions & ToStringOptions = {
  version: '1.2',
  compat: 'yaml-1.1',
  aliasDuplicateObjects: false,
  lineWidth: 0,
  minContentWidth: 0,
  blockQuote: 'literal',
};

/**
 * The YAML text of a manifest file: one document per object, no anchors, no folded lines.
 *
 * @param written - remembers texts by object: workload variants repeat most objects word for word.
 */
export function toYaml(
  objects: readonly (KubernetesObject | Kustomization)[],
  written = new Map<string, string>(),
): string {
  return objects
    .map((object) => {
      const key = JSON.stringify(object);
      const text = written.get(key) ?? new Document(object, OPTIONS).toString(OPTIONS);
      written.set(key, text);
      return text;
    })
    .join('---\n');
}
