import { mkdtempSync, readFileSync, rmSync, truncateSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CampaignFolder, tableDigests, type CampaignSettings } from '../../../experiments/campaign';
import { expandTrials } from '../../../experiments/plan';
import { CampaignRun } from '../../../experiments/runner/campaign/campaign-run';
import { newCampaign } from '../../../experiments/runner/campaign/new-campaign';
import { LineView } from '../../../experiments/runner/campaign/view';
import { FileWorld } from './file-world';

jest.setTimeout(60_000);

const TRIALS = expandTrials(undefined, 3, { variants: ['uor-replicas-1'], profiles: ['spike'], repetitions: 2 });
const SETTINGS: CampaignSettings = {
  site: 'local',
  generator: 'embedded',
  scale: { rate: 0.5, duration: 1 / 400 },
  attempts: 2,
};

let root: string;

beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'damaged-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Runs a campaign, or goes on with it, against a server that answers rightly or not at all. */
async function run(path: string, isWell = true): Promise<CampaignFolder> {
  const ports = await new FileWorld(join(root, 'world')).ports(
    isWell ? undefined : (_, response) => void response.writeHead(500).end(),
  );
  const folder = exists(path) ?? newCampaign(path, 'damaged', 3, TRIALS, SETTINGS, {});
  const silent = new LineView(SETTINGS.scale, () => undefined);
  await new CampaignRun(folder, TRIALS, SETTINGS, { cluster: ports }, silent).run(new AbortController().signal);
  await ports.close();
  return folder;
}

function exists(path: string): CampaignFolder | undefined {
  try {
    return CampaignFolder.open(path);
  } catch {
    return undefined;
  }
}

/** What every stored attempt holds, by its folder. */
function stored(folder: CampaignFolder): Record<string, string> {
  return Object.fromEntries(
    folder
      .records()
      .map(({ trial, attempt }) => folder.attemptPath(trial, attempt))
      .map((path) => [path, readFileSync(join(path, 'trial.json'), 'utf8')]),
  );
}

describe('a campaign whose journal', () => {
  it.each<[string, (file: string) => void]>([
    ['is lost', (file) => rmSync(file)],
    ['is cut to its first half', (file) => truncateSync(file, Math.floor(statSync(file).size / 2))],
    ['is empty', (file) => truncateSync(file, 0)],
  ])('%s keeps every attempt that was stored', async (_, damage) => {
    const path = join(root, 'campaign');
    const before = stored(await run(path, false));
    expect(Object.keys(before)).toHaveLength(4);
    // One more attempt is due of a trial that has one left: its number must be a new one.
    const [last] = Object.keys(before).filter((folder) => folder.endsWith('attempt-2'));
    rmSync(join(last!, 'trial.json'));
    damage(join(path, 'journal.jsonl'));
    const after = stored(await run(path));
    expect(Object.keys(after)).toContain(last!.replace('attempt-2', 'attempt-3'));
    for (const folder of Object.keys(before).filter((one) => one !== last)) expect(after[folder]).toBe(before[folder]);
  });
});

it('every stored attempt names its files by their digests', async () => {
  const folder = await run(join(root, 'campaign'));
  for (const { trial, attempt, digests } of folder.records())
    expect(digests).toEqual(tableDigests(folder.attemptPath(trial, attempt)));
});
