import { groupBy } from '../../../lib/primitives/group-by';
import type { CampaignFolder, TrialRecord } from '../../campaign';
import type { Trial } from '../../plan';

/** What is to run next. */
export interface NextAttempt {
  readonly trial: Trial;
  readonly attempt: number;
}

/** Where a campaign stands, told from its folder alone: a run that died and one that lives see the same. */
export class CampaignProgress {
  private readonly records: ReadonlyMap<string, readonly TrialRecord[]>;
  private readonly begun: ReadonlyMap<string, number>;

  constructor(
    private readonly trials: readonly Trial[],
    folder: CampaignFolder,
    private readonly attempts: number,
  ) {
    this.records = groupBy(folder.records(), ({ trial }) => trial);
    this.begun = highestAttempts([...folder.journal.entries(), ...folder.begun()]);
  }

  /**
   * The next attempt: blocks follow the plan's order, and inside a block a trial that was invalid waits behind those not
   * yet tried. Undefined once every trial is valid or given up.
   */
  next(): NextAttempt | undefined {
    const open = this.trials.filter((trial) => this.isOpen(trial));
    const block = open.filter((trial) => blockOf(trial) === blockOf(open[0]!));
    const fewest = Math.min(...block.map((trial) => this.invalid(trial)));
    const trial = block.find((one) => this.invalid(one) === fewest);
    // An attempt that a dead run began keeps its number: its folder may hold something.
    return trial && { trial, attempt: (this.begun.get(trial.id) ?? 0) + 1 };
  }

  remaining(): Trial[] {
    return this.trials.filter((trial) => this.isOpen(trial));
  }

  valid(): Trial[] {
    return this.trials.filter((trial) => this.isValid(trial));
  }

  givenUp(): Trial[] {
    return this.trials.filter((trial) => !this.isValid(trial) && !this.isOpen(trial));
  }

  private isOpen(trial: Trial): boolean {
    return !this.isValid(trial) && this.invalid(trial) < this.attempts;
  }

  private isValid(trial: Trial): boolean {
    return this.records.get(trial.id)?.some(({ valid }) => valid) ?? false;
  }

  private invalid(trial: Trial): number {
    return this.records.get(trial.id)?.filter(({ valid }) => !valid).length ?? 0;
  }
}

/** A block holds every variant once, under one profile and repetition. */
function blockOf(trial: Trial): string {
  return [trial.experiment, trial.testType, trial.profile, trial.repetition].join('.');
}

function highestAttempts(
  entries: readonly { readonly trial?: string; readonly attempt?: number }[],
): Map<string, number> {
  const highest = new Map<string, number>();
  for (const { trial, attempt } of entries)
    if (trial !== undefined && attempt !== undefined) highest.set(trial, Math.max(highest.get(trial) ?? 0, attempt));
  return highest;
}
