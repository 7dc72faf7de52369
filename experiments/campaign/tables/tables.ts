import { METRIC_COLUMNS, REPLICA_COLUMNS, SAMPLE_COLUMNS } from '../schema';

/** How each kind of Parquet file of a trial is written. */
export const SAMPLE_TABLE = { columns: SAMPLE_COLUMNS, nullable: ['started_s', 'error'] } as const;
export const REPLICA_TABLE = { columns: REPLICA_COLUMNS } as const;
export const METRIC_TABLE = { columns: METRIC_COLUMNS, nullable: ['node', 'pod', 'container'] } as const;
