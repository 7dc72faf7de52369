import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dereference, validate, type OutputUnit, type Schema } from '@cfworker/json-schema';
import { readThirdParty } from '../../../imports/third-party';

const FOLDER = join(__dirname, '..', '..', '..', 'imports', 'schemas');
const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

interface SchemaFile {
  /** Of Kubernetes; the file of the custom kinds has none. */
  version?: string;
  /** Name of a definition (core kinds), or the schema itself (custom kinds), by `<apiVersion> <kind>`. */
  kinds: Record<string, string | Schema>;
  definitions?: Record<string, Schema>;
}

const core = once(() => readSchemas('core.json'));
const custom = once(() => readSchemas('custom.json'));
const thirdParty = once(() => readThirdParty());
const definitions: Record<string, Schema> = {};
const lookup: Record<string, Schema> = {};
const roots = new Map<string, Schema | undefined>();
const valid = new Set<string>();

/** The Kubernetes version whose schemas are in force, such as `v1.34.4`. */
export function schemaVersion(): string {
  return core().version ?? '';
}

/**
 * What is wrong with a value of a kind, `<apiVersion> <kind>`; undefined when no schema of the kind is known.
 *
 * Schemas are interpreted, not compiled: compiling those of a pod and of an Application takes longer than the whole of
 * synthesis. Only what the kinds in use reach is prepared, and once.
 */
export function schemaErrors(kind: string, value: unknown): readonly OutputUnit[] | undefined {
  // Workload variants repeat most objects word for word.
  const text = JSON.stringify(value);
  if (valid.has(text)) return [];
  if (!roots.has(kind)) roots.set(kind, prepare(kind));
  const schema = roots.get(kind);
  if (!schema) return undefined;
  const result = validate(value, schema, '7', lookup, false);
  if (result.valid) valid.add(text);
  return result.valid ? [] : result.errors;
}

/** Core kinds come from the OpenAPI document of the cluster's version, all others from the CRDs in `imports/`, those of third parties last. */
function prepare(kind: string): Schema | undefined {
  const definition = core().kinds[kind];
  if (typeof definition === 'string') return prepareDefinition(definition);
  const schema = custom().kinds[kind] ?? (thirdParty().kinds[kind] as Schema | undefined);
  if (typeof schema !== 'object') return undefined;
  const metadata = { $ref: `#/definitions/${OBJECT_META}` };
  const root = { ...schema, properties: { ...schema.properties, metadata } };
  prepareDefinition(OBJECT_META);
  dereference(root, lookup, undefined, `/kinds/${encodeURIComponent(kind)}`);
  return root;
}

function prepareDefinition(name: string): Schema {
  const pending = [name];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const definition = core().definitions?.[next];
    if (definitions[next] || !definition) continue;
    definitions[next] = definition;
    pending.push(...referencesIn(definition));
    dereference(definition, lookup, undefined, `/definitions/${next}`);
  }
  return definitions[name]!;
}

function referencesIn(value: unknown, found: string[] = []): string[] {
  if (value === null || typeof value !== 'object') return found;
  for (const [key, item] of Object.entries(value)) {
    if (key === '$ref' && typeof item === 'string') found.push(item.replace('#/definitions/', ''));
    else referencesIn(item, found);
  }
  return found;
}

function readSchemas(file: string): SchemaFile {
  return JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as SchemaFile;
}

function once<Value>(make: () => Value): () => Value {
  let value: Value | undefined;
  return () => (value ??= make());
}
