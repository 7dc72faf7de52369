import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Schema } from '@cfworker/json-schema';

const FOLDER = join(__dirname, '..', '..', '..', 'imports', 'schemas');
const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

interface CoreFile {
  version: string;
  kinds: Record<string, string>;
  definitions: Record<string, Schema>;
}

let coreFile: CoreFile | undefined;
let customFile: { kinds: Record<string, Schema> } | undefined;

/** The Kubernetes version whose schemas are in force, such as `v1.34.4`. */
export function schemaVersion(): string {
  return core().version;
}

/**
 * The self-contained schema of a kind, by `<apiVersion> <kind>`; undefined when no schema of it is known.
 * Core kinds come from the OpenAPI document of the cluster's version, all others from the CRDs in `imports/`.
 */
export function schemaOf(kind: string): Schema | undefined {
  const definition = core().kinds[kind];
  if (definition) return withDefinitions({ $ref: `#/definitions/${definition}` });
  const schema = custom().kinds[kind];
  if (!schema) return undefined;
  const metadata = { $ref: `#/definitions/${OBJECT_META}` };
  return withDefinitions({ ...schema, properties: { ...schema.properties, metadata } });
}

/** Only what is reachable: preparing all definitions for each kind would take most of a second. */
function withDefinitions(schema: Schema): Schema {
  const definitions: Record<string, Schema> = {};
  const pending = referencesIn(schema);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const definition = core().definitions[name];
    if (definitions[name] || !definition) continue;
    definitions[name] = definition;
    pending.push(...referencesIn(definition));
  }
  return { ...schema, definitions };
}

function referencesIn(value: unknown, found: string[] = []): string[] {
  if (value === null || typeof value !== 'object') return found;
  for (const [key, item] of Object.entries(value)) {
    if (key === '$ref' && typeof item === 'string') found.push(item.replace('#/definitions/', ''));
    else referencesIn(item, found);
  }
  return found;
}

function core(): CoreFile {
  coreFile ??= JSON.parse(readFileSync(join(FOLDER, 'core.json'), 'utf8')) as CoreFile;
  return coreFile;
}

function custom(): { kinds: Record<string, Schema> } {
  customFile ??= JSON.parse(readFileSync(join(FOLDER, 'custom.json'), 'utf8')) as { kinds: Record<string, Schema> };
  return customFile;
}
