import type { EventQueue, Timed } from './event-queue';

interface Entry {
  readonly time: number;
  readonly order: number;
  readonly action: (now: number) => void;
}

/** One-off actions of the control plane (probes, syncs, scrapes): rare beside requests, so plain objects will do. */
export class Timers implements Timed {
  private readonly heap: Entry[] = [];
  private readonly id: number;
  private order = 0;

  constructor(private readonly queue: EventQueue) {
    this.id = queue.join(this);
  }

  at(time: number, action: (now: number) => void): void {
    const entry = { time, order: this.order++, action };
    const { heap } = this;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(entry, heap[parent])) break;
      heap[index] = heap[parent];
      index = parent;
    }
    heap[index] = entry;
    this.queue.schedule(this.id, heap[0].time);
  }

  after(delay: number, action: (now: number) => void): void {
    this.at(this.queue.now + delay, action);
  }

  /** Repeats from `first` on, every `period` seconds, for ever. */
  every(period: number, first: number, action: (now: number) => void): void {
    this.at(first, (now) => {
      action(now);
      this.every(period, now + period, action);
    });
  }

  fire(now: number): void {
    while (this.heap.length > 0 && this.heap[0].time <= now) this.take().action(now);
    this.queue.schedule(this.id, this.heap.length > 0 ? this.heap[0].time : Infinity);
  }

  private take(): Entry {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop() as Entry;
    if (heap.length > 0) {
      let index = 0;
      for (;;) {
        let child = 2 * index + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child += 1;
        if (!isBefore(heap[child], last)) break;
        heap[index] = heap[child];
        index = child;
      }
      heap[index] = last;
    }
    return first;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.time < other.time || (one.time === other.time && one.order < other.order);
}
