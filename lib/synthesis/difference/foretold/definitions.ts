import type { KubernetesObject } from '../../../kubernetes/object';
import { groupOf, type EffectKind, type Effected, type ObjectPair } from './consequence';

/** A definition of a kind, as far as its versions go. */
interface Definition extends KubernetesObject {
  readonly spec?: { readonly versions?: readonly Version[] };
}

interface Version {
  readonly name?: string;
  readonly served?: boolean;
  readonly storage?: boolean;
  readonly schema?: { readonly openAPIV3Schema?: Schema };
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly required?: readonly string[];
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
}

/** What becomes of the objects of a kind when its definition changes: versions that go, and what one no longer knows or begins to ask for. */
export function definitionChanges({ was, is }: ObjectPair): Effected[] {
  if (!isDefinition(was) || !isDefinition(is)) return [];
  const after = is.spec?.versions ?? [];
  return (was.spec?.versions ?? []).flatMap((old) => {
    const fresh = after.find(({ name }) => name === old.name);
    return (fresh ? versionChanges(old, fresh) : [goneVersion(old)]).map(([effect, sentence]): Effected => ({
      effect,
      field: `spec.versions[${old.name}]`,
      sentence,
    }));
  });
}

function isDefinition(object: KubernetesObject | undefined): object is Definition {
  return object?.kind === 'CustomResourceDefinition' && groupOf(object) === 'apiextensions.k8s.io';
}

/** Source: the API server keeps `status.storedVersions`, and refuses a definition without one of them. */
function goneVersion({ name, storage }: Version): [EffectKind, string] {
  return storage === true
    ? ['refused', `the version ${name} is gone, and objects are stored in it; first store them in another, and keep it until then`]
    : ['stops', `the version ${name} is gone: who asks for it fails`];
} // prettier-ignore

function versionChanges(old: Version, fresh: Version): [EffectKind, string][] {
  if (old.served !== false && fresh.served === false)
    return [['stops', `the version ${old.name} is no longer served: who asks for it fails`]];
  const [before, after] = [fieldsOf(old.schema?.openAPIV3Schema), fieldsOf(fresh.schema?.openAPIV3Schema)];
  const gone = [...before.keys()].filter((path) => !after.has(path) && !isOpen(fresh.schema?.openAPIV3Schema, path));
  const found: [EffectKind, string][] = gone
    .filter((path) => !gone.some((other) => path.startsWith(`${other}.`)))
    .map((path) => ['data', `${path} is no longer known: the API server drops it from every object that has it, the next time the object is written`]);
  for (const [path, { type, required }] of after) {
    const known = before.get(path);
    if (known && known.type !== type)
      found.push(['stops', `${path} must be of the type ${type}, and was of ${known.type}: objects that have it otherwise are refused`]);
    if (required && known?.required !== true)
      found.push(['stops', `${path} must be given from now on: objects without it are refused`]);
  }
  return found;
} // prettier-ignore

interface Field {
  readonly type: string | undefined;
  readonly required: boolean;
}

/** Every property of a schema by its path, such as `spec.size`; properties of a list's items stand under the list. */
function fieldsOf(schema: Schema | undefined, above = ''): Map<string, Field> {
  const found = new Map<string, Field>();
  for (const [name, property] of Object.entries(schema?.properties ?? {})) {
    const path = `${above}${name}`;
    found.set(path, { type: property.type, required: schema?.required?.includes(name) === true });
    for (const inner of [property, property.items, property.additionalProperties])
      for (const [below, field] of fieldsOf(inner, `${path}.`)) found.set(below, field);
  }
  return found;
}

/** Whether a schema keeps fields that it does not name, somewhere above a path. */
function isOpen(schema: Schema | undefined, path: string): boolean {
  if (schema?.['x-kubernetes-preserve-unknown-fields'] === true) return true;
  const [first, ...rest] = path.split('.');
  if (schema === undefined || rest.length === 0) return false;
  return isOpen(schema.properties?.[first!] ?? schema.items?.properties?.[first!], rest.join('.'));
}
