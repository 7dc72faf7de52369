import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { CampaignFolder, type CampaignSettings } from '../campaign';
import {
  ARRIVAL_PROCESSES,
  type ArrivalProcess,
  chosenExperiments,
  refuseUnknownNames,
  expandTrials,
  NAMED_PLANS,
  trialsOfNamedPlan,
  type NamedPlanName,
  PROFILE_NAMES,
  type ProfileName,
  type Site,
  type TestType,
  type Trial,
  type TrialFilter,
} from '../plan';
import { CampaignRun } from './campaign/campaign-run';
import { lockCampaign } from './campaign/lock';
import { newCampaign, plannedTrialsOf } from './campaign/new-campaign';
import type { Sites } from './attempt/ports';
import { factsOf, portsFor } from './sites/ports-of-site';
import { withLivePage, type LiveView } from './campaign/live/live-view';
import { notesBefore } from './campaign/notes';
import { summary } from './campaign/summary';
import { terminalWidth, viewFor } from './campaign/view';
import { folded } from '../../lib/console/folded';
import { positiveNumber, positiveWholeNumber, wholeNumber } from '../../lib/console/number-options';

interface RunOptions {
  readonly local?: true;
  readonly campaign?: string;
  readonly seed: number;
  readonly experiment?: readonly string[];
  readonly testType?: readonly TestType[];
  readonly profile?: readonly ProfileName[];
  readonly variant?: readonly string[];
  readonly plan?: NamedPlanName;
  readonly site?: Site | 'live';
  readonly repetitions?: number;
  readonly scale?: number;
  readonly rateScale?: number;
  readonly durationScale?: number;
  readonly generator: 'k6' | 'embedded';
  readonly generators?: number;
  readonly generatorsIn?: 'cluster';
  readonly arrivals: ArrivalProcess;
  readonly attempts: number;
}

/** `experiment run`: a new campaign. */
export function runCampaignCommand(): Command {
  return new Command('run')
    .description('Run a campaign and store what it yields.')
    .option('--local', 'against the reference API on this machine instead of the cluster; one trial unless told more')
    .option('--campaign <folder>', 'folder of the campaign (default: campaigns/<time>)')
    .option('--seed <number>', 'seed of the order of trials', wholeNumber, 1)
    .option('--experiment <names...>', 'only these experiments')
    .addOption(new Option('--test-type <types...>', 'only these test types').choices(['uor', 'fs']))
    .addOption(new Option('--profile <profiles...>', 'only these load profiles').choices(PROFILE_NAMES))
    .option('--variant <names...>', 'only these variants')
    .addOption(
      new Option('--plan <name>', `a part of the plan at a smaller load: ${namedPlans()}`)
        .choices(Object.keys(NAMED_PLANS))
        .conflicts([...['local', 'experiment', 'testType', 'profile', 'variant', 'repetitions'], ...SCALES]),
    )
    .addOption(
      new Option('--site <site>', 'only trials of this site; live: on the live cluster of this machine').choices([
        'cluster',
        'compose',
        'live',
      ]),
    )
    .option('--repetitions <number>', 'trials of each kind', positiveWholeNumber)
    .option('--scale <factor>', 'shrink rates and durations by this factor, to try things out', positiveNumber)
    .option('--rate-scale <factor>', 'shrink rates by this factor instead', positiveNumber)
    .option('--duration-scale <factor>', 'shrink durations by this factor instead', positiveNumber)
    .addOption(new Option('--generator <name>', 'what sends the load').choices(['embedded', 'k6']).default('embedded'))
    .option('--generators <number>', 'embedded generators that share each load, each on a core', positiveWholeNumber)
    .addOption(
      new Option('--generators-in <place>', 'cluster: as pods of an Indexed Job, for rates beyond one machine')
        .choices(['cluster'])
        .conflicts('local'),
    )
    .addOption(
      new Option('--arrivals <process>', 'evenly spaced (even), or at random at the same rate (poisson)')
        .choices(ARRIVAL_PROCESSES)
        .default('even'),
    )
    .option('--attempts <number>', 'attempts before an invalid trial is given up', positiveWholeNumber, 3)
    .action(async (options: RunOptions) => {
      const trials = trialsFor(options);
      const settings = settingsOf(options);
      for (const note of notesBefore(trials, settings.site)) console.log(note);
      if (options.plan !== undefined) console.log(NAMED_PLANS[options.plan].leavesOut);
      const name = new Date().toISOString().slice(0, 19).replace(/[:T]/g, '-');
      const sites = portsFor(settings, name, trials);
      const facts = { ...(await factsOf(sites)), ...factsOfGenerators(settings) };
      const path = resolve(options.campaign ?? `campaigns/${name}`);
      await runCampaign(createFolder(path, name, options.seed, trials, settings, facts), trials, settings, sites);
    });
}

/** What a reader has to know of generators that are not beside the runner. */
function factsOfGenerators({ generatorsIn, generators = 1 }: CampaignSettings): Record<string, string> {
  if (generatorsIn === undefined) return {};
  return { generators: `${generators} pods of an Indexed Job inside the cluster; nothing delays their requests` };
}

/** Options that a named plan sets itself. */
const SCALES = ['scale', 'rateScale', 'durationScale'];

function namedPlans(): string {
  return Object.entries(NAMED_PLANS)
    .map(([name, { title }]) => `${name} (${title})`)
    .join(', ');
}

function createFolder(path: string, ...facts: DropFirst<Parameters<typeof newCampaign>>): CampaignFolder {
  try {
    return newCampaign(path, ...facts);
  } catch (error) {
    throw explained(error as NodeJS.ErrnoException, path);
  }
}

type DropFirst<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;

/** `experiment resume`: the rest of a campaign that stopped. */
export function resumeCommand(): Command {
  return new Command('resume')
    .description('Go on with a campaign that stopped, whatever stopped it.')
    .argument('<folder>', 'folder of the campaign')
    .action(async (path: string) => {
      const folder = CampaignFolder.open(resolve(path));
      const { settings } = folder.manifest;
      if (settings === undefined)
        throw new Error(`${path} was not run but ${folder.manifest.origin}: there is nothing to resume.`);
      const trials = plannedTrialsOf(folder);
      await runCampaign(folder, trials, settings, portsFor(settings, folder.manifest.campaign, trials));
    });
}

async function runCampaign(
  folder: CampaignFolder,
  trials: readonly Trial[],
  settings: CampaignSettings,
  sites: Sites,
): Promise<void> {
  const release = lockCampaign(folder.path);
  const stop = new AbortController();
  const onSignal = (signal: string) => stop.abort(new Error(`Stopped by ${signal}; "resume ${folder.path}" goes on.`));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);
  const view = viewFor(settings);
  let live: LiveView | undefined;
  try {
    live = await withLivePage(view, folder.manifest.campaign, settings);
    const run = new CampaignRun(folder, trials, settings, sites, live.view);
    const { givenUp } = await run.run(stop.signal);
    view.close();
    const text = await summary(folder);
    console.log(`\n${process.stdout.isTTY ? folded(text, terminalWidth()) : text}`);
    if (givenUp.length > 0) {
      const those = givenUp.length === 1 ? '1 trial' : `${givenUp.length} trials`;
      console.log(`\n${those} stayed invalid after ${settings.attempts} attempts.`);
      process.exitCode = 3;
    }
  } catch (error) {
    view.close();
    throw explained(error as NodeJS.ErrnoException, folder.path);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, onSignal);
    await live?.close();
    await closeAll(sites);
    release();
  }
}

/** Every site is closed, whatever became of the other; a failure is told and hides no earlier one. */
async function closeAll(sites: Sites): Promise<void> {
  for (const { cluster } of new Set(Object.values(sites)))
    await cluster.close().catch((error: unknown) => {
      console.error((error as Error).message);
      process.exitCode = 1;
    });
}

function explained(error: NodeJS.ErrnoException, folder: string): Error {
  if (error.code === 'ENOSPC')
    return new Error(
      `The disk that holds ${folder} is full: free some space and resume; all that was stored is intact.`,
    );
  if (error.code === 'EACCES' || error.code === 'EROFS')
    return new Error(`${folder} cannot be written (${error.code}): make it writable and resume.`);
  return error;
}

/** A local run without a choice is one trial: the smallest, so that a newcomer sees a result in two minutes. */
function trialsFor(options: RunOptions): readonly Trial[] {
  if (options.local && options.site === 'live') throw new Error('--local and --site live are two places: choose one.');
  if (options.plan !== undefined) return onSite(trialsOfNamedPlan(NAMED_PLANS[options.plan], options.seed), options);
  const chosen = options.experiment !== undefined || options.variant !== undefined;
  const testTypes: readonly TestType[] = options.testType ?? ['uor'];
  const smallest = {
    variants: testTypes.map((type) => (type === 'uor' ? 'uor-replicas-1' : 'fs-replicas-1-1')),
    repetitions: 1,
  };
  const defaults = options.local && !chosen ? { ...smallest, profiles: ['spike'] as const } : {};
  const filter: TrialFilter = {
    ...defaults,
    ...(options.experiment && { experiments: options.experiment }),
    ...(options.testType && { testTypes: options.testType }),
    ...(options.profile && { profiles: options.profile }),
    ...(options.variant && { variants: options.variant }),
    ...(options.repetitions !== undefined && { repetitions: options.repetitions }),
  };
  refuseUnknownNames(filter);
  const trials = expandTrials(chosenExperiments(filter), options.seed, filter);
  return onSite(trials, options);
}

/** The live cluster has no machine for Docker Compose. */
function onSite(trials: readonly Trial[], options: RunOptions): readonly Trial[] {
  const site = options.site === 'live' ? 'cluster' : options.site;
  const chosenTrials = trials.filter(({ variant }) => site === undefined || variant.site === site);
  if (chosenTrials.length === 0)
    throw new Error(
      'No trial of the plan fits --experiment, --test-type, --profile, --variant and --site: "plan" lists what there is.',
    );
  return chosenTrials;
}

function settingsOf(options: RunOptions): CampaignSettings {
  const { plan, scale = 1 } = options;
  if (options.generator === 'k6' && options.generators !== undefined)
    throw new Error('--generators divides a load between embedded generators: leave it out with --generator k6.');
  if (options.generatorsIn !== undefined && (options.generator === 'k6' || options.site === 'compose'))
    throw new Error(
      '--generators-in cluster starts embedded generators in the cluster: leave it out with --generator k6 and --site compose.',
    );
  if (options.generator === 'k6' && options.arrivals !== 'even')
    throw new Error(
      `--arrivals ${options.arrivals} needs the embedded generator: the ramping-arrival-rate executor of k6 spaces requests evenly.`,
    );
  const planned = plan === undefined ? undefined : NAMED_PLANS[plan].scale;
  return {
    site: options.local ? 'local' : options.site === 'live' ? 'live' : 'cluster',
    generator: options.generator,
    ...(options.generators !== undefined && { generators: options.generators }),
    ...(options.generatorsIn !== undefined && { generatorsIn: options.generatorsIn }),
    scale: planned ?? { rate: options.rateScale ?? scale, duration: options.durationScale ?? scale },
    ...(options.arrivals !== 'even' && { arrivals: options.arrivals }),
    attempts: options.attempts,
  };
}
