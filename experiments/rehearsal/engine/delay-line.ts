import type { EventQueue, Timed } from './event-queue';

/**
 * Carries requests that leave in the order in which they came: a network path of constant delay, or a server that takes
 * one at a time. One pending event serves them all.
 */
export class DelayLine implements Timed {
  private readonly id: number;
  private requests = new Int32Array(64);
  private leaves = new Float64Array(64);
  private head = 0;
  private length = 0;
  private lastLeave = -Infinity;

  /** @param arrive Called for each request at the moment it leaves the line. */
  constructor(
    private readonly queue: EventQueue,
    private readonly arrive: (request: number, now: number) => void,
  ) {
    this.id = queue.join(this);
  }

  /** Puts a request on a path of `delay` seconds. The delay must be the same for all requests of a line. */
  carry(request: number, delay: number): void {
    this.add(request, this.queue.now + delay);
  }

  /** Puts a request before a single server that needs `service` seconds for it, first come first served. */
  serve(request: number, service: number): void {
    this.add(request, Math.max(this.queue.now, this.lastLeave) + service);
  }

  fire(now: number): void {
    while (this.length > 0 && this.leaves[this.head] <= now) {
      const request = this.requests[this.head];
      this.head = (this.head + 1) & (this.requests.length - 1);
      this.length -= 1;
      this.arrive(request, now);
    }
    this.queue.schedule(this.id, this.length > 0 ? this.leaves[this.head] : Infinity);
  }

  private add(request: number, leave: number): void {
    if (this.length === this.requests.length) this.grow();
    const tail = (this.head + this.length) & (this.requests.length - 1);
    this.requests[tail] = request;
    this.leaves[tail] = leave;
    this.lastLeave = leave;
    this.length += 1;
    if (this.length === 1) this.queue.schedule(this.id, leave);
  }

  private grow(): void {
    const size = this.requests.length;
    const requests = new Int32Array(size * 2);
    const leaves = new Float64Array(size * 2);
    for (let index = 0; index < this.length; index++) {
      requests[index] = this.requests[(this.head + index) & (size - 1)];
      leaves[index] = this.leaves[(this.head + index) & (size - 1)];
    }
    this.requests = requests;
    this.leaves = leaves;
    this.head = 0;
  }
}
