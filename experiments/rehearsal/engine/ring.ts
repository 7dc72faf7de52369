/** A first-in, first-out queue of whole numbers that grows as needed. */
export class Ring {
  length = 0;
  private items = new Int32Array(16);
  private head = 0;

  push(item: number): void {
    if (this.length === this.items.length) this.grow();
    this.items[(this.head + this.length) & (this.items.length - 1)] = item;
    this.length += 1;
  }

  /** The oldest item; only while {@link length} is above zero. */
  shift(): number {
    const item = this.items[this.head];
    this.head = (this.head + 1) & (this.items.length - 1);
    this.length -= 1;
    return item;
  }

  private grow(): void {
    const items = new Int32Array(this.items.length * 2);
    for (let index = 0; index < this.length; index++) {
      items[index] = this.items[(this.head + index) & (this.items.length - 1)];
    }
    this.items = items;
    this.head = 0;
  }
}
