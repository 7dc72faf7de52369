import { isKind } from '../../../checks/objects/kinds';
import { hostNamesIn } from '../../../checks/objects/host-names';
import type { Effected, ObjectPair } from './consequence';

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
  if (was || !isKind(is, 'PersistentVolume')) return [];
  const path = is.spec?.local?.path;
  if (path === undefined) return [];
  const nodes = hostNamesIn(is.spec?.nodeAffinity?.required?.nodeSelectorTerms);
  const where = nodes.length > 0 ? ` on ${list(nodes)}` : '';
  return [{ effect: 'first', field: 'spec.local.path', sentence: `the folder ${path} must be there${where} before a pod mounts it` }];
} // prettier-ignore

interface WrittenContract {
  readonly name: string;
  readonly namespace?: string;
  readonly keys?: readonly { readonly name: string; readonly issued?: unknown }[];
  readonly readers?: string[];
}

interface ContractKey {
  readonly id: string;
  readonly secret: string;
  readonly name: string;
  /** Made by the installation itself, such as a certificate. */
  readonly isIssued: boolean;
  readonly readers: string[];
}

function keysIn(text: string): ContractKey[] {
  const { secrets = [] } = JSON.parse(text) as { secrets?: WrittenContract[] };
  return secrets.flatMap(({ name: secretName, namespace, keys = [], readers = [] }) => {
    const secret = `Secret/${secretName}${namespace ? ` (${namespace})` : ''}`;
    return keys.map(({ name, issued }) => ({ id: `${secret}\n${name}`, secret, name, isIssued: issued !== undefined, readers }));
  });
} // prettier-ignore

function list(words: readonly string[]): string {
  return words.length <= 1 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
