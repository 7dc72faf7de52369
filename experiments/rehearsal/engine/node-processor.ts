import type { EventQueue } from './event-queue';

/** What shares a node's cores. */
export interface CoreConsumer {
  readonly id: number;
  /** CPU shares. */
  readonly weight: number;
  /** Cores that its runnable threads could use now. */
  readonly demand: number;
  /** Core-seconds used so far. */
  usedAt(now: number): number;
  /** Gives it that many cores until further notice. */
  setCores(cores: number): void;
}

/**
 * The cores of one node, shared by its containers: where they are short by CPU shares, which come from requests
 * (https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#how-pods-with-resource-limits-are-run).
 */
export class NodeProcessor {
  readonly containers: CoreConsumer[] = [];
  private runnable = 0;
  private contended = false;
  private background = 0;
  private usedByGone = 0;

  constructor(
    readonly queue: EventQueue,
    /** Cores of the node. */
    readonly cores: number,
    /** Core speed against the one that the service times were taken on. */
    readonly speed: number,
  ) {}

  /** Cores that daemons, kernel and others outside the model keep busy. */
  setBackground(cores: number): void {
    this.background = cores;
    if (this.contended || this.runnable > this.available) this.share();
  }

  /** Core-seconds that all containers have used so far, those that have left included. */
  usedAt(now: number): number {
    return this.containers.reduce((sum, container) => sum + container.usedAt(now), this.usedByGone);
  }

  private get available(): number {
    return Math.max(0.05, this.cores - this.background);
  }

  add(container: CoreConsumer): void {
    this.containers.push(container);
  }

  remove(container: CoreConsumer): void {
    this.usedByGone += container.usedAt(this.queue.now);
    this.containers.splice(this.containers.indexOf(container), 1);
    if (this.contended) this.share();
  }

  /** A container's number of runnable threads changed; it has already brought its own clock up to now. */
  demandChanged(container: CoreConsumer, change: number): void {
    this.runnable += change;
    if (this.runnable <= this.available + 1e-9 && !this.contended) {
      container.setCores(container.demand);
      return;
    }
    if (container.demand === 0) container.setCores(0);
    this.share();
  }

  /** Fills the cores by weight: a container that wants less than its share leaves the rest to the others. */
  private share(): void {
    const active = this.containers.filter((container) => container.demand > 0);
    this.contended = this.runnable > this.available + 1e-9;
    if (!this.contended) {
      for (const container of active) container.setCores(container.demand);
      return;
    }
    let cores = this.available;
    let weight = active.reduce((sum, container) => sum + container.weight, 0);
    active.sort((one, other) => one.demand / one.weight - other.demand / other.weight || one.id - other.id);
    for (const container of active) {
      const share = Math.min(container.demand, (cores * container.weight) / weight);
      container.setCores(share);
      cores -= share;
      weight -= container.weight;
    }
  }
}
