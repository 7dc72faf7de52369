import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs';
import type { SchemaElement } from 'hyparquet';
import { fileWriter, ParquetWriter, type ColumnSource } from 'hyparquet-writer';
import { SCHEMA_VERSION, SCHEMA_VERSION_KEY, type ColumnType } from '../schema';

/**
 * The values of one column in one batch: numbers as a typed array (NaN in a nullable column becomes NULL); VARCHAR as one
 * value for every row, codes into a dictionary, or strings.
 */
export type ColumnValues =
  | TypedArray
  | { readonly constant: string | null }
  | { readonly codes: Uint8Array | Uint16Array; readonly dictionary: readonly (string | null)[] }
  | readonly (string | null)[];

type TypedArray = Float64Array | Float32Array | Int32Array | Int16Array;

/** Columns of a table by name, as in `schema.ts`. */
export type TableColumns = Readonly<Record<string, ColumnType>>;

/** One batch: `rows` values for every column of the table; longer arrays are read up to `rows`. */
export interface Batch<Columns extends TableColumns> {
  readonly rows: number;
  readonly columns: Readonly<Record<keyof Columns, ColumnValues>>;
}

export interface ParquetFileOptions<Columns extends TableColumns> {
  readonly columns: Columns;
  /** Columns in which NULL may occur; any other column refuses one. */
  readonly nullable?: readonly (keyof Columns & string)[];
  /** Snappy is smaller by half for about a quarter more time. */
  readonly compress?: boolean;
}

/** Rows per row group: what is held in memory at most, about 6 MB for samples. */
const ROW_GROUP_ROWS = 131_072;
/** One page per column and row group. */
const PAGE_BYTES = 1 << 26;

/**
 * Writes one Parquet file column by column with bounded memory. Nothing is visible under the file's name before
 * {@link close}, which syncs the data and then links it into place; an existing file is never replaced.
 */
export class ParquetFile<Columns extends TableColumns> {
  /** Rows written so far. */
  rows = 0;
  private readonly names: readonly (keyof Columns & string)[];
  private readonly writer: ParquetWriter;

  private constructor(
    private readonly path: string,
    private readonly partial: string,
    private readonly options: ParquetFileOptions<Columns>,
  ) {
    this.names = Object.keys(options.columns);
    this.writer = new ParquetWriter({
      writer: fileWriter(partial),
      codec: options.compress === false ? 'UNCOMPRESSED' : 'SNAPPY',
      statistics: false,
      schema: parquetSchema(options),
      kvMetadata: [{ key: SCHEMA_VERSION_KEY, value: String(SCHEMA_VERSION) }],
      createdBy: 'ahuora experiments',
    });
  }

  /** @throws {Error} when the file exists. */
  static create<Columns extends TableColumns>(
    path: string,
    options: ParquetFileOptions<Columns>,
  ): ParquetFile<Columns> {
    if (existsSync(path)) throw new Error(`${path} exists and is never overwritten: remove it yourself first.`);
    const partial = `${path}.partial-${process.pid}`;
    rmSync(partial, { force: true });
    return new ParquetFile(path, partial, options);
  }

  /** @throws {TypeError} when a NULL is in a column that takes none, or an array is shorter than the batch. */
  append(batch: Batch<Columns>): void {
    for (let start = 0; start < batch.rows; start += ROW_GROUP_ROWS) {
      const end = Math.min(start + ROW_GROUP_ROWS, batch.rows);
      const columnData: ColumnSource[] = this.names.map((name) => ({
        name,
        data: rowsOf(name, batch.columns[name], start, end, this.options.nullable?.includes(name) === true),
        ...encodingOf(batch.columns[name]),
      }));
      void this.writer.write({ columnData, rowGroupSize: ROW_GROUP_ROWS, pageSize: PAGE_BYTES });
    }
    this.rows += batch.rows;
  }

  /** Finishes the file and makes it visible, all or nothing. */
  close(): void {
    void this.writer.finish();
    sync(this.partial);
    try {
      linkSync(this.partial, this.path); // Unlike a rename, a link never replaces a file.
    } finally {
      rmSync(this.partial, { force: true });
    }
  }

  /** Gives the file up and leaves nothing behind. */
  discard(): void {
    rmSync(this.partial, { force: true });
  }
}

/** Writes one small table at once. */
export function writeTable<Columns extends TableColumns>(
  path: string,
  options: ParquetFileOptions<Columns>,
  batch: Batch<Columns>,
): void {
  const file = ParquetFile.create(path, options);
  try {
    file.append(batch);
    file.close();
  } catch (error) {
    file.discard();
    throw error;
  }
}

function parquetSchema<Columns extends TableColumns>(options: ParquetFileOptions<Columns>): SchemaElement[] {
  const leaves = Object.entries(options.columns).map(([name, type]) => ({
    name,
    ...PHYSICAL_TYPES[type],
    repetition_type: options.nullable?.includes(name) ? ('OPTIONAL' as const) : ('REQUIRED' as const),
  }));
  return [{ name: 'root', num_children: leaves.length }, ...leaves];
}

const PHYSICAL_TYPES: Readonly<Record<ColumnType, Pick<SchemaElement, 'type' | 'converted_type'>>> = {
  DOUBLE: { type: 'DOUBLE' },
  FLOAT: { type: 'FLOAT' },
  INTEGER: { type: 'INT32' },
  SMALLINT: { type: 'INT32', converted_type: 'INT_16' },
  VARCHAR: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  BOOLEAN: { type: 'BOOLEAN' },
};

function rowsOf(
  name: string,
  values: ColumnValues,
  start: number,
  end: number,
  nullable: boolean,
): ColumnSource['data'] {
  const rows = end - start;
  if (isTypedArray(values)) return numbers(name, values, start, end, nullable);
  if ('constant' in values) return texts(name, new Array<string | null>(rows).fill(values.constant), nullable);
  if ('codes' in values) {
    const decoded = new Array<string | null>(rows);
    for (let row = 0; row < rows; row++) decoded[row] = values.dictionary[values.codes[start + row]!] ?? null;
    return texts(name, decoded, nullable);
  }
  return texts(name, values.slice(start, end), nullable);
}

function numbers(
  name: string,
  values: TypedArray,
  start: number,
  end: number,
  nullable: boolean,
): ColumnSource['data'] {
  const slice = values.subarray(start, end);
  if (slice.length < end - start)
    throw new TypeError(`Column ${name} has ${values.length} values, fewer than the batch.`);
  if (slice instanceof Int16Array) return Int32Array.from(slice); // Parquet has no narrower physical type.
  if (slice instanceof Int32Array) return slice;
  for (let row = 0; row < slice.length; row++) {
    if (slice[row] !== slice[row]) {
      if (nullable) return Array.from(slice, (value) => (Number.isNaN(value) ? null : value));
      throw new TypeError(`Column ${name} takes no NULL, but row ${start + row} of the batch is NaN.`);
    }
  }
  return slice;
}

function isTypedArray(values: ColumnValues): values is TypedArray {
  return ArrayBuffer.isView(values);
}

function texts(name: string, values: (string | null)[], nullable: boolean): (string | null)[] {
  if (!nullable && values.includes(null)) throw new TypeError(`Column ${name} takes no NULL.`);
  return values;
}

/** Numbers hardly repeat, so looking for a dictionary would only cost time. */
function encodingOf(values: ColumnValues) {
  return values instanceof Float64Array || values instanceof Float32Array ? { encoding: 'PLAIN' as const } : {};
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
