import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Analysis from '../../../experiments/analysis';
import type * as Plan from '../../../experiments/plan';
import { rehearse } from '../../../experiments/rehearsal/campaign/rehearse';

let root: string;
let campaign: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'own-plan-'));
  campaign = join(root, 'campaign');
  await rehearse({
    folder: campaign,
    seed: 1,
    filter: { variants: ['uor-minimum-1', 'uor-minimum-2'], profiles: ['spike'], repetitions: 2 },
    scale: { rate: 0.2, duration: 0.2 },
    threads: 0,
  });
}, 120_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** This commit's plan with every row, load and limit changed, as a later commit may have it. */
function laterPlan(plan: typeof Plan): typeof Plan {
  const settings = (of: Plan.Variant['settings']): Plan.Variant['settings'] => ({
    'django-api': { ...of['django-api'], cpuMillicores: of['django-api'].cpuMillicores * 3, replicas: 7 },
    idaes: { ...of.idaes, memoryMiB: 1, replicas: 9 },
  });
  return {
    ...plan,
    BASELINE: settings(plan.BASELINE),
    EXPERIMENTS: [...plan.EXPERIMENTS].reverse().map((experiment) => ({
      ...experiment,
      question: 'Another question?',
      profiles: [...experiment.profiles].reverse(),
      variants: experiment.variants.slice(1).map((variant) => ({ ...variant, settings: settings(variant.settings) })),
    })),
    PROFILE_NAMES: [...plan.PROFILE_NAMES].reverse(),
    LOADED_WORKLOADS: { uor: ['idaes'], fs: ['django-api'] },
    ...({ REPETITIONS: 11, REQUEST_TIMEOUT_SECONDS: 1, GRACEFUL_STOP_SECONDS: 1 } as object),
    loadProfile: (name, testType, scale) => {
      const profile = plan.loadProfile(name, testType, scale);
      return { ...profile, stages: profile.stages.map(({ seconds }) => ({ seconds, target: 1 })) };
    },
  };
}

/** The report in both forms, as a commit with that plan writes it. */
async function reportUnder(change: (plan: typeof Plan) => typeof Plan, cache = false): Promise<string[]> {
  let texts: string[] = [];
  await jest.isolateModulesAsync(async () => {
    jest.doMock('../../../experiments/plan', () =>
      change(jest.requireActual<typeof Plan>('../../../experiments/plan')),
    );
    const { analyseCampaign, writeReport } = require('../../../experiments/analysis') as typeof Analysis;
    const analysis = await analyseCampaign(campaign, { cache });
    for (const format of ['json', 'html'] as const) await writeReport(analysis, format, join(root, `report.${format}`));
    texts = ['json', 'html'].map((format) => readFileSync(join(root, `report.${format}`), 'utf8'));
  });
  jest.dontMock('../../../experiments/plan');
  return texts;
}

test('a report is of its campaign, byte for byte, whatever becomes of the plan', async () => {
  const before = await reportUnder((plan) => plan);
  expect(before[1]!.length).toBeGreaterThan(10_000);
  expect(await reportUnder(laterPlan)).toEqual(before);
}, 120_000);

test('what was measured under another plan of the campaign is not taken from the cache', async () => {
  const file = join(campaign, 'plan.json');
  const stored = readFileSync(file, 'utf8');
  const [before] = await reportUnder((plan) => plan, true);
  // The requests of the API, not those of the baseline, which stand alone.
  const plan = JSON.parse(stored) as { experiments: { variants: { settings: Plan.Variant['settings'] }[] }[] };
  for (const { variants } of plan.experiments)
    for (const one of variants)
      one.settings = { ...one.settings, 'django-api': { ...one.settings['django-api'], cpuMillicores: 1 } };
  writeFileSync(file, JSON.stringify(plan));
  const [after] = await reportUnder((one) => one, true);
  writeFileSync(file, stored);
  expect(after).not.toBe(before);
}, 120_000);

test('a campaign that stored no plan opens, and the report names the plan that is assumed', async () => {
  renameSync(join(campaign, 'plan.json'), join(root, 'plan.json'));
  const [, html] = await reportUnder((plan) => plan);
  renameSync(join(root, 'plan.json'), join(campaign, 'plan.json'));
  expect(html).toContain('stored no plan of its own');
  expect(existsSync(join(campaign, 'plan.json'))).toBe(true);
}, 120_000);
