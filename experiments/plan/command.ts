import { Command, Option } from 'commander';
import { answerabilityFindings } from './answerability';
import { OWN_EXPERIMENTS } from './beyond-cpu';
import { EXPERIMENTS, REPETITIONS, type Experiment } from './experiment';
import { feasibilityWarnings, type FeasibilityWarning } from './feasibility';
import { loadProfile, scheduledSeconds, WARM_UP } from './profile';
import { expandTrials, wallClockSeconds } from './trial';
import { counted } from '../../lib/primitives/counted';

interface PlanOptions {
  readonly trials?: true;
  readonly json?: true;
  readonly seed: string;
}

/** `experiment plan`: what would run, how long it takes, and what is doubtful about it. */
export function planCommand(): Command {
  return new Command('plan')
    .description('List experiments, variants, trials and time, and lint their feasibility.')
    .option('--trials', 'list every trial in the order it would run')
    .option('--json', 'print experiments, trials and findings as JSON')
    .addOption(new Option('--seed <number>', 'seed of the order').default('1'))
    .action(({ trials, json, seed }: PlanOptions) => {
      if (!/^\d{1,9}$/.test(seed)) throw new Error(`--seed is "${seed}": give a whole number.`);
      console.log(json ? asJson(Number(seed)) : asText(Number(seed), trials === true));
    });
}

function asJson(seed: number): string {
  const findings = feasibilityWarnings(EXPERIMENTS);
  const answerability = answerabilityFindings(EXPERIMENTS);
  const trials = expandTrials(EXPERIMENTS, seed);
  return JSON.stringify({ experiments: EXPERIMENTS, trials, findings, answerability }, null, 2);
}

function asText(seed: number, listTrials: boolean): string {
  const trials = expandTrials(EXPERIMENTS, seed);
  const lines = EXPERIMENTS.flatMap(experimentLines);
  const underCompose = trials.filter(({ variant }) => variant.site === 'compose').length;
  lines.push(
    `In all ${counted(trials.length, 'trial')} (${underCompose} of them under Docker Compose), ${hours(wallClockSeconds(trials))} with set-up and cool-down.`,
    `Before each load a warm-up, alike for all: ${WARM_UP.requests} requests over ${WARM_UP.seconds} s, one for each pod of the largest static count, too few to wake an autoscaler.`,
    '',
  );
  lines.push(...findingLines(feasibilityWarnings(EXPERIMENTS)), ...answerabilityLines());
  lines.push('', 'Experiments of our own, which run only where --experiment names them:', '');
  lines.push(...OWN_EXPERIMENTS.flatMap(experimentLines));
  if (listTrials) lines.push('', `Order with seed ${seed}:`, ...trials.map(({ id }) => `  ${id}`));
  return lines.join('\n');
}

function experimentLines(experiment: Experiment): string[] {
  const trials = expandTrials([experiment]);
  const lengths = experiment.profiles
    .map((profile) => `${profile} ${scheduledSeconds(loadProfile(profile, experiment.testType)) / 60} min`)
    .join(', ');
  return [
    `${experiment.name} ${experiment.testType}: ${experiment.question}`,
    `  ${counted(experiment.variants.length, 'variant')} × ${counted(experiment.profiles.length, 'profile')} (${lengths}) × ${REPETITIONS} = ${counted(trials.length, 'trial')}, ${hours(wallClockSeconds(trials))}`,
    `  ${experiment.variants.map(({ name }) => name).join(', ')}`,
    ...(experiment.added === undefined
      ? []
      : [
          `  ours, in no table of the specification: ${experiment.added.profiles.join(', ')}. ${experiment.added.reason}`,
        ]),
    ...(experiment.own === undefined ? [] : [`  ours, in no table of the specification. ${experiment.own}`]),
    ...(experiment.reason === undefined ? [] : [`  why these values: ${experiment.reason}`]),
    '',
  ];
}

const HEADINGS: Readonly<Record<FeasibilityWarning['kind'], string>> = {
  unschedulable: 'cannot be scheduled at their maximum',
  'unreachable-target': 'can never reach their target',
  alike: 'cannot be told apart',
};

function findingLines(findings: readonly FeasibilityWarning[]): string[] {
  if (findings.length === 0) return ['Feasibility: nothing to warn of.'];
  const kinds = Object.keys(HEADINGS) as FeasibilityWarning['kind'][];
  return kinds.flatMap((kind) => {
    const ofKind = findings.filter((finding) => finding.kind === kind);
    if (ofKind.length === 0) return [];
    return [
      `Feasibility: ${counted(ofKind.length, 'variant')} ${HEADINGS[kind]}:`,
      ...ofKind.map(({ variant, message }) => `  ${variant}: ${message}`),
    ];
  });
}

/** What the plan cannot answer, with the time that it would take to find out. */
function answerabilityLines(): string[] {
  const found = answerabilityFindings(EXPERIMENTS);
  if (found.length === 0) return [];
  const trials = found.reduce((sum, one) => sum + one.trials, 0);
  const time = found.reduce((sum, one) => sum + one.hours, 0);
  return [
    `Answerability: ${trials} trials (${time.toFixed(1)} h) show nothing of their question, whatever is measured:`,
    ...found.map(({ experiment, message, hours: each }) => `  ${experiment}, ${message} ${each.toFixed(1)} h.`),
  ];
}

function hours(seconds: number): string {
  return `${(seconds / 3600).toFixed(1)} h`;
}
