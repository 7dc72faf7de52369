import ts from 'typescript';
import type { Fixtures } from './samples';

/** Where a value lies: a property, an index, or what a function returns. */
type Step = string | number | typeof RETURNED;
const RETURNED = Symbol('what it returns');
const REMOVED = Symbol('removed');

/** One prop of one sample, with another value for it. */
export interface Change {
  /** The prop by type, such as `props.mounts[].config.path`: the same for every element of a list. */
  readonly prop: string;
  readonly sample: number;
  /** The arguments with that one value changed. */
  readonly apply: (given: readonly unknown[], fixtures: Fixtures) => readonly unknown[];
}

export interface Walk {
  readonly changes: readonly Change[];
  /** Props that no sample gives. */
  readonly missing: readonly string[];
}

/** Types that are changed as a whole: another object of the kind, and never a part of it. */
export type Wholes = Readonly<Record<string, (fixtures: Fixtures) => unknown>>;

interface Spot {
  readonly sample: number;
  readonly at: readonly Step[];
  readonly value: unknown;
}

/**
 * Finds for every prop, at whatever depth and in each member of a union, the ways to change it: another value, or its absence
 * where it is optional. `skipped` are paths of props that make no difference by design.
 */
export function walkProps(
  checker: ts.TypeChecker,
  parameters: readonly ts.Symbol[],
  samples: readonly (readonly unknown[])[],
  wholes: Wholes,
  skipped: (prop: string) => boolean = () => false,
): Walk {
  const changes: Change[] = [];
  const missing: string[] = [];

  const leaf = (prop: string, spots: readonly Spot[], other: (value: unknown, fixtures: Fixtures) => unknown) => {
    for (const { sample, at } of spots)
      changes.push({ prop, sample, apply: (given, fixtures) => changed(given, at, other, fixtures) as unknown[] });
  };

  function visit(declared: ts.Type, spots: readonly Spot[], prop: string): void {
    if (skipped(prop)) return;
    if (spots.length === 0) return void missing.push(prop);
    const type = checker.getNonNullableType(declared);
    const whole = wholes[(type.aliasSymbol ?? type.symbol)?.name ?? ''];
    if (whole) return leaf(prop, spots, (_value, fixtures) => whole(fixtures));
    if (type.flags & ts.TypeFlags.Any) return visitValue(spots, prop);
    if (type.flags & ts.TypeFlags.BooleanLike) return leaf(prop, spots, (value) => !value);
    if (type.isUnion()) return visitUnion(type, spots, prop);
    if (type.isLiteral()) return;
    if (type.flags & (ts.TypeFlags.String | ts.TypeFlags.Number)) return leaf(prop, spots, otherText);
    if (checker.isArrayType(type)) {
      const elements = spots.flatMap((spot) =>
        (spot.value as unknown[]).map((value, index) => inside(spot, index, value)),
      );
      return visit(checker.getTypeArguments(type as ts.TypeReference)[0]!, elements, `${prop}[]`);
    }
    const [call] = type.getCallSignatures();
    if (call) {
      const results = spots.map((spot) => inside(spot, RETURNED, (spot.value as () => unknown)()));
      return visit(call.getReturnType(), results, `${prop}()`);
    }
    visitObject(type, spots, prop);
  }

  function visitObject(type: ts.Type, spots: readonly Spot[], prop: string): void {
    const index = checker.getIndexInfoOfType(type, ts.IndexKind.String);
    if (index) {
      const values = spots.flatMap((spot) =>
        Object.entries(spot.value as object).map(([key, value]) => inside(spot, key, value)),
      );
      visit(index.type, values, `${prop}.*`);
    }
    for (const property of type.getProperties()) {
      const path = `${prop}.${property.name}`;
      const given = spots
        .map((spot) => inside(spot, property.name, (spot.value as Record<string, unknown>)[property.name]))
        .filter(({ value }) => value !== undefined);
      const before = changes.length;
      visit(checker.getTypeOfSymbol(property), given, path);
      // What cannot be changed, such as the one value of a mark, can still be left out.
      if (property.flags & ts.SymbolFlags.Optional && changes.length === before && !skipped(path))
        leaf(path, given, () => REMOVED);
    }
  }

  function visitUnion(type: ts.UnionType, spots: readonly Spot[], prop: string): void {
    const choices = type.types.flatMap((member) => (member.isLiteral() ? [member.value] : []));
    if (choices.length === type.types.length)
      return leaf(prop, spots, (value) => choices.find((choice) => choice !== value));
    for (const member of type.types) {
      const name = nameOf(member);
      visit(
        member,
        spots.filter(({ value }) => belongs(value, member)),
        `${prop}(${name})`,
      );
    }
  }

  /** What has no type here is walked by its value. */
  function visitValue(spots: readonly Spot[], prop: string): void {
    for (const spot of spots) {
      if (typeof spot.value === 'boolean') leaf(prop, [spot], (value) => !value);
      else if (typeof spot.value !== 'object') leaf(prop, [spot], otherText);
      else
        for (const [key, value] of Object.entries(spot.value!))
          visitValue([inside(spot, key, value)], `${prop}.${key}`);
    }
  }

  function nameOf(member: ts.Type): string {
    const kind = member.getProperty('kind');
    const type = kind && checker.getTypeOfSymbol(kind);
    return type?.isStringLiteral() ? type.value : checker.typeToString(member);
  }

  function belongs(value: unknown, member: ts.Type): boolean {
    if (member.isLiteral()) return value === member.value;
    if (member.flags & ts.TypeFlags.String) return typeof value === 'string';
    if (member.flags & ts.TypeFlags.Number) return typeof value === 'number';
    if (typeof value !== 'object' || value === null) return false;
    return member.getProperties().every((property) => {
      const type = checker.getTypeOfSymbol(property);
      return !type.isLiteral() || (value as Record<string, unknown>)[property.name] === type.value;
    });
  }

  parameters.forEach((parameter, index) => {
    // A scope-local name of the construct tree; no manifest has it.
    if (parameter.name === 'id') return;
    const given = samples
      .map((values, sample): Spot => ({ sample, at: [index], value: values[index] }))
      .filter(({ value }) => value !== undefined);
    visit(checker.getTypeOfSymbol(parameter), given, parameter.name);
  });
  return { changes, missing };
}

function inside({ sample, at }: Spot, step: Step, value: unknown): Spot {
  return { sample, at: [...at, step], value };
}

/** Another value of the same form: `5Gi` becomes `6Gi`, `/tmp` becomes `/tmpx`. */
function otherText(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  const text = String(value);
  return /^\d/.test(text) ? text.replace(/^\d+/, (digits) => String(Number(digits) + 1)) : `${text}x`;
}

/** A copy of a value that differs at one place. */
function changed(
  value: unknown,
  [step, ...deeper]: readonly Step[],
  other: (value: unknown, fixtures: Fixtures) => unknown,
  fixtures: Fixtures,
): unknown {
  if (step === undefined) return other(value, fixtures);
  if (step === RETURNED) return () => changed((value as () => unknown)(), deeper, other, fixtures);
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<Step, unknown>;
  const inner = changed(copy[step], deeper, other, fixtures);
  if (inner === REMOVED) delete copy[step];
  else copy[step] = inner;
  return copy;
}
