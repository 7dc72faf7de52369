import type { LoadProgress } from '../../workload';

const WINDOW_SECONDS = 5;

/** Requests per second over the last five seconds of a load, in which single requests do not show as steps. */
export class RecentRate {
  private readonly window: LoadProgress[] = [];

  add(progress: LoadProgress): void {
    this.window.push(progress);
    while (this.window.length > 2 && progress.seconds - this.window[1]!.seconds >= WINDOW_SECONDS) this.window.shift();
  }

  /** Starts per second. */
  value(): number {
    const [first, last] = [this.window[0], this.window.at(-1)];
    if (first === undefined || last === undefined) return 0;
    // A single report tells of everything since the start of the load.
    const before = first === last ? { started: 0, seconds: 0 } : first;
    const seconds = last.seconds - before.seconds;
    return seconds > 0 ? (last.started - before.started) / seconds : 0;
  }

  /** In at most sixty characters. */
  describe({ seconds, started, failed, dropped, recent }: LoadProgress): string {
    const bad = (100 * (failed + dropped)) / Math.max(1, started + dropped);
    const times = recent === undefined ? '' : `, p50 ${milliseconds(recent.p50)}, p95 ${milliseconds(recent.p95)} ms`;
    return `${seconds.toFixed(0)} s, ${this.value().toFixed(1)} req/s${times}, ${bad.toFixed(bad < 10 ? 1 : 0)} % failed`;
  }
}

function milliseconds(value: number): string {
  return value.toFixed(0);
}
