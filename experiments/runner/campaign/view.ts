import type { TrialRecord } from '../../campaign';
import { loadProfile, OVERHEAD_SECONDS, scheduledSeconds, type LoadScale, type Trial } from '../../plan';
import type { LoadProgress } from '../../workload';
import type { AttemptState } from '../attempt/attempt';
import type { RunnerView } from './campaign-run';
import type { NextAttempt } from './queue';

/** Plain lines: what is written where no one watches a terminal. */
export class LineView implements RunnerView {
  private total = 0;
  private lastProgress = 0;

  constructor(
    protected readonly scale: LoadScale,
    protected readonly write: (text: string) => void = (text) => process.stdout.write(text),
  ) {}

  begun(trials: readonly Trial[], remaining: readonly Trial[]): void {
    this.total = trials.length;
    this.line(`${remaining.length} of ${trials.length} trials to run, about ${this.timeLeft(remaining)}.`);
  }

  entered({ trial, attempt }: NextAttempt, state: AttemptState): void {
    this.line(`${trial.id}${attempt > 1 ? ` (attempt ${attempt})` : ''}: ${state}`);
  }

  progress(_next: NextAttempt, progress: LoadProgress): void {
    if (progress.seconds - this.lastProgress < 30 && progress.seconds > this.lastProgress) return;
    this.lastProgress = progress.seconds;
    this.line(`  ${describeProgress(progress)}`);
  }

  stored(record: TrialRecord, remaining: readonly Trial[]): void {
    this.lastProgress = 0;
    this.line(`${record.trial}: ${verdict(record)}`);
    if (remaining.length > 0)
      this.line(
        `${this.total - remaining.length} of ${this.total} trials done, about ${this.timeLeft(remaining)} left.`,
      );
  }

  note(text: string): void {
    this.line(text);
  }

  close(): void {
    // Lines need no tidying up.
  }

  protected line(text: string): void {
    this.write(`${text}\n`);
  }

  /** @param passed Seconds that the first of them has run already. */
  protected timeLeft(remaining: readonly Trial[], passed = 0): string {
    const seconds = remaining.reduce(
      (sum, trial) =>
        sum +
        scheduledSeconds(loadProfile(trial.profile, trial.testType, this.scale)) +
        OVERHEAD_SECONDS * Math.min(1, this.scale.duration * 4),
      0,
    );
    return duration(Math.max(0, seconds - passed));
  }
}

/** One line that is kept up to date, below the verdicts so far: for a terminal. */
export class TerminalView extends LineView {
  private phase = '';
  private rest: readonly Trial[] = [];
  private earlier: LoadProgress | undefined;
  /** When the present attempt began, milliseconds since the epoch. */
  private began = Date.now();

  override begun(trials: readonly Trial[], remaining: readonly Trial[]): void {
    super.begun(trials, remaining);
    this.rest = remaining;
  }

  override entered({ trial, attempt }: NextAttempt, state: AttemptState): void {
    if (state === 'select') this.began = Date.now();
    this.phase = `${trial.id}${attempt > 1 ? ` #${attempt}` : ''} | ${state}`;
    this.earlier = undefined;
    this.show('');
  }

  override progress(_next: NextAttempt, progress: LoadProgress): void {
    const { earlier } = this;
    const seconds = progress.seconds - (earlier?.seconds ?? 0);
    const rate = seconds > 0 ? (progress.started - (earlier?.started ?? 0)) / seconds : 0;
    this.earlier = progress;
    this.show(` | ${rate.toFixed(1)} req/s | ${describeProgress(progress)}`);
  }

  override stored(record: TrialRecord, remaining: readonly Trial[]): void {
    this.rest = remaining;
    this.write('\r\x1b[K');
    super.stored(record, remaining);
  }

  override note(text: string): void {
    this.write('\r\x1b[K');
    super.note(text);
  }

  override close(): void {
    this.write('\r\x1b[K');
  }

  private show(detail: string): void {
    const text = `${this.phase}${detail} | ${this.timeLeft(this.rest, (Date.now() - this.began) / 1000)} left`;
    // A terminal that does not tell its width says 0.
    this.write(`\r\x1b[K${text.slice(0, (process.stdout.columns || 120) - 1)}`);
  }
}

export function viewFor(scale: LoadScale): RunnerView {
  return process.stdout.isTTY ? new TerminalView(scale) : new LineView(scale);
}

function describeProgress({ seconds, started, failed, dropped, inFlight }: LoadProgress): string {
  return `${seconds.toFixed(0)} s, ${started} started, ${inFlight} in flight, ${failed} failed, ${dropped} dropped`;
}

/** Verdict of an attempt in one line, with every gate that failed. */
export function verdict(record: TrialRecord): string {
  if (record.valid)
    return `valid, ${record.rows.samples} requests${record.aborted ? ', ended early at the breakpoint' : ''}`;
  const failed = record.gates.filter(({ passed }) => !passed);
  return `INVALID: ${failed.map(({ gate, detail }) => `${gate} (${detail})`).join(' ')}`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
