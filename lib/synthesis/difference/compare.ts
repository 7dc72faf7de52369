import { isMap } from '../../kubernetes/object';
/** One field that differs. */
export interface FieldChange {
  /** Such as `spec.template.spec.containers[web].image`. */
  readonly field: string;
  /** Undefined when the field is new. */
  readonly before?: unknown;
  /** Undefined when the field is gone. */
  readonly after?: unknown;
}

/** What identifies an item of a list, in the order in which it is tried; Kubernetes merges most lists by one of them. */
const ITEM_KEYS = ['name', 'key', 'mountPath', 'containerPort', 'port', 'host', 'path', 'type'];

/** The fields in which two values differ. Items of lists are matched by what identifies them, not by their place. */
export function compareFields(before: unknown, after: unknown, field = ''): FieldChange[] {
  if (isEqual(before, after)) return [];
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => compareFields(before[key], after[key], join(field, key)));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const key = ITEM_KEYS.find((candidate) => identifies(candidate, before) && identifies(candidate, after));
    if (key) return compareItems(before, after, key, field);
    if (before.every(isPlain) && after.every(isPlain)) return [{ field, before, after }];
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) =>
      compareFields(before[index], after[index], `${field}[${index}]`),
    ).flat();
  }
  return [{ field, before, after }];
}

function compareItems(before: unknown[], after: unknown[], key: string, field: string): FieldChange[] {
  const byKey = (list: unknown[]) => new Map(list.map((item) => [(item as Record<string, unknown>)[key], item]));
  const [old, fresh] = [byKey(before), byKey(after)];
  const identities = [...new Set([...old.keys(), ...fresh.keys()])];
  const changes = identities.flatMap((identity) =>
    compareFields(old.get(identity), fresh.get(identity), `${field}[${identity}]`),
  );
  // Nothing but the order differs, and in some lists (middlewares, init containers) the order matters.
  return changes.length > 0 ? changes : [{ field, before: [...old.keys()], after: [...fresh.keys()] }];
}

function identifies(key: string, list: readonly unknown[]): boolean {
  const values = list.map((item) => (isMap(item) ? item[key] : undefined));
  return (
    values.every((value) => typeof value === 'string' || typeof value === 'number') &&
    new Set(values).size === values.length
  );
}

function join(field: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${field}["${key}"]`;
  return field ? `${field}.${key}` : key;
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

function isEqual(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
