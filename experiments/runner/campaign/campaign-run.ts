import type { CampaignFolder, CampaignSettings, JournalEntry } from '../../campaign';
import type { Trial } from '../../plan';
import { Attempt } from '../attempt/attempt';
import { FLOWSHEET_PREFIX } from '../attempt/attempt-context';
import type { Ports, Sites } from '../attempt/ports';
import { CampaignProgress, type NextAttempt } from './queue';
import type { RunnerView } from './runner-view';

export interface CampaignOutcome {
  readonly valid: number;
  readonly givenUp: readonly string[];
}

/** Runs a campaign from where its folder says it stands until every trial is valid or given up. */
export class CampaignRun {
  constructor(
    private readonly folder: CampaignFolder,
    private readonly trials: readonly Trial[],
    private readonly settings: CampaignSettings,
    private readonly sites: Sites,
    private readonly view: RunnerView,
  ) {}

  /** @throws {Error} in one sentence, when the campaign cannot go on; all that was stored stays as it is. */
  async run(signal: AbortSignal): Promise<CampaignOutcome> {
    await this.open();
    this.view.begun(this.trials, this.progress().remaining());
    try {
      for (let next = this.progress().next(); next !== undefined; next = this.progress().next()) {
        signal.throwIfAborted();
        await this.attempt(next, signal);
      }
    } catch (error) {
      this.write({ event: 'stopped', detail: (error as Error).message });
      throw error;
    }
    const progress = this.progress();
    this.write({ event: 'finished' });
    return { valid: progress.valid().length, givenUp: progress.givenUp().map(({ id }) => id) };
  }

  /** Settles what a dead run left: its attempt is void or stored, and its delay and flowsheets are removed. */
  private async open(): Promise<void> {
    const entries = this.folder.journal.entries();
    this.write({ event: entries.length === 0 ? 'started' : 'resumed' });
    const last = entries.findLast(({ event }) => ['state', 'stored', 'interrupted'].includes(event));
    if (last?.event === 'state') this.settleDeadAttempt(last);
    for (const ports of new Set(Object.values(this.sites))) await this.removeLeftovers(ports);
  }

  private async removeLeftovers({ cluster, delay, flowsheets }: Ports): Promise<void> {
    await delay.remove();
    for (const what of await cluster.removeLeftovers()) this.view.note(`${what} of an earlier run was removed.`);
    const url = cluster.url();
    if (url === '') return;
    const leftovers = await flowsheets.removeLeftovers(url, FLOWSHEET_PREFIX);
    if (leftovers > 0) this.view.note(`${leftovers} flowsheets of an earlier run were removed.`);
  }

  private settleDeadAttempt({ trial, attempt, state }: JournalEntry): void {
    const record = this.folder.record(trial!, attempt!);
    if (record !== undefined) {
      this.write({ event: 'stored', trial, attempt, valid: record.valid });
      return;
    }
    this.write({ event: 'interrupted', trial, attempt, state });
    this.view.note(`${trial} was interrupted in state ${state} and runs again.`);
  }

  private async attempt(next: NextAttempt, signal: AbortSignal): Promise<void> {
    const ports = this.portsOf(next.trial);
    const where = { trial: next.trial.id, attempt: next.attempt };
    const record = await new Attempt(
      {
        ...next,
        folder: this.folder,
        settings: this.settings,
        signal,
        entered: (state) => {
          this.write({ event: 'state', ...where, state });
          this.view.entered(next, state);
        },
        progress: (progress) => this.view.progress(next, progress),
        note: (text) => this.view.note(text),
        detail: (text) => this.view.detail?.(text),
        judged: (verdict) => this.view.judged?.(verdict),
        replicas: (observation) => this.view.replicas?.(observation),
      },
      ports,
    ).run();
    await ports.cluster.release();
    this.write({ event: 'stored', ...where, valid: record.valid });
    const progress = this.progress();
    if (progress.givenUp().some(({ id }) => id === next.trial.id))
      this.write({ event: 'given-up', trial: next.trial.id });
    this.view.stored(record, progress.remaining());
  }

  private portsOf({ id, variant }: Trial): Ports {
    const ports = this.sites[variant.site];
    if (ports === undefined) throw new Error(`${id} runs on the site "${variant.site}", which this run was not given.`);
    return ports;
  }

  private progress(): CampaignProgress {
    return new CampaignProgress(this.trials, this.folder, this.settings.attempts);
  }

  private write(entry: Omit<JournalEntry, 'at'>): void {
    this.folder.journal.append(entry);
  }
}
