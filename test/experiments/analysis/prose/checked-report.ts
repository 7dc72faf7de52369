/** A cell of a table: bare text, or a figure with what it rests on. */
export interface CheckedValue {
  readonly text: string;
  readonly value?: number | null;
  readonly low?: number | null;
  readonly high?: number | null;
}
export type CheckedRow = Readonly<Record<string, unknown>>;

export interface CheckedTable {
  readonly id: string;
  readonly rows: readonly CheckedRow[];
}

export interface CheckedAnswer {
  readonly id: string;
  readonly unanswerable?: string;
  readonly sentences: readonly string[];
  readonly notes: readonly string[];
  readonly tables: readonly CheckedTable[];
}

/** The parts of a report's JSON that the checker reads. */
export interface CheckedReport {
  readonly campaign: { readonly origin: string; readonly order: readonly string[] };
  readonly settings: { readonly confidence: number };
  readonly findings: readonly { readonly excluded: boolean }[];
  readonly answers: readonly CheckedAnswer[];
  readonly cells: CheckedTable;
}

/** Reads sentences of one kind: what is wrong with this one, or undefined where it is of another kind. */
export type Reader = (sentence: string, answer: CheckedAnswer, report: CheckedReport) => string[] | undefined;

export const text = (value: unknown): string =>
  typeof value === 'string' ? value : ((value as CheckedValue | undefined)?.text ?? '');

export const figure = (value: unknown): CheckedValue =>
  typeof value === 'object' && value !== null ? (value as CheckedValue) : { text: text(value) };

/** A number as the report writes it, separators and all. */
export const number = (written: string): number => Number(written.replaceAll(',', '').replace(/^≥ /, ''));

/** Whether a figure, written to three digits, is the one that was found. */
export const near = (written: number, found: number, share = 0.01): boolean =>
  Math.abs(written - found) <= share * Math.max(Math.abs(written), Math.abs(found)) + 1e-9;

export const shortName = (variant: string): string => variant.replace(/^(uor|fs)-/, '');

/** Rows of every table of an answer that have these columns. */
export function rowsWith({ tables }: CheckedAnswer, ...columns: readonly string[]): CheckedRow[] {
  return tables.flatMap(({ rows }) => rows).filter((row) => columns.every((column) => column in row));
}

export function tableOf({ tables }: CheckedAnswer, end: string): readonly CheckedRow[] {
  return tables.find(({ id }) => id.endsWith(end))?.rows ?? [];
}

/** The row of a variant under a profile that has this column. */
export function rowOf(
  answer: CheckedAnswer,
  { variant, profile }: { readonly variant: string; readonly profile: string },
  column: string,
): CheckedRow | undefined {
  return rowsWith(answer, column).find((row) => text(row['variant']) === variant && text(row['profile']) === profile);
}

/** Which problem there is, if any: for lists of conditions that must hold. */
export function unless(holds: boolean, problem: string): string[] {
  return holds ? [] : [problem];
}
