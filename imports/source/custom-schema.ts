import { parse } from 'yaml';
import type { Schema } from './core-schema';

interface CustomResourceDefinition {
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; served: boolean; schema: { openAPIV3Schema: Schema } }[];
  };
}

/** Strict schemas of the custom kinds, by `<apiVersion> <kind>`, from the text of their CRDs. */
export function extractCustomSchemas(crds: readonly string[]): Record<string, Schema> {
  const schemas: Record<string, Schema> = {};
  for (const text of crds) {
    const { spec } = parse(text) as CustomResourceDefinition;
    for (const version of spec.versions.filter((candidate) => candidate.served)) {
      schemas[`${spec.group}/${version.name} ${spec.names.kind}`] = strict(version.schema.openAPIV3Schema, true);
    }
  }
  return Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const KEPT = [
  ...['type', 'required', 'enum', 'pattern', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'],
  ...['maxProperties', 'minProperties'],
];

/**
 * The rules of structural schemas: an API server prunes fields that no schema names, so here they are refused, except
 * where `x-kubernetes-preserve-unknown-fields` keeps them.
 */
function strict(schema: Schema, top = false): Schema {
  const result: Schema = {};
  for (const keyword of KEPT) if (schema[keyword] !== undefined) result[keyword] = schema[keyword];
  if (schema.nullable && typeof schema.type === 'string') result.type = [schema.type, 'null'];
  if (schema['x-kubernetes-int-or-string']) return { type: ['integer', 'string'], ...pick(schema, 'pattern') };
  if (schema.properties) {
    result.properties = Object.fromEntries(
      Object.entries(schema.properties)
        .filter(([name]) => !(top && name === 'status'))
        .map(([name, field]) => [name, strict(field)]),
    );
    // Metadata has the core schema's shape; a CRD says only that it is an object.
    if (!schema['x-kubernetes-preserve-unknown-fields']) result.additionalProperties = false;
  }
  if (typeof schema.additionalProperties === 'object')
    result.additionalProperties = strict(schema.additionalProperties);
  if (schema.items) result.items = strict(schema.items);
  for (const keyword of ['anyOf', 'oneOf', 'allOf'] as const) {
    const branches = schema[keyword] as Schema[] | undefined;
    if (branches) result[keyword] = branches;
  }
  return result;
}

function pick(schema: Schema, keyword: string): Schema {
  return schema[keyword] === undefined ? {} : { [keyword]: schema[keyword] };
}
