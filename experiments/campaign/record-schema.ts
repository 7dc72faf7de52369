import { z, type ZodType } from 'zod';
import type { CampaignManifest, TrialRecord } from './schema';

const gateResult = z.object({
  gate: z.string(),
  passed: z.boolean(),
  value: z.number().optional(),
  limit: z.number().optional(),
  detail: z.string(),
  remedy: z.string().optional(),
});

const loadScale = z.object({ rate: z.number().positive(), duration: z.number().positive() });

/** trial.json as it is read back; unknown fields are dropped. */
export const trialRecord = z.object({
  schemaVersion: z.number(),
  trial: z.string(),
  attempt: z.number().int().positive(),
  experiment: z.string(),
  testType: z.enum(['uor', 'fs']),
  variant: z.string(),
  profile: z.enum(['average', 'stress', 'spike', 'breakpoint', 'waves']),
  repetition: z.number().int().positive(),
  origin: z.enum(['measured', 'rehearsed']),
  generator: z.enum(['k6', 'embedded', 'simulation']),
  startedAt: z.string(),
  scheduledSeconds: z.number(),
  scale: loadScale,
  aborted: z.boolean(),
  saturated: z.boolean().optional(),
  valid: z.boolean(),
  gates: z.array(gateResult),
  rows: z.object({ samples: z.number(), replicas: z.number(), metrics: z.number() }),
}) satisfies ZodType<TrialRecord>;

/** campaign.json as it is read back. */
export const campaignManifest = z.object({
  schemaVersion: z.number(),
  campaign: z.string(),
  origin: z.enum(['measured', 'rehearsed']),
  createdAt: z.string(),
  seed: z.number(),
  gitCommit: z.string(),
  order: z.array(z.string()),
  environment: z.record(z.string(), z.string()),
  settings: z
    .object({
      site: z.enum(['cluster', 'local', 'live']),
      generator: z.enum(['k6', 'embedded']),
      generators: z.number().int().positive().optional(),
      scale: loadScale,
      attempts: z.number().int().positive(),
    })
    .optional(),
}) satisfies ZodType<CampaignManifest>;
