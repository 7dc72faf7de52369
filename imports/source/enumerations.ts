import type { Schema } from './core-schema';

/** The values that a field may have, by definition and field, such as `io.k8s.api.core.v1.Toleration` and `operator`. */
export type Enumerations = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/**
 * Reads them out of the Go file from which the API server makes its own OpenAPI documents. The JSON document in the same sources
 * leaves them out.
 *
 * @param generated - text of pkg/generated/openapi/zz_generated.openapi.go.
 * @throws Error when the file has none, which means that its form has changed.
 */
export function readEnumerations(generated: string): Enumerations {
  const found: Record<string, Record<string, string[]>> = {};
  for (const text of generated.split(/\nfunc (?=schema_)/).slice(1)) {
    const model = /^schema_k8sio_api_(\w+?)_(v\w+?)_(\w+)\(/.exec(text);
    if (!model) continue;
    const definition = `io.k8s.api.${model[1]}.${model[2]}.${model[3]}`;
    for (const list of text.matchAll(/Enum: +\[\]interface\{\}\{([^}]*)\}/g)) {
      const field = [...text.slice(0, list.index).matchAll(/\n\t{4,}"(\w+)": \{\n/g)].at(-1)?.[1];
      if (!field) continue;
      (found[definition] ??= {})[field] = [...list[1]!.matchAll(/"([^"]*)"/g)].map(([, value]) => value!);
    }
  }
  if (Object.keys(found).length === 0)
    throw new Error('pkg/generated/openapi/zz_generated.openapi.go: no field has an Enum; its form has changed.');
  return found;
}

/** A definition whose fields, or the items of its lists, are held to their values. */
export function withEnumerations(definition: Schema, fields: Readonly<Record<string, readonly string[]>> = {}): Schema {
  const properties = Object.entries(definition.properties ?? {}).map(([name, field]): [string, Schema] => {
    const values = fields[name];
    if (!values) return [name, field];
    if (field.type === 'array') return [name, { ...field, items: { ...field.items, enum: [...values] } }];
    return [name, field.type === 'string' ? { ...field, enum: [...values] } : field];
  });
  return definition.properties ? { ...definition, properties: Object.fromEntries(properties) } : definition;
}
