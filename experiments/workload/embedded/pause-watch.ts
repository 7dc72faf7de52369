import type { Pause } from '../generator';

const BEAT_MS = 20;
/** Shorter pauses are those of any program. */
const SHORTEST_PAUSE_MS = 100;

/** Sees from the event loop itself when this thread did not run: by a stopped process, a busy host, or its own work. */
export class PauseWatch {
  private readonly pauses: Pause[] = [];
  private before = performance.now();
  private readonly timer = setInterval(() => this.beat(), BEAT_MS);

  /** @param start Moment from which pauses are counted, milliseconds on the monotonic clock. */
  constructor(private readonly start: number) {}

  stop(): readonly Pause[] {
    this.beat();
    clearInterval(this.timer);
    return this.pauses;
  }

  private beat(): void {
    const now = performance.now();
    const paused = now - this.before - BEAT_MS;
    if (paused >= SHORTEST_PAUSE_MS)
      this.pauses.push({ at_s: (this.before - this.start) / 1000, seconds: paused / 1000 });
    this.before = now;
  }
}
