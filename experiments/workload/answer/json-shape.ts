/** The structure of a JSON value: enough to tell an answer from an error body, blind to the values in it. */
export type JsonShape =
  | { readonly type: 'string' | 'number' | 'boolean' | 'any' }
  | {
      readonly type: 'list';
      readonly least: number;
      readonly most: number;
      /** Of every entry; absent where no entry was ever seen. */
      readonly entry?: JsonShape;
    }
  | {
      readonly type: 'object';
      readonly fields: Readonly<Record<string, JsonShape>>;
      /** Fields that some of the values seen had not. */
      readonly optional: readonly string[];
    };

/** Below this depth values are not looked at. */
const DEPTH = 6;
const ANYTHING: JsonShape = { type: 'any' };

export function shapeOf(value: unknown, depth = DEPTH): JsonShape {
  if (value === null || value === undefined || depth === 0) return ANYTHING;
  if (Array.isArray(value)) {
    const entries = value.map((entry) => shapeOf(entry, depth - 1));
    const size = { type: 'list', least: value.length, most: value.length } as const;
    return entries.length === 0 ? size : { ...size, entry: entries.reduce(merged) };
  }
  if (typeof value === 'object') {
    const fields = Object.entries(value).map(([name, field]) => [name, shapeOf(field, depth - 1)] as const);
    return { type: 'object', fields: Object.fromEntries(fields), optional: [] };
  }
  return { type: typeof value as 'string' | 'number' | 'boolean' };
}

/** The narrowest shape that both fit. */
export function merged(a: JsonShape, b: JsonShape): JsonShape {
  if (a.type === 'list' && b.type === 'list') {
    const entry = a.entry === undefined || b.entry === undefined ? (a.entry ?? b.entry) : merged(a.entry, b.entry);
    const size = { type: 'list', least: Math.min(a.least, b.least), most: Math.max(a.most, b.most) } as const;
    return entry === undefined ? size : { ...size, entry };
  }
  if (a.type === 'object' && b.type === 'object') {
    const names = [...new Set([...Object.keys(a.fields), ...Object.keys(b.fields)])];
    const optional = names.filter(
      (name) => !(name in a.fields && name in b.fields) || a.optional.includes(name) || b.optional.includes(name),
    );
    const field = (name: string) => {
      const [one, other] = [a.fields[name], b.fields[name]];
      return one === undefined || other === undefined ? (one ?? other)! : merged(one, other);
    };
    return { type: 'object', fields: Object.fromEntries(names.map((name) => [name, field(name)])), optional };
  }
  return a.type === b.type ? a : ANYTHING;
}

/**
 * Whether a value has a shape. The list that is the answer itself, bare or one field below, must be as long as those that
 * were seen; a list further down must only not be empty where none was. Fields that were never seen may come along.
 */
export function fits(shape: JsonShape, value: unknown, level = 0): boolean {
  switch (shape.type) {
    case 'any':
      return true;
    case 'list': {
      if (!Array.isArray(value)) return false;
      const least = level <= 1 ? shape.least : Math.min(1, shape.least);
      if (value.length < least || (level <= 1 && value.length > shape.most)) return false;
      const { entry } = shape;
      return entry === undefined || value.every((one) => fits(entry, one, level + 1));
    }
    case 'object':
      return (
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        Object.entries(shape.fields).every(([name, field]) =>
          name in value
            ? fits(field, (value as Record<string, unknown>)[name], level + 1)
            : shape.optional.includes(name),
        )
      );
    default:
      return typeof value === shape.type;
  }
}
