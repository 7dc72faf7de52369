import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

/** A column of numbers; NULL is NaN. NaN never leaves the analysis: tables and figures turn it into "no value". */
export type NumberColumn = Float64Array;

/** One connection to an in-memory DuckDB with bounded memory; its temporary tables are its own. */
export class Engine {
  private constructor(private readonly connection: DuckDBConnection) {}

  /**
   * Opens connections on one shared database, each with a thread of its own for a cell of its own: the files of one cell are
   * too small to be split, and with two workers the same queries take nearly twice the processor time.
   */
  static async open(connections: number): Promise<{ engines: Engine[]; close: () => void }> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '1',
      memory_limit: '1GB',
      // Order of rows is always stated in the query where it matters.
      preserve_insertion_order: 'false',
    });
    const engines: Engine[] = [];
    for (let index = 0; index < connections; index++) engines.push(new Engine(await instance.connect()));
    return {
      engines,
      close: () => {
        engines.forEach((engine) => engine.connection.closeSync());
        instance.closeSync();
      },
    };
  }

  async run(sql: string): Promise<void> {
    await this.connection.run(sql);
  }

  /** Rows as objects of plain numbers and strings. */
  async rows<T = Record<string, number | string | null>>(sql: string): Promise<T[]> {
    const reader = await this.connection.runAndReadAll(sql);
    const names = reader.columnNames();
    return reader.getRows().map((row) => {
      const object: Record<string, unknown> = {};
      row.forEach((value, index) => (object[names[index]] = plain(value)));
      return object as T;
    });
  }

  /** Columns of numbers by name. */
  async columns<Name extends string>(sql: string): Promise<Record<Name, NumberColumn>> {
    const reader = await this.connection.runAndReadAll(sql);
    const columns = reader.getColumns();
    const result = {} as Record<Name, NumberColumn>;
    reader.columnNames().forEach((name, index) => {
      result[name as Name] = Float64Array.from(columns[index] ?? [], (value) => (value === null ? NaN : Number(value)));
    });
    return result;
  }
}

/** Text as a SQL sqlLiteral. */
export function sqlLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value !== null && typeof value === 'object' && 'items' in value)
    return (value as { items: readonly unknown[] }).items.map(plain);
  return value;
}
