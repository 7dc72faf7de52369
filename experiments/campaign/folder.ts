import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ZodType } from 'zod';
import { writeNewFile } from './atomic';
import type { CampaignPlan } from './campaign-plan';
import { Journal } from './journal';
import { campaignManifest, trialRecord, type CampaignManifest, type TrialRecord } from './record-schema';
import { READABLE_RECORD_VERSIONS, SCHEMA_VERSION } from './schema';

/** The folder of one campaign. Nothing in it is ever overwritten. */
export class CampaignFolder {
  readonly journal: Journal;

  private constructor(
    readonly path: string,
    readonly manifest: CampaignManifest,
  ) {
    this.journal = new Journal(join(path, 'journal.jsonl'));
  }

  /**
   * Makes the folder of a new campaign, which keeps the plan that it begins with as plan.json.
   *
   * @throws {Error} when the folder holds a campaign already.
   */
  static create(path: string, manifest: CampaignManifest, plan?: CampaignPlan): CampaignFolder {
    if (existsSync(join(path, 'campaign.json')))
      throw new Error(`${path} holds a campaign already: resume it, or name another folder.`);
    mkdirSync(join(path, 'trials'), { recursive: true });
    if (plan !== undefined) {
      rmSync(join(path, 'plan.json'), { force: true }); // Without campaign.json it is of a campaign that never began.
      writeNewFile(join(path, 'plan.json'), `${JSON.stringify(plan)}\n`);
    }
    writeNewFile(join(path, 'campaign.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    return new CampaignFolder(path, manifest);
  }

  /** @throws {Error} when the folder holds no campaign, or one of a schema version that this program does not know. */
  static open(path: string): CampaignFolder {
    const file = join(path, 'campaign.json');
    if (!existsSync(file)) throw new Error(`${path} holds no campaign: there is no campaign.json in it.`);
    return new CampaignFolder(path, readRecord(file, campaignManifest, [SCHEMA_VERSION]));
  }

  /** plan.json as it was stored, or undefined where there is none. */
  plan(): unknown {
    const file = join(this.path, 'plan.json');
    return existsSync(file) ? readJson(file) : undefined;
  }

  /** Folder of one attempt: the trial's id, with the attempt's number from the second on. */
  attemptPath(trial: string, attempt: number): string {
    return join(this.path, 'trials', attempt === 1 ? trial : `${trial}.attempt-${attempt}`);
  }

  /** Attempts that were begun, as far as folders tell: a journal may be lost, and what they hold must not be. */
  begun(): { readonly trial: string; readonly attempt: number }[] {
    return readdirSync(join(this.path, 'trials')).map((name) => {
      const [, trial, attempt] = /^(.*?)(?:\.attempt-(\d+))?$/.exec(name)!;
      return { trial: trial!, attempt: Number(attempt ?? 1) };
    });
  }

  /** Makes the folder of an attempt, clear of half-written files of a run that died. */
  openAttempt(trial: string, attempt: number): string {
    const path = this.attemptPath(trial, attempt);
    mkdirSync(path, { recursive: true });
    for (const name of readdirSync(path)) if (name.includes('.partial-')) rmSync(join(path, name));
    return path;
  }

  /** Writes trial.json, which makes the attempt count. */
  store(record: TrialRecord): void {
    writeNewFile(
      join(this.attemptPath(record.trial, record.attempt), 'trial.json'),
      `${JSON.stringify(record, null, 2)}\n`,
    );
  }

  /** Verdict of one attempt, or undefined where it is unfinished. */
  record(trial: string, attempt: number): TrialRecord | undefined {
    const file = join(this.attemptPath(trial, attempt), 'trial.json');
    return existsSync(file) ? readRecord(file, trialRecord, READABLE_RECORD_VERSIONS) : undefined;
  }

  /** Every finished attempt, by folder name. */
  records(): TrialRecord[] {
    const trials = join(this.path, 'trials');
    return readdirSync(trials)
      .sort()
      .map((name) => join(trials, name, 'trial.json'))
      .filter((file) => existsSync(file))
      .map((file) => readRecord(file, trialRecord, READABLE_RECORD_VERSIONS));
  }
}

function readRecord<T>(file: string, schema: ZodType<T>, known: readonly number[]): T {
  const content = readJson(file);
  const version = (content as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (!known.includes(version as number))
    throw new Error(
      `${file} has schema version ${String(version)}, but this program knows only ${known.join(' and ')}: use the commit that wrote it.`,
    );
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new Error(`${file}, field ${issue.path.join('.') || '(all)'}: ${issue.message}.`);
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} is no JSON: ${(error as Error).message}.`);
  }
}
