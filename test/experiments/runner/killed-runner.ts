import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CampaignFolder, type CampaignSettings } from '../../../experiments/campaign';
import { EXPERIMENTS, expandTrials } from '../../../experiments/plan';
import { CampaignRun } from '../../../experiments/runner/campaign/campaign-run';
import { newCampaign } from '../../../experiments/runner/campaign/new-campaign';
import { LineView } from '../../../experiments/runner/campaign/view';
import { FileWorld } from './file-world';

/**
 * `killed-runner.ts <campaign> <world> [<state> [<moment>]]` kills itself with SIGKILL when the journal tells of the state
 * (`entered`), amid the load (`loading`), or between verdict and journal (`stored`); without a state it ends.
 */
const [campaign, worldFolder, state, moment = 'entered'] = process.argv.slice(2) as [string, string, string?, string?];

const TRIALS = expandTrials(EXPERIMENTS, 3, {
  experiments: ['replica-count'],
  profiles: ['spike'],
  variants: ['uor-replicas-1', 'uor-replicas-2'],
  repetitions: 1,
});
const SETTINGS: CampaignSettings = {
  site: 'local',
  generator: 'embedded',
  scale: { rate: 0.5, duration: 1 / 400 },
  attempts: 1, // A busy test machine may void an attempt, which is stored all the same: one verdict per trial either way.
};

class KillingView extends LineView {
  override entered(...[next, entered]: Parameters<LineView['entered']>): void {
    super.entered(next, entered);
    if (entered === state && moment === 'entered') die();
  }

  override progress(): void {
    if (moment === 'loading') die();
  }
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  for (;;); // Nothing more of this process may happen.
}

async function main(): Promise<void> {
  const world = new FileWorld(worldFolder);
  const ports = await world.ports();
  const folder = existsSync(join(campaign, 'campaign.json'))
    ? CampaignFolder.open(campaign)
    : newCampaign(campaign, 'kill', 3, TRIALS, SETTINGS, {});
  if (moment === 'stored') {
    const store = folder.store.bind(folder);
    folder.store = (record) => {
      store(record);
      die();
    };
  }
  await new CampaignRun(folder, TRIALS, SETTINGS, { cluster: ports }, new KillingView(SETTINGS.scale)).run(
    new AbortController().signal,
  );
  await ports.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
