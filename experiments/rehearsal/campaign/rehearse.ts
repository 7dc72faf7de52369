import { CampaignFolder, gitRevision, planOf, SCHEMA_VERSION, type CampaignManifest } from '../../campaign';
import { FULL_SCALE, OVERHEAD_SECONDS, scheduledSeconds, type LoadScale, type TrialFilter } from '../../plan';
import { defaultModel } from '../model/default-model';
import { inWords } from '../model/distribution';
import { NOT_RECORDED } from '../trial/metric-recorder';
import { assumptionsOf } from './assumptions';
import { warningVerdicts, type WarningVerdict } from './warnings';
import { findingsOf, type RehearsalFinding } from './findings';
import type { TrialTask } from './play-trial';
import { playTrials } from './play-trials';
import { AS_PLANNED, plannedTrials, trialInput, type Departure } from './trial-plan';
import { VIRTUAL_EPOCH, type TrialSummary } from './trial-summary';

export interface RehearsalOptions {
  /** Campaign folder to write; absent where only figures are wanted. */
  readonly folder?: string;
  readonly seed: number;
  readonly filter?: TrialFilter;
  readonly departure?: Departure;
  readonly scale?: LoadScale;
  /** 0 plays in the calling thread. */
  readonly threads: number;
  /** What is told about this rehearsal beside the plan: the what-ifs and the model's origin. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly progress?: (done: number, total: number, summary: TrialSummary) => void;
}

export interface Rehearsal {
  readonly summaries: readonly TrialSummary[];
  readonly findings: readonly RehearsalFinding[];
  /** What became of the plan's own warnings. */
  readonly warnings: readonly WarningVerdict[];
}

/**
 * Plays the trials of the plan in virtual time and writes them as a campaign of origin `rehearsed`.
 *
 * @throws Error when the filter leaves no trial, or the folder holds a campaign already.
 */
export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const { folder, seed, departure = AS_PLANNED, scale = FULL_SCALE } = options;
  const trials = plannedTrials(seed, options.filter ?? {});
  if (trials.length === 0) throw new Error('No trial of the plan matches: see "npm run experiment -- plan".');
  const model = departure.model(defaultModel('cluster'));
  let clock = 0;
  const tasks = trials.map((trial): TrialTask => {
    const input = trialInput(trial, seed, departure, scale);
    const startedAt = clock;
    // A load that is played at other rates is a scaled one in the records too.
    const played = { ...scale, rate: scale.rate * departure.load };
    clock += scheduledSeconds(input.profile) + OVERHEAD_SECONDS;
    return { trial, input, startedAt, scale: played, ...(folder !== undefined && { folder }) };
  });
  if (folder !== undefined) {
    const manifest: CampaignManifest = {
      schemaVersion: SCHEMA_VERSION,
      campaign: 'rehearsal',
      origin: 'rehearsed',
      createdAt: new Date(VIRTUAL_EPOCH).toISOString(),
      seed,
      gitCommit: gitRevision(),
      order: trials.map((trial) => trial.id),
      environment: {
        origin: 'simulation',
        'metrics absent': absentMetrics(),
        assumed: assumptionsOf(model).join('; ') || 'nothing',
        'service times': (['uor', 'fs'] as const)
          .map((testType) => `${testType} ${inWords(model.requests[testType].total)}`)
          .join('; '),
        arrivals: model.arrivals,
        ...options.environment,
      },
    };
    CampaignFolder.create(folder, manifest, planOf(trials));
  }
  const summaries = await playTrials(tasks, options.threads, (done, summary) =>
    options.progress?.(done, tasks.length, summary),
  );
  const findings = findingsOf(trials, summaries, model);
  return { summaries, findings, warnings: warningVerdicts(trials, summaries, findings) };
}

/** The report lists only what it finds: so the campaign itself says what is not there, and why. */
function absentMetrics(): string {
  return Object.entries(NOT_RECORDED)
    .map(([metric, reason]) => `${metric} (${reason})`)
    .join('; ');
}
