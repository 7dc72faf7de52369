import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  parsePlan,
  plannedVariant,
  planOf,
  READABLE_RECORD_VERSIONS,
  SCHEMA_VERSION,
  type CampaignManifest,
  type CampaignPlan,
  type TrialRecord,
} from '../../campaign';
import { campaignManifest, trialRecord } from '../../campaign/record-schema';
import { groupBy } from '../../../lib/primitives/group-by';
import { AnalysisError, type TrialFinding } from './finding';

/** One finished attempt as found on disk, before its samples are read. */
export interface RecordedTrial {
  /** Name of its folder, which is also its anchor in the report. */
  readonly folder: string;
  readonly record: TrialRecord;
  /** The plan of its campaign. */
  readonly plan: CampaignPlan;
  /** Requests came at random rather than evenly. */
  readonly atRandom: boolean;
  readonly files: { readonly samples: string; readonly replicas: string; readonly metrics: string };
  /** Changes whenever a file of the trial does. */
  readonly fingerprint: string;
}

/** A campaign as found on disk. */
export interface CampaignInput {
  readonly path: string;
  readonly manifest: CampaignManifest;
  /** The plan that it began with, or this commit's where it stored none. */
  readonly plan: CampaignPlan;
  /** Attempts that count: the latest valid one of each trial. */
  readonly trials: readonly RecordedTrial[];
  /** Finished attempts that take no part in any figure, such as invalid ones. */
  readonly setAside: readonly RecordedTrial[];
  readonly findings: readonly TrialFinding[];
}

const FILES = ['samples', 'replicas', 'metrics'] as const;

/**
 * Reads what a campaign's folder says of itself. Trials that cannot be used become findings.
 *
 * @throws {AnalysisError} when no trial can be used, or the campaign is of a schema version that this program does not know.
 */
export function readCampaign(path: string): CampaignInput {
  const manifest = readManifest(path);
  const stored = readPlan(path);
  const plan = stored ?? planOf([]);
  const findings: TrialFinding[] = stored === undefined ? [assumedPlan()] : [];
  const attempts = attemptFolders(path).flatMap((folder) => {
    const read = readAttempt(path, folder, plan, manifest);
    if ('sentence' in read) findings.push(read);
    return 'sentence' in read ? [] : [read];
  });

  const byTrial = groupBy(attempts, (attempt) => attempt.record.trial);
  const counted = [...byTrial.values()].flatMap((ofOne) => {
    const valid = ofOne.filter((attempt) => counts(attempt.record));
    return valid.length === 0 ? [] : [valid.reduce((a, b) => (b.record.attempt > a.record.attempt ? b : a))];
  });
  const setAside = attempts.filter((attempt) => !counted.includes(attempt));
  findings.push(...setAside.map(whySetAside), ...missing(manifest, byTrial), ...scaled(counted));
  findings.push(...counted.filter(({ record }) => plannedVariant(plan, record) === undefined).map(unknownVariant));
  return { path, manifest, plan, trials: counted, setAside, findings };
}

/** The gate that alone voids no trial: starts dropped by a healthy generator mean that the system was overwhelmed. */
const OVERLOAD_GATE = 'dropped-starts';

/**
 * Whether an attempt may count. Records of before saturation was told apart call a trial void for dropped starts alone; the
 * specification voids only for the generator's own health, so such a trial counts, as a saturated one.
 */
function counts({ valid, gates }: TrialRecord): boolean {
  const failed = gates.filter((gate) => !gate.passed);
  return valid || (failed.length > 0 && failed.every(({ gate }) => gate === OVERLOAD_GATE));
}

function readManifest(path: string): CampaignManifest {
  if (!existsSync(path)) throw new AnalysisError(`There is no folder ${path}: give the folder of a campaign.`);
  const file = join(path, 'campaign.json');
  if (!existsSync(file))
    throw new AnalysisError(
      `${path} holds no campaign: there is no campaign.json in it. Give the folder of a campaign.`,
    );
  const content = parseJson(file);
  if (content === undefined)
    throw new AnalysisError(`${file} is not JSON (cut short?): restore it from a copy of the campaign.`);
  const version = (content as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (version !== SCHEMA_VERSION)
    throw new AnalysisError(
      `${file} has schema version ${String(version)}, but this program knows only ${SCHEMA_VERSION}: use the commit that wrote it.`,
    );
  const parsed = campaignManifest.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AnalysisError(`${file}, field ${issue?.path.join('.') || '(all)'}: ${issue?.message ?? 'not valid'}.`);
}

/** The campaign's own plan; undefined where it stored none, as campaigns of before plans were kept did not. */
function readPlan(path: string): CampaignPlan | undefined {
  const file = join(path, 'plan.json');
  if (!existsSync(file)) return undefined;
  const content = parseJson(file);
  if (content === undefined)
    throw new AnalysisError(`${file} is not JSON (cut short?): restore it from a copy of the campaign.`);
  try {
    return parsePlan(content, file);
  } catch (error) {
    throw new AnalysisError((error as Error).message);
  }
}

function assumedPlan(): TrialFinding {
  return {
    kind: 'assumed-plan',
    trial: '',
    excluded: false,
    sentence:
      "This campaign stored no plan of its own: variants, loads and limits are assumed to be those of this commit's experiments/plan, and the campaign can be reported but not resumed.",
  };
}

function attemptFolders(path: string): string[] {
  const trials = join(path, 'trials');
  if (!existsSync(trials)) return [];
  return readdirSync(trials, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function readAttempt(
  path: string,
  folder: string,
  plan: CampaignPlan,
  manifest: CampaignManifest,
): RecordedTrial | TrialFinding {
  const base = join(path, 'trials', folder);
  const file = join(base, 'trial.json');
  const excluded = (kind: TrialFinding['kind'], sentence: string): TrialFinding => ({
    kind,
    trial: folder,
    sentence,
    excluded: true,
  });
  if (!existsSync(file))
    return excluded('unfinished-trial', `Trial ${folder} was never finished (it has no trial.json) and is left out.`);
  const content = parseJson(file);
  if (content === undefined)
    return excluded('unreadable-record', `trial.json of ${folder} is not JSON (cut short?); the trial is left out.`);
  const version = (content as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (!READABLE_RECORD_VERSIONS.includes(version as number))
    return excluded(
      'schema-version',
      `Trial ${folder} has schema version ${String(version)}, but this program knows only ${READABLE_RECORD_VERSIONS.join(' and ')}; the trial is left out.`,
    );
  const parsed = trialRecord.safeParse(content);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return excluded(
      'unreadable-record',
      `trial.json of ${folder}, field ${issue?.path.join('.') || '(all)'}: ${issue?.message ?? 'not valid'}; the trial is left out.`,
    );
  }
  const foreign = whyForeign(folder, parsed.data, manifest);
  if (foreign !== undefined)
    return excluded(
      'foreign-trial',
      `${folder} is no trial of this campaign (${foreign}); it is left out: move the folder out of trials/, and resume the campaign if it lacks the trial.`,
    );
  const files = {
    samples: join(base, 'samples.parquet'),
    replicas: join(base, 'replicas.parquet'),
    metrics: join(base, 'metrics.parquet'),
  };
  const absent = FILES.find((name) => !existsSync(files[name]));
  if (absent !== undefined)
    return excluded('missing-file', `Trial ${folder} has no ${absent}.parquet; the trial is left out.`);
  const atRandom = (manifest.settings?.arrivals ?? manifest.environment['arrivals']) === 'poisson';
  return {
    folder,
    record: parsed.data,
    plan,
    atRandom,
    files,
    fingerprint: fingerprint(content, Object.values(files)),
  };
}

/** Why a trial is of another campaign, or of another place in this one, as far as can be told; undefined where it is of this one. */
function whyForeign(folder: string, record: TrialRecord, manifest: CampaignManifest): string | undefined {
  const { trial, attempt, origin, startedAt, campaignCreatedAt } = record;
  const described = [record.experiment, record.testType, record.variant, record.profile, record.repetition].join('.');
  const own = attempt === 1 ? trial : `${trial}.attempt-${attempt}`;
  if (folder !== own) return `its trial.json is of ${own}`;
  if (described !== trial) return `its trial.json describes ${described}`;
  if (!manifest.order.includes(trial)) return 'campaign.json does not list it';
  if (origin !== manifest.origin) return `it is ${origin}, the campaign is ${manifest.origin}`;
  if (campaignCreatedAt !== undefined && campaignCreatedAt !== manifest.createdAt)
    return `it was stored by the campaign of ${campaignCreatedAt}, and this one is of ${manifest.createdAt}`;
  if (origin === 'measured' && Date.parse(startedAt) < Date.parse(manifest.createdAt))
    return `it ran at ${startedAt}, before the campaign was made at ${manifest.createdAt}`;
  return undefined;
}

function fingerprint(record: unknown, files: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(record));
  for (const file of files) {
    const { size, mtimeNs } = statSync(file, { bigint: true });
    hash.update(`|${size}|${mtimeNs}`);
  }
  return hash.digest('hex').slice(0, 24);
}

function whySetAside({ folder, record }: RecordedTrial): TrialFinding {
  const failed = record.gates.filter((gate) => !gate.passed);
  const sentence = counts(record)
    ? `Trial ${folder} was run again later; the later attempt counts.`
    : `Trial ${folder} is not valid and is left out: ${failed.map((gate) => `${gate.gate}: ${gate.detail}`).join(' ') || 'no gate says why.'}`;
  return { kind: 'invalid-trial', trial: folder, sentence, excluded: true };
}

/** Trials with an attempt that was set aside have a finding already. */
function missing(manifest: CampaignManifest, byTrial: ReadonlyMap<string, readonly RecordedTrial[]>): TrialFinding[] {
  return manifest.order
    .filter((trial) => !byTrial.has(trial))
    .map((trial) => ({
      kind: 'missing-trial',
      trial,
      excluded: true,
      sentence: `Trial ${trial} was to run, but the campaign holds no readable attempt of it.`,
    }));
}

function scaled(counted: readonly RecordedTrial[]): TrialFinding[] {
  const small = counted.filter(({ record: { scale } }) => scale.rate !== 1 || scale.duration !== 1);
  if (small.length === 0) return [];
  const { rate, duration } = small[0].record.scale;
  return [
    {
      kind: 'scaled-load',
      trial: '',
      excluded: false,
      sentence: `${small.length} ${small.length === 1 ? 'trial' : 'trials'} ran at a scaled load (the first: rates × ${rate}, durations × ${duration}): such figures are no results of the plan.`,
    },
  ];
}

function unknownVariant({ folder, record }: RecordedTrial): TrialFinding {
  return {
    kind: 'unknown-variant',
    trial: folder,
    excluded: false,
    sentence: `Variant ${record.variant} of trial ${folder} is not in the campaign's plan: it is listed, but answers no question.`,
  };
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch {
    return undefined;
  }
}
