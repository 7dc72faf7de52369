import { stringify } from 'yaml';
import type { KubernetesObject } from '../../../lib/kubernetes/object';

/** Objects as YAML text for a snapshot that people read, independent of how synthesis writes it. */
export function yamlOf(objects: readonly KubernetesObject[]): string {
  return `\n${objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n')}`;
}
