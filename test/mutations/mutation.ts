/** One mistake of one line, as somebody makes it in a hurry. */
export interface Mutation {
  /** File in the repository. */
  readonly file: string;
  /** Text that is replaced; it stands in the file exactly once, or `nth` says which one is meant. */
  readonly from: string;
  readonly to: string;
  /** Counted from 0. @default 0, and then the only one */
  readonly nth?: number;
  /** What the refusal must say: the object or field that is wrong, in words that do not mislead. */
  readonly says: RegExp;
}

/** Mutations of one file, as [from, to, says]. */
export function inFile(file: string, ...rows: readonly (readonly [string, string, RegExp, number?])[]): Mutation[] {
  return rows.map(([from, to, says, nth]) => ({ file, from, to, says, ...(nth === undefined ? {} : { nth }) }));
}
