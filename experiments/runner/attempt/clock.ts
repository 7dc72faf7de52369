/** Both clocks of this machine, milliseconds. */
export interface Clocks {
  /** What the machine thinks the time is, since the epoch; it may be set. */
  wall(): number;
  /** Since some moment; it is never set. */
  monotonic(): number;
}

const machineClocks: Clocks = { wall: () => Date.now(), monotonic: () => performance.now() };

/** Time since the epoch that runs on when the wall clock is set: what an attempt observes is stamped with it. */
export class SteadyClock {
  private offset: number;

  constructor(private readonly clocks: Clocks = machineClocks) {
    this.offset = clocks.wall() - clocks.monotonic();
  }

  /** Takes the wall clock's word once, at the start of an attempt. */
  setByWallClock(): void {
    this.offset = this.clocks.wall() - this.clocks.monotonic();
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.clocks.monotonic() + this.offset;
  }
}

/** The clock of everything that this process observes. */
export const observationClock = new SteadyClock();

/** By how much the wall clock left the monotonic one. */
export interface ClockStep {
  /** Seconds; negative where the clock was set back. */
  readonly seconds: number;
  /** When it was seen first, seconds from the start of the watch. */
  readonly at_s: number;
}

const LOOK_MS = 500;

/** Holds the wall clock against the monotonic one while a load runs. */
export class ClockWatch {
  private readonly wall: number;
  private readonly monotonic: number;
  private readonly timer: NodeJS.Timeout;
  private worst: ClockStep = { seconds: 0, at_s: 0 };

  constructor(private readonly clocks: Clocks = machineClocks) {
    this.wall = clocks.wall();
    this.monotonic = clocks.monotonic();
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  /** @returns the largest step that was seen. */
  stop(): ClockStep {
    clearInterval(this.timer);
    this.look();
    return this.worst;
  }

  private look(): void {
    const passed = this.clocks.monotonic() - this.monotonic;
    const seconds = (this.clocks.wall() - this.wall - passed) / 1000;
    if (Math.abs(seconds) > Math.abs(this.worst.seconds)) this.worst = { seconds, at_s: passed / 1000 };
  }
}
