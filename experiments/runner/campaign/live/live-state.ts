import type { CampaignSettings, GateResult, TrialRecord } from '../../../campaign';
import { ArrivalSchedule, loadProfile, type Trial } from '../../../plan';
import type { LoadProgress } from '../../../workload';
import type { AttemptState } from '../../attempt/attempt-context';
import type { ReplicaObservation } from '../../attempt/ports';
import type { NextAttempt } from '../queue';
import { RecentRate } from '../recent-rate';
import type { RunnerView } from '../runner-view';
import { TimeLeft } from '../time-left';
import { verdict } from '../view';

/** One moment of a load. */
interface Moment {
  readonly seconds: number;
  /** Starts per second: sent, and asked for by the schedule. */
  readonly rate: number;
  readonly offered: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly failed: number;
  readonly inFlight: number;
}

/** Longest loads last ten minutes at two reports a second. */
const MOST_MOMENTS = 1300;
const MOST_VERDICTS = 20;

/** Everything that the live page shows, collected as a view of the run. */
export class LiveState implements RunnerView {
  private readonly left: TimeLeft;
  private trials = 0;
  private rest: readonly Trial[] = [];
  private running: { next: NextAttempt; state: AttemptState; schedule: ArrivalSchedule } | undefined;
  private moments: Moment[] = [];
  private gates: GateResult[] = [];
  private replicasNow: Record<string, { desired: number; current: number; ready: number }> = {};
  private verdicts: string[] = [];
  private doing = '';
  private rate = new RecentRate();
  private loadSeconds = 0;

  constructor(
    private readonly campaign: string,
    private readonly settings: Pick<CampaignSettings, 'scale' | 'site'>,
  ) {
    this.left = new TimeLeft(settings);
  }

  begun(trials: readonly Trial[], remaining: readonly Trial[]): void {
    this.trials = trials.length;
    this.rest = remaining;
  }

  entered(next: NextAttempt, state: AttemptState): void {
    if (state === 'select') this.begin(next.trial);
    const { profile, testType } = next.trial;
    const schedule = ArrivalSchedule.of(loadProfile(profile, testType, this.settings.scale));
    this.running = { next, state, schedule };
    this.doing = '';
  }

  progress(_next: NextAttempt, progress: LoadProgress): void {
    this.rate.add(progress);
    this.loadSeconds = progress.seconds;
    this.left.loadReached(progress.seconds);
    this.moments.push({
      seconds: progress.seconds,
      rate: this.rate.value(),
      offered: this.running?.schedule.rateAt(progress.seconds) ?? 0,
      p50: progress.recent?.p50 ?? null,
      p95: progress.recent?.p95 ?? null,
      failed: progress.failed + progress.dropped,
      inFlight: progress.inFlight,
    });
    if (this.moments.length > MOST_MOMENTS) this.moments.shift();
  }

  stored(record: TrialRecord, remaining: readonly Trial[]): void {
    if (this.running !== undefined) this.left.attemptEnded(this.running.next.trial, this.loadSeconds);
    this.rest = remaining;
    this.running = undefined;
    this.verdicts = [`${record.trial}: ${verdict(record)}`, ...this.verdicts].slice(0, MOST_VERDICTS);
  }

  note(text: string): void {
    this.verdicts = [text, ...this.verdicts].slice(0, MOST_VERDICTS);
  }

  detail(text: string): void {
    this.doing = text;
  }

  judged(gate: GateResult): void {
    this.gates.push(gate);
  }

  replicas({ workload, desired, current, ready }: ReplicaObservation): void {
    this.replicasNow = { ...this.replicasNow, [workload]: { desired, current, ready } };
  }

  close(): void {
    this.running = undefined;
  }

  snapshot() {
    const { running, rest, trials } = this;
    return {
      campaign: this.campaign,
      trials,
      done: trials - rest.length,
      left: this.left.text(rest, running !== undefined),
      trial: running?.next.trial.id ?? null,
      attempt: running?.next.attempt ?? null,
      state: running?.state ?? null,
      doing: this.doing,
      seconds: running?.schedule.seconds ?? null,
      moments: this.moments,
      replicas: this.replicasNow,
      gates: this.gates.map(({ gate, passed, detail, remedy }) => ({ gate, passed, detail, remedy: remedy ?? null })),
      verdicts: this.verdicts,
    };
  }

  private begin(trial: Trial): void {
    this.left.attemptBegan();
    this.rest = [trial, ...this.rest.filter(({ id }) => id !== trial.id)];
    [this.moments, this.gates, this.replicasNow, this.loadSeconds] = [[], [], {}, 0];
    this.rate = new RecentRate();
  }
}
