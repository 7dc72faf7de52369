import { withEnumerations, type Enumerations } from './enumerations';
import { withLimits } from './limits';

/** A JSON schema, in the part of the language that Kubernetes uses. */
export interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  enum?: unknown[];
  format?: string;
  pattern?: string;
  $ref?: string;
  [keyword: string]: unknown;
}

/** The core kinds of one Kubernetes version. */
export interface CoreSchemas {
  readonly version: string;
  /** Name of the definition by `<apiVersion> <kind>`, such as `apps/v1 Deployment`. */
  readonly kinds: Readonly<Record<string, string>>;
  readonly definitions: Readonly<Record<string, Schema>>;
}

/** What is read of Kubernetes' OpenAPI description. */
export interface Swagger {
  definitions: Record<string, Schema & { 'x-kubernetes-group-version-kind'?: GroupVersionKind[] }>;
}
interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

/** Kinds that are requests or records, never written in a manifest. */
const NEVER_IN_A_MANIFEST =
  /List$|Review$|^(APIGroup|APIVersions|Binding|ComponentStatus|ControllerRevision|CSINode|CSIStorageCapacity|Event|Eviction|IPAddress|Lease|Node|Scale|Status|TokenRequest|VolumeAttachment)$/;

/**
 * Extracts strict schemas of the stable core kinds from the OpenAPI document that the Kubernetes sources carry:
 * unknown fields are refused, and what the document leaves loose (quantities, int-or-string, values and ranges) is made exact.
 */
export function extractCoreSchemas(swagger: Swagger, enumerations: Enumerations, version: string): CoreSchemas {
  const kinds: Record<string, string> = {};
  for (const [name, definition] of Object.entries(swagger.definitions)) {
    const identities = definition['x-kubernetes-group-version-kind'] ?? [];
    const [identity] = identities;
    if (!identity || identities.length > 1) continue;
    if (/alpha|beta/.test(identity.version) || NEVER_IN_A_MANIFEST.test(identity.kind)) continue;
    const apiVersion = identity.group ? `${identity.group}/${identity.version}` : identity.version;
    kinds[`${apiVersion} ${identity.kind}`] = name;
  }
  const definitions: Record<string, Schema> = {};
  const pending = Object.values(kinds);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (definitions[name]) continue;
    const definition = EXACT[name] ?? strict(swagger.definitions[name] as Schema);
    definitions[name] = withLimits(name, withEnumerations(definition, enumerations[name]));
    pending.push(...referencesIn(definition));
  }
  return { version, kinds: sorted(kinds), definitions: sorted(definitions) };
}

// Patterns of k8s.io/apimachinery: pkg/api/resource (Quantity) and pkg/apis/meta/v1 (Time).
const EXACT: Record<string, Schema> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': {
    anyOf: [
      { type: 'number' },
      { type: 'string', pattern: '^[+-]?([0-9]+|[0-9]+\\.[0-9]*|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$' },
    ],
  },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['integer', 'string'] },
};

const KEPT = new Set(['type', 'properties', 'additionalProperties', 'required', 'items', 'enum', '$ref']);

function strict(schema: Schema): Schema {
  const result: Schema = {};
  for (const [keyword, value] of Object.entries(schema)) if (KEPT.has(keyword)) result[keyword] = value;
  if (result.properties) {
    result.properties = Object.fromEntries(
      Object.entries(result.properties).map(([name, field]) => [name, strict(field)]),
    );
    result.additionalProperties ??= false;
  }
  if (result.items) result.items = strict(result.items);
  if (typeof result.additionalProperties === 'object')
    result.additionalProperties = strict(result.additionalProperties);
  return result;
}

function referencesIn(schema: Schema): string[] {
  const names: string[] = [];
  JSON.stringify(schema, (key, value: unknown) => {
    if (key === '$ref' && typeof value === 'string') names.push(value.replace('#/definitions/', ''));
    return value;
  });
  return names;
}

function sorted<T>(map: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}
