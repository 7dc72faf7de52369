import { folded } from '../../../lib/console/folded';
import type { CampaignSettings, GateResult, TrialRecord } from '../../campaign';
import type { LoadScale, Trial } from '../../plan';
import type { LoadProgress } from '../../workload';
import type { AttemptState } from '../attempt/attempt-context';
import type { NextAttempt } from './queue';
import type { RunnerView } from './runner-view';
import { RecentRate } from './recent-rate';
import { TimeLeft } from './time-left';
import { counted } from '../../../lib/primitives/counted';

/** Seconds of load between two lines where no one watches a terminal. */
const LINE_SECONDS = 30;
/** The first of them comes this early. */
const FIRST_LINE_SECONDS = 5;

/** Plain lines: what is written where no one watches a terminal. */
export class LineView implements RunnerView {
  protected readonly left: TimeLeft;
  private total = 0;
  private lastProgress = FIRST_LINE_SECONDS - LINE_SECONDS;
  protected loadSeconds = 0;
  private running: Trial | undefined;

  constructor(
    scale: LoadScale,
    protected readonly write: (text: string) => void = (text) => process.stdout.write(text),
    site: CampaignSettings['site'] = 'cluster',
  ) {
    this.left = new TimeLeft({ site, scale });
  }

  begun(trials: readonly Trial[], remaining: readonly Trial[]): void {
    this.total = trials.length;
    const of = remaining.length === trials.length ? '' : ` of ${trials.length}`;
    const trial = remaining.length === 1 && of === '' ? 'trial' : 'trials';
    this.line(`${remaining.length}${of} ${trial} to run, about ${this.left.text(remaining)}.`);
  }

  entered({ trial, attempt }: NextAttempt, state: AttemptState): void {
    if (state === 'select') this.begin(trial);
    this.line(`${trial.id}${attempt > 1 ? ` (attempt ${attempt})` : ''}: ${state}`);
  }

  progress(_next: NextAttempt, progress: LoadProgress): void {
    this.loadSeconds = progress.seconds;
    this.left.loadReached(progress.seconds);
    if (progress.seconds - this.lastProgress < LINE_SECONDS) return;
    this.lastProgress = progress.seconds;
    this.line(`  ${describeProgress(progress)}`);
  }

  stored(record: TrialRecord, remaining: readonly Trial[]): void {
    this.end();
    this.line(`${record.trial}: ${verdict(record)}`);
    if (remaining.length > 0)
      this.line(
        `${this.total - remaining.length} of ${counted(this.total, 'trial')} done, about ${this.left.text(remaining)} left.`,
      );
  }

  note(text: string): void {
    this.line(text);
  }

  detail(text: string): void {
    this.line(`  ${text}`);
  }

  judged({ passed, gate, detail }: GateResult): void {
    if (!passed) this.line(`  ${gate} failed: ${detail}`);
  }

  close(): void {
    // Lines need no tidying up.
  }

  protected line(text: string): void {
    this.write(`${text}\n`);
  }

  protected begin(trial: Trial): void {
    this.running = trial;
    this.loadSeconds = 0;
    this.lastProgress = FIRST_LINE_SECONDS - LINE_SECONDS;
    this.left.attemptBegan();
  }

  protected end(): void {
    if (this.running !== undefined) this.left.attemptEnded(this.running, this.loadSeconds);
    this.running = undefined;
  }
}

/** One line of at most 79 characters that is kept up to date, below the trials so far: for a terminal. */
export class TerminalView extends LineView {
  private state: AttemptState | undefined;
  private doing = '';
  private rest: readonly Trial[] = [];
  private rate = new RecentRate();
  private timer: NodeJS.Timeout | undefined;

  override begun(trials: readonly Trial[], remaining: readonly Trial[]): void {
    super.begun(trials, remaining);
    this.rest = remaining;
  }

  override entered({ trial, attempt }: NextAttempt, state: AttemptState): void {
    if (state === 'select') {
      this.begin(trial);
      this.rest = [trial, ...this.rest.filter(({ id }) => id !== trial.id)];
      this.line(`${trial.id}${attempt > 1 ? `, attempt ${attempt}` : ''}`);
      // The time goes on in states that tell nothing.
      this.timer ??= setInterval(() => this.show(), 1000);
      this.timer.unref();
    }
    this.state = state;
    this.doing = '';
    this.rate = new RecentRate();
    this.show();
  }

  override progress(_next: NextAttempt, progress: LoadProgress): void {
    this.rate.add(progress);
    this.loadSeconds = progress.seconds;
    this.left.loadReached(progress.seconds);
    this.doing = this.rate.describe(progress);
    this.show();
  }

  override stored(record: TrialRecord, remaining: readonly Trial[]): void {
    this.rest = remaining;
    this.state = undefined;
    super.stored(record, remaining);
  }

  override detail(text: string): void {
    this.doing = text;
    this.show();
  }

  override close(): void {
    clearInterval(this.timer);
    this.write('\r\x1b[K');
  }

  protected override line(text: string): void {
    this.write(`\r\x1b[K${folded(text, terminalWidth())}\n`);
    this.show();
  }

  private show(): void {
    if (this.state === undefined) return;
    const left = `${this.left.text(this.rest, true)} left`;
    const doing = [this.state, this.doing].filter(Boolean).join(' ');
    const room = terminalWidth() - left.length - 3;
    this.write(`\r\x1b[K${doing.slice(0, room)} | ${left}`);
  }
}

/** Characters of a line that no terminal breaks: one that does not tell its width says 0. */
export function terminalWidth(): number {
  return Math.min(80, process.stdout.columns || 80) - 1;
}

export function viewFor({ scale, site }: Pick<CampaignSettings, 'scale' | 'site'>): RunnerView {
  return process.stdout.isTTY ? new TerminalView(scale, undefined, site) : new LineView(scale, undefined, site);
}

function describeProgress({ seconds, started, failed, dropped, inFlight, recent }: LoadProgress): string {
  const times = recent === undefined ? '' : `, p50 ${recent.p50.toFixed(0)} ms, p95 ${recent.p95.toFixed(0)} ms`;
  return `${seconds.toFixed(0)} s, ${started} started, ${inFlight} in flight${times}, ${failed} failed, ${dropped} dropped`;
}

/** Verdict of an attempt in one line, with every gate that failed. */
export function verdict(record: TrialRecord): string {
  if (record.valid)
    return [
      `valid, ${counted(record.rows.samples, 'request')}`,
      ...(record.saturated === true ? ['saturated (dropped starts count as failed)'] : []),
      ...(record.aborted ? ['ended early at the breakpoint'] : []),
    ].join(', ');
  const failed = record.gates.filter(({ passed }) => !passed);
  return `INVALID: ${failed.map(({ gate, detail }) => `${gate} (${detail})`).join(' ')}`;
}
