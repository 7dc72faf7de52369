import { ContainerProcessor } from '../engine/container-processor';
import { DelayLine } from '../engine/delay-line';
import type { EventQueue } from '../engine/event-queue';
import type { NodeProcessor } from '../engine/node-processor';
import { Ring } from '../engine/ring';
import type { SystemModel } from '../model/system-model';

/**
 * PgBouncer and Postgres: the pooler's one thread passes requests on in turn, each then holds a server connection of the
 * bounded pool (or waits for one), and Postgres works for it on the cores of its node.
 */
export class DatabaseStation {
  private readonly postgres: ContainerProcessor;
  private readonly pooler: DelayLine;
  private readonly waiting = new Ring();
  private free: number;

  /**
   * @param seconds Postgres' work for a request.
   * @param done Called when the result is there.
   */
  constructor(
    queue: EventQueue,
    node: NodeProcessor,
    private readonly model: SystemModel['database'],
    private readonly seconds: (request: number) => number,
    private readonly done: (request: number) => void,
  ) {
    this.free = model.poolSize;
    this.postgres = new ContainerProcessor(
      node,
      model.requestMillicores,
      model.limitMillicores === undefined ? Infinity : model.limitMillicores / 1000,
      Infinity,
      0,
      1,
      (request) => this.finish(request),
    );
    this.pooler = new DelayLine(queue, (request) => this.enterPool(request));
  }

  query(request: number): void {
    if (this.model.poolerMs > 0) this.pooler.serve(request, this.model.poolerMs / 1000);
    else this.enterPool(request);
  }

  private enterPool(request: number): void {
    if (this.free > 0) {
      this.free -= 1;
      this.postgres.start(request, this.seconds(request));
    } else this.waiting.push(request);
  }

  private finish(request: number): void {
    this.free += 1;
    if (this.waiting.length > 0) this.enterPool(this.waiting.shift());
    this.done(request);
  }
}
