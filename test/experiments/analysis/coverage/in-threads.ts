import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { threadSource } from '../../../../experiments/workload';
import type { Cells, System } from './simulation';
import type { Tally } from './stated-rate';

/**
 * Threads that simulate outside the test's own world: there every global is looked up anew at each use, which is most of the
 * time of a simulation, and all of it is on one core.
 */
export class SimulationThreads {
  private readonly workers = Array.from(
    { length: Math.min(4, availableParallelism()) },
    () => new Worker(threadSource(join(__dirname, 'simulation-thread.ts')), { eval: true }),
  );

  /** Every interval of so many cells; which thread plays which cell changes nothing, since each cell has its own seed. */
  async simulate(system: System, cells: number): Promise<Tally[]> {
    const places = this.workers.map((_, index) => Math.floor((index * cells) / this.workers.length));
    const parts = await Promise.all(
      this.workers.map((worker, index) =>
        ask(worker, { system, cells: { from: places[index], to: places[index + 1] ?? cells } }),
      ),
    );
    return parts.reduce((sum, part) => sum.map((tally, index) => added(tally, part[index])));
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}

function ask(worker: Worker, task: { readonly system: System; readonly cells: Cells }): Promise<Tally[]> {
  return new Promise((resolve, reject) => {
    worker.once('message', (tallies: Tally[]) => {
      worker.removeListener('error', reject);
      resolve(tallies);
    });
    worker.once('error', reject);
    worker.postMessage(task);
  });
}

function added(one: Tally, other: Tally): Tally {
  return {
    name: one.name,
    seeds: one.seeds + other.seeds,
    held: one.held + other.held,
    early: one.early + other.early,
    late: one.late + other.late,
  };
}
