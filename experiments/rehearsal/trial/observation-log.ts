import type { WorkloadName } from '../../plan';

/** One row of `replicas.parquet`. */
export interface ReplicaRow {
  readonly at: number;
  readonly workload: WorkloadName;
  readonly desired: number;
  readonly current: number;
  readonly ready: number;
}

/** One row of `metrics.parquet`. */
export interface MetricRow {
  readonly at: number;
  readonly metric: string;
  readonly node: string | null;
  readonly pod: string | null;
  readonly container: string | null;
  readonly value: number;
}

/** Keeps the replica timeline: a row at the start, at every change, and at the end. */
export class ReplicaLog {
  readonly rows: ReplicaRow[] = [];
  private readonly last = new Map<WorkloadName, ReplicaRow>();

  observe(row: ReplicaRow): void {
    const last = this.last.get(row.workload);
    if (last && last.desired === row.desired && last.current === row.current && last.ready === row.ready) return;
    this.last.set(row.workload, row);
    // What happened before the load began is its state at the start.
    if (row.at > 0) this.rows.push(row);
  }

  begin(): void {
    for (const row of this.last.values()) this.rows.push({ ...row, at: 0 });
  }

  end(at: number): void {
    for (const row of this.last.values()) this.rows.push({ ...row, at });
  }
}
