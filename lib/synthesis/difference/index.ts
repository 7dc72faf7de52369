import { parse, parseAllDocuments } from 'yaml';
import { compareText } from '../render';
import { compareFields, type FieldChange } from './compare';

export type { FieldChange } from './compare';

/** One object, or one plain file, that differs. */
export interface ObjectChange {
  /** Folder, such as `workloads/production`, or the path of a plain file. */
  readonly place: string;
  /** `<kind>/<name>`, with the namespace before it where that tells two objects apart; empty for a plain file. */
  readonly object: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** Fields that differ; empty for an object that was added or removed. */
  readonly fields: readonly FieldChange[];
}

/**
 * What differs between two sets of output files, by object and field, whatever the order and layout of the text.
 *
 * @throws Error naming the file when one cannot be read as YAML or JSON.
 */
export function compareOutputs(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): ObjectChange[] {
  const [old, fresh] = [entriesOf(before, after), entriesOf(after, before)];
  const keys = [...new Set([...old.keys(), ...fresh.keys()])].sort(compareText);
  return keys.flatMap((key): ObjectChange[] => {
    const [place = '', object = ''] = key.split('\n');
    const [was, is] = [old.get(key), fresh.get(key)];
    if (was === undefined) return [{ place, object, change: 'added', fields: [] }];
    if (is === undefined) return [{ place, object, change: 'removed', fields: [] }];
    const fields = compareFields(was, is);
    return fields.length === 0 ? [] : [{ place, object, change: 'changed', fields }];
  });
}

/** Every object by its place and name; files whose text is the same on both sides are not even read. */
function entriesOf(outputs: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>): Map<string, unknown> {
  const entries = new Map<string, unknown>();
  for (const [path, text] of outputs) {
    if (others.get(path) === text) continue;
    for (const document of documentsIn(path, text)) {
      const { kind, metadata } = (document ?? {}) as {
        kind?: string;
        metadata?: { name?: string; namespace?: string };
      };
      if (!kind || !metadata?.name) entries.set(`${path}\n`, document);
      else {
        const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : path;
        const namespace = metadata.namespace ? ` (${metadata.namespace})` : '';
        entries.set(`${folder}\n${kind}/${metadata.name}${namespace}`, document);
      }
    }
  }
  return entries;
}

function documentsIn(path: string, text: string): unknown[] {
  try {
    if (path.endsWith('.json')) return [JSON.parse(text)];
    if (!/\.ya?ml$/.test(path)) return [{ text }];
    return text.includes('\n---')
      ? parseAllDocuments(text).map((document) => document.toJS() as unknown)
      : [parse(text)];
  } catch (error) {
    throw new Error(`${path} cannot be compared, because it is not valid: ${(error as Error).message}`);
  }
}
