import type { CampaignSettings } from '../../campaign';
import { loadProfile, OVERHEAD_SECONDS, scheduledSeconds, WARM_UP, type Trial } from '../../plan';

/** What a local trial takes besides load and warm-up: the API's start, round trips, cool-down; measured on two cores, seconds. */
const LOCAL_OVERHEAD_SECONDS = 20;

/** How long the rest of a campaign takes: the loads by the plan, what is around them by what it took so far. */
export class TimeLeft {
  private readonly overheads: number[] = [];
  private began = 0;
  private loaded = 0;

  constructor(
    private readonly settings: Pick<CampaignSettings, 'site' | 'scale'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  attemptBegan(): void {
    this.began = this.now();
    this.loaded = 0;
  }

  /** The load of the attempt that runs has gone on for so long. */
  loadReached(seconds: number): void {
    this.loaded = seconds;
  }

  /** An attempt that was stored teaches how long one takes besides its load. */
  attemptEnded(trial: Trial, loadSeconds: number): void {
    const took = (this.now() - this.began) / 1000;
    this.overheads.push(Math.max(0, took - Math.min(loadSeconds, this.loadOf(trial))));
  }

  /**
   * Seconds until the remaining trials are done, each at its first further attempt.
   *
   * @param runs True where the first of them has begun.
   */
  seconds(remaining: readonly Trial[], runs = false): number {
    const sum = remaining.reduce((total, trial) => total + this.loadOf(trial) + this.overhead(), 0);
    const first = remaining[0];
    if (!runs || first === undefined) return sum;
    const passed = (this.now() - this.began) / 1000;
    // However long it took until the load began, the load itself is still to come.
    const toCome = Math.max(0, this.loadOf(first) - this.loaded);
    return sum - Math.min(passed, this.loadOf(first) + this.overhead() - toCome);
  }

  /** In words: `45 s`, `12 min`, `3 h 5 min`. */
  text(remaining: readonly Trial[], runs = false): string {
    return duration(this.seconds(remaining, runs));
  }

  private loadOf({ profile, testType }: Trial): number {
    return scheduledSeconds(loadProfile(profile, testType, this.settings.scale));
  }

  private overhead(): number {
    const { overheads } = this;
    if (overheads.length > 0) return overheads.reduce((sum, one) => sum + one, 0) / overheads.length;
    const warmUp = WARM_UP.seconds * Math.min(1, this.settings.scale.duration);
    const around = this.settings.site === 'local' ? LOCAL_OVERHEAD_SECONDS : OVERHEAD_SECONDS - WARM_UP.seconds;
    return around + warmUp;
  }
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
