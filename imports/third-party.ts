import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Schema } from './source/core-schema';
import { extractCustomSchemas } from './source/custom-schema';

/** What the definitions of third parties say, read from the files in `imports/third-party`. */
export interface ThirdParty {
  /** Strict schemas by `<apiVersion> <kind>`. */
  readonly kinds: Readonly<Record<string, Schema>>;
  /** Kinds that belong to no namespace, as `<group> <kind>`. */
  readonly clusterKinds: ReadonlySet<string>;
}

const FOLDER = join(__dirname, 'third-party');

/**
 * Reads every CustomResourceDefinition of a folder.
 *
 * @throws Error naming the file that is no YAML, or whose definition has no schema.
 */
export function readThirdParty(folder = FOLDER): ThirdParty {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /\.ya?ml$/.test(name)) : [];
  const definitions = names.flatMap((name) => definitionsIn(name, readFileSync(join(folder, name), 'utf8')));
  return {
    kinds: withImplied(extractCustomSchemas(definitions.map((definition) => JSON.stringify(definition)))),
    clusterKinds: new Set(
      definitions
        .filter(({ spec }) => spec.scope === 'Cluster')
        .map(({ spec }) => `${spec.group} ${spec.names.kind}`),
    ),
  };
}

/** What every object has, whether its definition says so or not. */
function withImplied(kinds: Readonly<Record<string, Schema>>): Record<string, Schema> {
  const implied = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' } };
  return Object.fromEntries(
    Object.entries(kinds).map(([kind, schema]) => [
      kind,
      schema.properties ? { ...schema, properties: { ...implied, ...schema.properties } } : schema,
    ]),
  );
}

interface Definition {
  readonly kind: string;
  readonly metadata?: { readonly name?: string };
  readonly spec: {
    readonly group: string;
    readonly scope?: string;
    readonly names: { readonly kind: string };
    readonly versions?: readonly { readonly name: string; readonly schema?: { readonly openAPIV3Schema?: unknown } }[];
  };
}

function definitionsIn(name: string, text: string): Definition[] {
  const shown = `imports/third-party/${name}`;
  const documents = parseAllDocuments(text);
  const broken = documents.flatMap(({ errors }) => errors)[0];
  if (broken) throw new Error(`${shown} is no YAML: ${broken.message.split('\n')[0]!.replace(/:$/, '')}; correct the syntax there.`);
  const found = documents
    .map((document) => document.toJS() as Definition | null)
    .filter((one): one is Definition => one?.kind === 'CustomResourceDefinition');
  if (found.length === 0) throw new Error(`${shown} has no CustomResourceDefinition; take the file away.`);
  for (const { metadata, spec } of found) {
    const isComplete = spec?.group && spec.names?.kind && spec.versions?.every((one) => one.schema?.openAPIV3Schema);
    if (isComplete) continue;
    throw new Error(
      `${shown}: ${metadata?.name ?? 'the definition'} has no spec.versions[].schema.openAPIV3Schema; take the definition of apiextensions.k8s.io/v1.`,
    );
  }
  return found;
}
