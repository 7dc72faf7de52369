import { z } from 'zod';
import {
  BASELINE,
  chosenExperiments,
  loadProfile,
  LOADED_WORKLOADS,
  PROFILE_NAMES,
  REPETITIONS,
  GRACEFUL_STOP_SECONDS,
  REQUEST_TIMEOUT_SECONDS,
  type ProfileName,
  type Trial,
  VARIED_FIELDS,
  type WorkloadName,
} from '../plan';
import { GATE_LIMITS } from './gate-limits';

/** Version of plan.json. The first was a bare list of trials. */
const PLAN_VERSION = 2;

// Names are not held against today's plan: a campaign may know profiles and workloads that were renamed since.
const profileName = z.custom<ProfileName>((name) => typeof name === 'string' && name !== '');
const workloadName = z.custom<WorkloadName>((name) => typeof name === 'string' && name !== '');
const testType = z.enum(['uor', 'fs']);

const workloadSettings = z.object({
  cpuMillicores: z.number(),
  memoryMiB: z.number(),
  replicas: z.union([
    z.number(),
    z.object({
      minReplicas: z.number(),
      maxReplicas: z.number(),
      targetCpuPercent: z.number(),
      signals: z
        .array(
          z.union([
            z.literal('cpu'),
            z.object({ kind: z.enum(['in-flight', 'request-rate']), perPod: z.number().positive() }),
          ]),
        )
        .optional(),
      floor: z.object({ replicas: z.number(), leadSeconds: z.number() }).optional(),
      tolerancePercent: z.number().optional(),
      scaleUp: z.array(z.object({ type: z.enum(['Pods', 'Percent']), value: z.number(), periodSeconds: z.number() })),
      scaleDownStabilisationSeconds: z.number(),
    }),
  ]),
});

const settings = z.object({ 'django-api': workloadSettings, idaes: workloadSettings });

const variant = z.object({
  name: z.string(),
  site: z.enum(['cluster', 'compose']),
  settings,
  varies: z.partialRecord(z.enum(['django-api', 'idaes']), z.array(variedField())),
});

const experiment = z.object({
  name: z.string(),
  testType,
  question: z.string(),
  reason: z.string().optional(),
  profiles: z.array(profileName),
  own: z.string().optional(),
  needs: z.enum(['signals', 'tolerance']).optional(),
  added: z.object({ profiles: z.array(profileName), reason: z.string() }).optional(),
  variants: z.array(variant),
});

/** Shape of plan.json: everything of the plan that decides what a campaign's samples mean. */
export const campaignPlan = z.object({
  planVersion: z.literal(PLAN_VERSION),
  /** Production, as it was when the campaign began. */
  baseline: settings,
  /** Every experiment of the specification, run or not (what was not run is said in the report), and those of our own that run. */
  experiments: z.array(experiment),
  /** Profiles in the order in which they are told. */
  profiles: z.array(profileName),
  /** Stages of each load, at full scale. */
  loads: z.array(
    z.object({
      name: profileName,
      testType,
      stages: z.array(z.object({ target: z.number(), seconds: z.number() })),
      abortAboveVirtualUsers: z.number().optional(),
    }),
  ),
  loadedWorkloads: z.object({ uor: z.array(workloadName), fs: z.array(workloadName) }),
  repetitions: z.number().int().positive(),
  /** What the generator was held to. */
  generator: z.object({
    timeoutSeconds: z.number().positive(),
    /** Campaigns from before it was stored all stopped after this long. */
    gracefulStopSeconds: z.number().positive().default(30),
  }),
  gates: z.record(z.string(), z.number()),
  /** The trials in the order in which they are to run, each by its experiment's row. */
  trials: z.array(
    z.object({
      id: z.string(),
      experiment: z.string(),
      testType,
      variant: z.string(),
      profile: profileName,
      repetition: z.number().int().positive(),
    }),
  ),
});

/** The plan that a campaign began with, and keeps. */
export type CampaignPlan = z.infer<typeof campaignPlan>;
export type PlannedExperiment = CampaignPlan['experiments'][number];
export type PlannedVariant = PlannedExperiment['variants'][number];

/** The first shape of plan.json, of which campaigns may still be resumed: trials with their variants in full. */
const bareTrials = z.array(
  z.object({
    id: z.string(),
    experiment: z.string(),
    testType,
    profile: profileName,
    repetition: z.number().int().positive(),
    variant,
  }),
);

/** This commit's plan, as a campaign of these trials stores it. */
export function planOf(trials: readonly Trial[]): CampaignPlan {
  return campaignPlan.parse({
    planVersion: PLAN_VERSION,
    baseline: BASELINE,
    experiments: chosenExperiments({ experiments: trials.map((trial) => trial.experiment) }),
    profiles: PROFILE_NAMES,
    loads: PROFILE_NAMES.flatMap((name) => (['uor', 'fs'] as const).map((type) => loadProfile(name, type))),
    loadedWorkloads: LOADED_WORKLOADS,
    repetitions: REPETITIONS,
    generator: { timeoutSeconds: REQUEST_TIMEOUT_SECONDS, gracefulStopSeconds: GRACEFUL_STOP_SECONDS },
    gates: GATE_LIMITS,
    trials: trials.map(({ variant: { name }, ...trial }) => ({ ...trial, variant: name })),
  });
}

/**
 * A stored plan, parsed; undefined where the campaign stored none, or only its trials, as its version did.
 *
 * @throws Error naming the field, where the content is not what this program wrote.
 */
export function parsePlan(content: unknown, file: string): CampaignPlan | undefined {
  if (content === undefined || Array.isArray(content)) return undefined;
  return checked(campaignPlan, content, file);
}

/**
 * The trials of a stored plan, with the variants that they were planned with.
 *
 * @throws Error naming the field, or the trial whose row is missing.
 */
export function trialsOfPlan(content: unknown, file: string): Trial[] {
  if (Array.isArray(content)) return checked(bareTrials, content, file);
  const plan = parsePlan(content, file);
  if (plan === undefined)
    throw new Error(`${file} is missing: a campaign without its plan can be reported, but not gone on with.`);
  return plan.trials.map(({ variant: name, ...trial }) => {
    const found = plannedVariant(plan, { ...trial, variant: name });
    if (found === undefined)
      throw new Error(`${file}: trial ${trial.id} names a variant that no experiment of it has.`);
    return { ...trial, variant: found };
  });
}

/** The variant of a trial as it was planned, or undefined where the plan does not know it. */
export function plannedVariant(
  { experiments }: Pick<CampaignPlan, 'experiments'>,
  trial: { readonly experiment: string; readonly testType: string; readonly variant: string },
): PlannedVariant | undefined {
  return experiments
    .find(({ name, testType: type }) => name === trial.experiment && type === trial.testType)
    ?.variants.find(({ name }) => name === trial.variant);
}

function checked<T>(schema: z.ZodType<T>, content: unknown, file: string): T {
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new Error(`${file}, field ${issue.path.join('.') || '(all)'}: ${issue.message}.`);
}

function variedField() {
  return z.enum(VARIED_FIELDS);
}
