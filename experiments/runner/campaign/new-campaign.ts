import {
  CampaignFolder,
  gitRevision,
  parsePlan,
  planOf,
  SCHEMA_VERSION,
  trialsOfPlan,
  type CampaignPlan,
  type CampaignSettings,
} from '../../campaign';
import { loadProfile, type Trial } from '../../plan';
import { generatorHost } from './generator-host';

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
      gitCommit: gitRevision(),
      order: trials.map(({ id }) => id),
      environment: { ...generatorHost(), ...facts },
      settings,
    },
    planOf(trials),
  );
}

/**
 * The trials of a campaign as they were planned, whatever the plan in the repository says by now.
 *
 * @throws {Error} naming the field, where plan.json is not what this program wrote, or naming the load that has changed.
 */
export function plannedTrialsOf(folder: CampaignFolder): Trial[] {
  const file = `${folder.path}/plan.json`;
  const content = folder.plan();
  const trials = trialsOfPlan(content, file);
  if (trials.map(({ id }) => id).join() !== folder.manifest.order.join())
    throw new Error(`${file} does not hold the trials of campaign.json: restore the file from a copy.`);
  refuseOtherLoads(trials, parsePlan(content, file));
  return trials;
}

/** Half of a campaign under one load and half under another answers nothing. */
function refuseOtherLoads(trials: readonly Trial[], plan: CampaignPlan | undefined): void {
  for (const { profile, testType } of trials) {
    const planned = plan?.loads.find((load) => load.name === profile && load.testType === testType);
    if (planned === undefined || JSON.stringify(planned) === JSON.stringify(loadProfile(profile, testType))) continue;
    throw new Error(
      `The campaign began with another ${profile} of ${testType} than this commit's plan has: go on with the commit that began it (campaign.json names it).`,
    );
  }
}
