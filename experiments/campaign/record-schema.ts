import { z } from 'zod';
import { ARRIVAL_PROCESSES } from '../plan';

/** How a trial was obtained. `rehearsed` data must never be mistaken for measured data. */
const trialOrigin = z.enum(['measured', 'rehearsed']);

/** Load scale that was applied to the profile's rates and duration (1 = the plan's own). */
const loadScale = z.object({ rate: z.number().positive(), duration: z.number().positive() }).readonly();

/** One validity gate's verdict, with the figure that decided it. */
const gateResult = z
  .object({
    /** Stable name, such as `generator-cpu`. */
    gate: z.string(),
    passed: z.boolean(),
    /** The figure measured; absent where nothing could be measured (then `passed` is false, except of what a site cannot tell). */
    value: z.number().optional(),
    /** The limit it was held against. */
    limit: z.number().optional(),
    /** One sentence for a person: what was seen, and where. */
    detail: z.string(),
    /** What to do about it, in one sentence; only where it did not pass. */
    remedy: z.string().optional(),
  })
  .readonly();

/** trial.json: written last and atomically, so a folder without one is an unfinished attempt. Unknown fields are dropped. */
export const trialRecord = z
  .object({
    schemaVersion: z.number(),
    /** Stable id: `<experiment>.<test type>.<variant>.<profile>.<repetition>`. */
    trial: z.string(),
    attempt: z.number().int().positive(),
    experiment: z.string(),
    /** Test type of the spec. */
    testType: z.enum(['uor', 'fs']),
    variant: z.string(),
    profile: z.enum(['average', 'stress', 'spike', 'breakpoint', 'waves']),
    /** 1-based repetition; equals the block number. */
    repetition: z.number().int().positive(),
    origin: trialOrigin,
    /** Which generator sent the load. */
    generator: z.enum(['k6', 'embedded', 'simulation']),
    /** Wall-clock start, ISO 8601 UTC. */
    startedAt: z.string(),
    /** Length of the load phase as scheduled, seconds. */
    scheduledSeconds: z.number(),
    scale: loadScale,
    /** True where the breakpoint's abort rule ended the load early. */
    aborted: z.boolean(),
    /**
     * True where so many starts were dropped, because all virtual users were busy, that percentiles are only lower bounds.
     * Such a trial counts: the dropped starts are failed requests. Absent in records of version 1, where none was.
     */
    saturated: z.boolean().optional(),
    valid: z.boolean(),
    gates: z.array(gateResult).readonly(),
    /** Rows per file, for a reader to check against. */
    rows: z.object({ samples: z.number(), replicas: z.number(), metrics: z.number() }).readonly(),
    /** When its campaign was made, as campaign.json says, so that a trial of another one is known. Absent in older records. */
    campaignCreatedAt: z.string().optional(),
    /** Numbers of the solution that every answer of the trial had, by where they stand in it; of solving alone. */
    solution: z.record(z.string(), z.number()).readonly().optional(),
    /** SHA-256 of each file, so that one of another trial is not taken for it. Absent in older records and where nothing was loaded. */
    digests: z.object({ samples: z.string(), replicas: z.string(), metrics: z.string() }).readonly().optional(),
  })
  .readonly();

/** What a campaign's runner was told. */
const campaignSettings = z
  .object({
    site: z.enum(['cluster', 'local', 'live']),
    generator: z.enum(['k6', 'embedded']),
    /** Generators of the embedded kind that share each load; 1 where it is absent. */
    generators: z.number().int().positive().optional(),
    /** Where they run: pods of an Indexed Job inside the cluster; beside the runner where it is absent. */
    generatorsIn: z.literal('cluster').optional(),
    scale: loadScale,
    /** How requests come; evenly spaced where it is absent. */
    arrivals: z.enum(ARRIVAL_PROCESSES).optional(),
    /** Attempts per trial before it is given up as invalid. */
    attempts: z.number().int().positive(),
  })
  .readonly();

/** campaign.json: what was meant to run, and where. */
export const campaignManifest = z
  .object({
    schemaVersion: z.number(),
    campaign: z.string(),
    origin: trialOrigin,
    createdAt: z.string(),
    /** Seed of the randomised blocks (and of the simulation, where rehearsed). */
    seed: z.number(),
    /** Commit of this repository the manifests came from. */
    gitCommit: z.string(),
    /** Trial ids in the order they are to run. */
    order: z
      .array(z.string())
      .readonly()
      .superRefine((order, { addIssue }) => {
        const twice = order.find((trial, index) => order.indexOf(trial) < index);
        if (twice !== undefined) addIssue(`names ${twice} twice`);
      }),
    /** Facts of the environment (versions, nodes, generator host), as text. */
    environment: z.record(z.string(), z.string()).readonly(),
    /** How the runner was told to run; a resumed run follows it. Absent where nothing was run (a rehearsal). */
    settings: campaignSettings.optional(),
  })
  .readonly();

export type GateResult = z.infer<typeof gateResult>;
export type TrialRecord = z.infer<typeof trialRecord>;
export type CampaignManifest = z.infer<typeof campaignManifest>;
export type CampaignSettings = z.infer<typeof campaignSettings>;
