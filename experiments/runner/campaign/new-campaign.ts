import { execFileSync } from 'node:child_process';
import os from 'node:os';
import { z } from 'zod';
import { CampaignFolder, SCHEMA_VERSION, type CampaignSettings } from '../../campaign';
import type { Trial } from '../../plan';

/** Makes the folder of a campaign that is about to run. */
export function newCampaign(
  path: string,
  name: string,
  seed: number,
  trials: readonly Trial[],
  settings: CampaignSettings,
  facts: Readonly<Record<string, string>>,
): CampaignFolder {
  return CampaignFolder.create(
    path,
    {
      schemaVersion: SCHEMA_VERSION,
      campaign: name,
      origin: 'measured',
      createdAt: new Date().toISOString(),
      seed,
      gitCommit: gitCommit(),
      order: trials.map(({ id }) => id),
      environment: { ...generatorHost(), ...facts },
      settings,
    },
    trials,
  );
}

const autoscaling = z.object({
  minReplicas: z.number(),
  maxReplicas: z.number(),
  targetCpuPercent: z.number(),
  scaleUp: z.array(z.object({ type: z.enum(['Pods', 'Percent']), value: z.number(), periodSeconds: z.number() })),
  scaleDownStabilisationSeconds: z.number(),
});
const workloadSettings = z.object({
  cpuMillicores: z.number(),
  memoryMiB: z.number(),
  replicas: z.union([z.number(), autoscaling]),
});
const plannedTrials = z.array(
  z.object({
    id: z.string(),
    experiment: z.string(),
    testType: z.enum(['uor', 'fs']),
    profile: z.enum(['average', 'stress', 'spike', 'breakpoint']),
    repetition: z.number(),
    variant: z.object({
      name: z.string(),
      site: z.enum(['cluster', 'compose']),
      settings: z.object({ 'django-api': workloadSettings, idaes: workloadSettings }),
      varies: z.record(z.string(), z.array(z.string())),
    }),
  }),
);

/**
 * The trials of a campaign as they were planned, so that a changed plan in the repository cannot change a campaign that
 * has begun.
 *
 * @throws {Error} naming the field, where plan.json is not what this program wrote.
 */
export function plannedTrialsOf(folder: CampaignFolder): Trial[] {
  const result = plannedTrials.safeParse(folder.plan());
  if (!result.success) {
    const issue = result.error.issues[0]!;
    throw new Error(`${folder.path}/plan.json, field ${issue.path.join('.') || '(all)'}: ${issue.message}.`);
  }
  const ids = result.data.map(({ id }) => id);
  if (ids.join() !== folder.manifest.order.join())
    throw new Error(
      `${folder.path}/plan.json does not hold the trials of campaign.json: restore the file from a copy.`,
    );
  return result.data as Trial[];
}

function generatorHost(): Record<string, string> {
  return {
    node: process.version,
    generatorHost: `${os.cpus().length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.release()} ${os.arch()}`,
  };
}

/** Commit of the manifests, marked where the work tree differs from it. */
function gitCommit(): string {
  const git = (...words: string[]) =>
    execFileSync('git', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ' with uncommitted changes');
  } catch {
    return 'unknown (no git repository)';
  }
}
