import type { EventQueue } from '../engine/event-queue';
import { NodeProcessor } from '../engine/node-processor';
import type { NodeModel } from '../model/system-model';

/** A node with what the scheduler counts on it. */
export class Node {
  readonly processor: NodeProcessor;
  requestedMillicores: number;
  requestedMemoryMiB: number;
  /** Pods per workload. */
  readonly podsOf = new Map<string, number>();

  constructor(
    readonly model: NodeModel,
    queue: EventQueue,
  ) {
    this.processor = new NodeProcessor(queue, model.cores, model.speed);
    this.processor.setBackground(model.daemonCores);
    this.requestedMillicores = model.reservedMillicores;
    this.requestedMemoryMiB = model.reservedMemoryMiB;
  }

  get name(): string {
    return this.model.name;
  }

  fits(millicores: number, memoryMiB: number): boolean {
    return (
      this.requestedMillicores + millicores <= this.model.cores * 1000 &&
      this.requestedMemoryMiB + memoryMiB <= this.model.memoryMiB
    );
  }

  place(workload: string, millicores: number, memoryMiB: number): void {
    this.requestedMillicores += millicores;
    this.requestedMemoryMiB += memoryMiB;
    this.podsOf.set(workload, (this.podsOf.get(workload) ?? 0) + 1);
  }

  release(workload: string, millicores: number, memoryMiB: number): void {
    this.place(workload, -millicores, -memoryMiB);
    this.podsOf.set(workload, (this.podsOf.get(workload) as number) - 2);
  }
}
