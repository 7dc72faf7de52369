import { secondsOfDay } from '../../../lib/kubernetes/schedule/time-of-day';
import { setTimeout as sleep } from 'node:timers/promises';
import { GATE_LIMITS, type CampaignSettings, type GateResult } from '../../campaign';
import { loadOfTrial, secondsToPeak, WARM_UP, type Trial } from '../../plan';

const DAY_MS = 86_400_000;
/** What comes between the wait and the load beside the warm-up (roll-out, flowsheet, delay), milliseconds: a later peak is taken where it takes longer. */
const PREPARATION_MS = 120_000;

/** Whether an autoscaler of the trial has a floor around the known peaks of the day, so that its load must have its peak there. */
export function needsKnownPeak({ variant }: Pick<Trial, 'variant'>): boolean {
  return Object.values(variant.settings).some(
    ({ replicas }) => typeof replicas === 'object' && replicas.floor !== undefined,
  );
}

/**
 * The first moment, not before `earliest` (both milliseconds since the epoch), at which a load must start to reach its
 * highest rate, `leadMs` later, at one of the `peaks` of the day (UTC, such as 08:30).
 */
export function startForPeak(peaks: readonly string[], leadMs: number, earliest: number): number {
  const starts = peaks.map((peak) => {
    const today = Math.floor(earliest / DAY_MS) * DAY_MS + secondsOfDay(peak)! * 1000 - leadMs;
    return today + Math.ceil((earliest - today) / DAY_MS) * DAY_MS;
  });
  return Math.min(...starts);
}

/** The trial that waits, and who is told. */
interface Waiting {
  readonly trial: Trial;
  readonly settings: Pick<CampaignSettings, 'scale'>;
  readonly signal: AbortSignal;
  detail?(text: string): void;
}

/** Holds a trial back until its load can have its peak at a known time. */
export class PeakAppointment {
  private start = 0;
  private readonly leadMs: number;
  private readonly warmUpMs: number;

  /** @param now milliseconds since the epoch */
  constructor(
    private readonly peaks: readonly string[],
    private readonly waiting: Waiting,
    private readonly now: () => number = Date.now,
  ) {
    const { trial, settings } = waiting;
    const { scale } = settings;
    this.leadMs = secondsToPeak(loadOfTrial(trial, 0, 'even', scale).stages) * 1000;
    this.warmUpMs = WARM_UP.seconds * 1000 * scale.duration;
  }

  /** An appointment where the trial needs one and its site has known peaks. */
  static of(peaks: readonly string[] | undefined, waiting: Waiting): PeakAppointment | undefined {
    return peaks !== undefined && needsKnownPeak(waiting.trial) ? new PeakAppointment(peaks, waiting) : undefined;
  }

  /** Before anything is prepared: the load is some minutes away then. */
  async near(): Promise<void> {
    const ahead = PREPARATION_MS + this.warmUpMs;
    const start = startForPeak(this.peaks, this.leadMs, this.now() + ahead);
    await this.until(start - ahead, `the load's peak falls on ${timeOfDay(start + this.leadMs)} UTC`);
  }

  /** Before the warm-up, which ends where the load begins. */
  async beforeWarmUp(): Promise<void> {
    this.start = startForPeak(this.peaks, this.leadMs, this.now() + this.warmUpMs);
    await this.until(this.start - this.warmUpMs, 'the warm-up ends where the load must begin');
  }

  /** After the warm-up. */
  async beforeLoad(): Promise<void> {
    await this.until(this.start, 'the load begins');
  }

  /** Whether it came to pass. */
  verdict(startedAt: number): GateResult {
    const missed = Math.abs(startedAt - this.start) / 1000;
    const limit = GATE_LIMITS.knownPeakSeconds;
    const passed = missed <= limit;
    return {
      gate: 'at-known-peak',
      passed,
      value: Number(missed.toFixed(3)),
      limit,
      detail: `The load's peak was ${missed.toFixed(1)} s from ${timeOfDay(this.start + this.leadMs)} UTC, around which the floor stands (limit ${limit} s).`,
      ...(passed
        ? {}
        : {
            remedy:
              'Something before the load took longer than it should: look at its roll-out and warm-up, and run it again.',
          }),
    };
  }

  private async until(at: number, what: string): Promise<void> {
    const wait = at - this.now();
    if (wait <= 0) return;
    if (wait > 2000) this.waiting.detail?.(`Waiting ${Math.round(wait / 1000)} s until ${what}.`);
    await sleep(wait, undefined, { signal: this.waiting.signal });
  }
}

function timeOfDay(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}
