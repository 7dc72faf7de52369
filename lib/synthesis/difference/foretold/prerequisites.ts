import type { Effected, ObjectPair } from './consequence';

/* eslint-disable @typescript-eslint/no-explicit-any -- fields of an object are read as they come */

/** The file that says which Secrets there are, by whom they are made and by whom they are read. */
export const SECRET_CONTRACTS = 'secrets.json';

/** What must be there before a change is merged, and no sync brings: values of Secrets. */
export function missingSecrets(before: string | undefined, after: string | undefined): (Effected & { object: string })[] {
  // A side that holds no contracts, such as live objects, says nothing about them.
  if (before === undefined || after === undefined) return [];
  const known = new Set(keysIn(before).map(({ id }) => id));
  const bySecret = new Map<string, { names: string[]; readers: string[] }>();
  for (const { id, secret, name, isIssued, readers } of keysIn(after)) {
    if (known.has(id) || isIssued) continue;
    const found = bySecret.get(secret) ?? { names: [], readers };
    bySecret.set(secret, { ...found, names: [...found.names, name] });
  }
  return [...bySecret].map(([object, { names, readers }]) => ({
    effect: 'first' as const,
    field: '',
    object,
    sentence: `${list(names)} must be in the vault and seeded before the merge: until then no new pod of ${list(readers)} starts`,
  }));
} // prettier-ignore

/** A folder on a node, which nothing makes by itself. */
export function missingFolders({ was, is }: ObjectPair): Effected[] {
  const { spec } = (is ?? {}) as any;
  const path = spec?.local?.path;
  if (was || is?.kind !== 'PersistentVolume' || path === undefined) return [];
  const terms: any[] = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  const nodes = terms.flatMap(({ matchExpressions = [] }) => matchExpressions.flatMap(({ values = [] }: any) => values));
  const where = nodes.length > 0 ? ` on ${list(nodes)}` : '';
  return [{ effect: 'first', field: 'spec.local.path', sentence: `the folder ${path} must be there${where} before a pod mounts it` }];
} // prettier-ignore

interface ContractKey {
  readonly id: string;
  readonly secret: string;
  readonly name: string;
  /** Made by the installation itself, such as a certificate. */
  readonly isIssued: boolean;
  readonly readers: string[];
}

function keysIn(text: string): ContractKey[] {
  const { secrets = [] } = JSON.parse(text) as { secrets?: any[] };
  return secrets.flatMap(({ name: secretName, namespace, keys = [], readers = [] }) => {
    const secret = `Secret/${secretName}${namespace ? ` (${namespace})` : ''}`;
    return keys.map(({ name, issued }: any) => ({ id: `${secret}\n${name}`, secret, name, isIssued: issued !== undefined, readers }));
  });
} // prettier-ignore

function list(words: readonly string[]): string {
  return words.length <= 1 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
