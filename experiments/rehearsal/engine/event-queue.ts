/** Something with at most one pending event. */
export interface Timed {
  /** Called when the event is due; may schedule the next one. */
  fire(now: number): void;
}

/**
 * The future of one trial: a binary heap with one slot per member, whose pending event can be moved in place. Members are
 * few, whatever the number of requests; those due at the same instant fire in the order of their numbers.
 */
export class EventQueue {
  now: number;
  private readonly members: Timed[] = [];
  private due = new Float64Array(64).fill(Infinity);
  private position = new Int32Array(64).fill(-1);
  private heap = new Int32Array(64);
  private size = 0;

  constructor(start: number) {
    this.now = start;
  }

  /** Adds a member and returns its number. */
  join(member: Timed): number {
    const id = this.members.push(member) - 1;
    if (id >= this.due.length) this.grow();
    return id;
  }

  /** Sets, moves or (with Infinity) withdraws a member's event. */
  schedule(id: number, time: number): void {
    const before = this.due[id];
    if (time === before) return;
    this.due[id] = time;
    const position = this.position[id];
    if (position < 0) {
      if (time === Infinity) return;
      this.position[id] = this.size;
      this.heap[this.size] = id;
      this.size += 1;
      this.rise(this.size - 1);
    } else if (time === Infinity) {
      this.remove(position);
    } else if (time < before) {
      this.rise(position);
    } else {
      this.sink(position);
    }
  }

  /** Fires events in order up to and including an instant; stops early when `isOver` says so after an event. */
  runUntil(end: number, isOver: () => boolean): void {
    while (this.size > 0) {
      const id = this.heap[0];
      const time = this.due[id];
      if (time > end) break;
      this.now = time;
      this.due[id] = Infinity;
      this.remove(0);
      this.members[id].fire(time);
      if (isOver()) return;
    }
    this.now = end;
  }

  private remove(position: number): void {
    this.position[this.heap[position]] = -1;
    this.size -= 1;
    if (position === this.size) return;
    const moved = this.heap[this.size];
    this.heap[position] = moved;
    this.position[moved] = position;
    this.rise(position);
    this.sink(this.position[moved]);
  }

  private rise(start: number): void {
    const { heap, position } = this;
    const id = heap[start];
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.isBefore(id, heap[parent])) break;
      heap[index] = heap[parent];
      position[heap[index]] = index;
      index = parent;
    }
    heap[index] = id;
    position[id] = index;
  }

  private sink(start: number): void {
    const { heap, position, size } = this;
    const id = heap[start];
    let index = start;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= size) break;
      if (child + 1 < size && this.isBefore(heap[child + 1], heap[child])) child += 1;
      if (!this.isBefore(heap[child], id)) break;
      heap[index] = heap[child];
      position[heap[index]] = index;
      index = child;
    }
    heap[index] = id;
    position[id] = index;
  }

  private isBefore(one: number, other: number): boolean {
    const difference = this.due[one] - this.due[other];
    return difference < 0 || (difference === 0 && one < other);
  }

  private grow(): void {
    const length = this.due.length * 2;
    const due = new Float64Array(length).fill(Infinity);
    due.set(this.due);
    const position = new Int32Array(length).fill(-1);
    position.set(this.position);
    const heap = new Int32Array(length);
    heap.set(this.heap);
    Object.assign(this, { due, position, heap });
  }
}
