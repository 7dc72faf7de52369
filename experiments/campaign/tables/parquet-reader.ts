import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { SCHEMA_VERSION, SCHEMA_VERSION_KEY } from '../schema';
import type { TableColumns } from './parquet-writer';

/** One row as plain values; NULL is null. */
export type Row<Columns extends TableColumns> = Readonly<Record<keyof Columns, string | number | boolean | null>>;

/**
 * Reads a whole table of a campaign; meant for single trials (analysis over many reads the files with DuckDB).
 *
 * @throws {Error} when the file's schema version or columns are not what this program knows.
 */
export async function readTable<Columns extends TableColumns>(path: string, columns: Columns): Promise<Row<Columns>[]> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const version = metadata.key_value_metadata?.find(({ key }) => key === SCHEMA_VERSION_KEY)?.value;
  if (version !== String(SCHEMA_VERSION))
    throw new Error(
      `${path} has schema version ${version ?? '(none)'}, but this program knows only ${SCHEMA_VERSION}: use the commit that wrote it.`,
    );
  const present = metadata.schema.slice(1).map(({ name }) => name);
  const expected = Object.keys(columns);
  if (present.join() !== expected.join())
    throw new Error(`${path} has the columns ${present.join(', ')}; expected were ${expected.join(', ')}.`);
  return (await parquetReadObjects({ file, metadata })) as Row<Columns>[];
}
