import { nearestName } from '../../lib/kubernetes/names/nearest-name';
import { OWN_EXPERIMENTS } from './beyond-cpu';
import { EXPERIMENTS, REPETITIONS, type Experiment } from './experiment';
import {
  loadProfile,
  scheduledSeconds,
  type ArrivalProcess,
  WARM_UP,
  type LoadProfile,
  type LoadScale,
  type ProfileName,
  type TestType,
} from './profile';
import { seededRandom, shuffled } from '../../lib/primitives/random';
import type { Variant } from './variant';

/** One run of one variant under one profile. */
export interface Trial {
  /** `<experiment>.<test type>.<variant>.<profile>.<repetition>`; the same in every campaign. */
  readonly id: string;
  readonly experiment: string;
  readonly testType: TestType;
  readonly variant: Variant;
  readonly profile: ProfileName;
  /** 1-based; equals the block's number. */
  readonly repetition: number;
}

/** What a campaign runs; absent fields mean everything. */
export interface TrialFilter {
  readonly experiments?: readonly string[];
  readonly testTypes?: readonly TestType[];
  readonly profiles?: readonly ProfileName[];
  readonly variants?: readonly string[];
  /** Repetitions to run of each trial; {@link REPETITIONS} by default. */
  readonly repetitions?: number;
}

/**
 * Holds the names of a filter that a person wrote against those of the plan.
 *
 * @throws Error when it names an experiment or a variant that the plan does not have.
 */
export function refuseUnknownNames({ experiments = [], variants = [] }: TrialFilter): void {
  const all = [...EXPERIMENTS, ...OWN_EXPERIMENTS];
  refuseUnknown('experiment', experiments, [...new Set(all.map(({ name }) => name))]);
  refuseUnknown('variant', variants, [...new Set(all.flatMap((each) => each.variants.map(({ name }) => name)))]);
}

/** The experiments that a filter speaks of: those of the specification, and those of our own that it names. */
export function chosenExperiments({ experiments = [], variants = [] }: TrialFilter = {}): readonly Experiment[] {
  const named = (own: Experiment) =>
    experiments.includes(own.name) || own.variants.some(({ name }) => variants.includes(name));
  return [...EXPERIMENTS, ...OWN_EXPERIMENTS.filter(named)];
}

/** One name that is misspelt among others would leave its trials out without a word. */
function refuseUnknown(what: string, named: readonly string[], known: readonly string[]): void {
  const unknown = named.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = nearestName(unknown, known);
  const hint =
    near === undefined
      ? `it has ${known.slice(0, 12).join(', ')}${known.length > 12 ? ' and more ("plan" lists them)' : ''}`
      : `${near} is near`;
  throw new Error(`--${what} "${unknown}": the plan has no ${what} of this name; ${hint}.`);
}

/**
 * Every trial in the order it is to run; the same seed gives the same. A block of one profile and repetition holds every
 * variant once, at random, so that slow changes of the environment fall on all alike. Throws where two rows have one name.
 */
export function expandTrials(plan: readonly Experiment[] = EXPERIMENTS, seed = 1, filter: TrialFilter = {}): Trial[] {
  refuseTwins(plan);
  const random = seededRandom(seed);
  return plan
    .filter((experiment) => accepts(filter.experiments, experiment.name))
    .filter((experiment) => accepts(filter.testTypes, experiment.testType))
    .flatMap((experiment) => trialsOf(experiment, filter, random));
}

/**
 * A trial is known by the names of its row and its experiment: rows of one name would share trials, or a folder of manifests.
 *
 * @throws Error naming experiment and row.
 */
export function refuseTwins(plan: readonly Experiment[]): void {
  const known = new Map<string, { settings: string; where: string }>();
  for (const { name, testType, variants } of plan) {
    const where = `${name} ${testType}`;
    for (const variant of variants) {
      const [other, settings] = [known.get(variant.name), JSON.stringify([variant.site, variant.settings])];
      if (other?.where === where)
        throw new Error(`experiments/plan: ${where}: two rows are called ${variant.name}; give each row values of its own.`);
      if (other !== undefined && other.settings !== settings)
        throw new Error(`experiments/plan: ${where}: ${variant.name} is another variant in ${other.where}; give it another name.`);
      known.set(variant.name, { settings, where });
    }
  }
} // prettier-ignore

function trialsOf(experiment: Experiment, filter: TrialFilter, random: () => number): Trial[] {
  const repetitions = filter.repetitions ?? REPETITIONS;
  const profiles = experiment.profiles.filter((profile) => accepts(filter.profiles, profile));
  const variants = experiment.variants.filter((variant) => accepts(filter.variants, variant.name));
  // All first repetitions come before all second ones: a campaign cut short still has whole blocks.
  return Array.from({ length: repetitions }, (_, index) => index + 1).flatMap((repetition) =>
    shuffled(profiles, random).flatMap((profile) =>
      shuffled(variants, random).map((variant) => trial(experiment, variant, profile, repetition)),
    ),
  );
}

function trial(experiment: Experiment, variant: Variant, profile: ProfileName, repetition: number): Trial {
  return {
    id: [experiment.name, experiment.testType, variant.name, profile, repetition].join('.'),
    experiment: experiment.name,
    testType: experiment.testType,
    variant,
    profile,
    repetition,
  };
}

/**
 * The load of a trial. At random, all variants of a block meet the same arrivals, so that they differ by the variant alone,
 * and each repetition has arrivals of its own, by the campaign's seed.
 */
export function loadOfTrial(
  { testType, profile, repetition }: Pick<Trial, 'testType' | 'profile' | 'repetition'>,
  seed: number,
  process: ArrivalProcess = 'even',
  scale?: LoadScale,
): LoadProfile {
  const load = loadProfile(profile, testType, scale);
  if (process === 'even') return load;
  return { ...load, arrivals: { process, seed: hashOf(`${seed}/${testType}.${profile}.${repetition}`) } };
}

/** FNV-1a of 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

function accepts<T>(wanted: readonly T[] | undefined, value: T): boolean {
  return wanted === undefined || wanted.length === 0 || wanted.includes(value);
}

/** Time one trial is expected to take besides its load: variant, rollout, flowsheet, warm-up, cool-down and metrics, seconds. */
export const OVERHEAD_SECONDS = 180 + WARM_UP.seconds;

/** Expected wall-clock time of trials at full scale, seconds. */
export function wallClockSeconds(trials: readonly Trial[]): number {
  return trials.reduce(
    (sum, one) => sum + scheduledSeconds(loadProfile(one.profile, one.testType)) + OVERHEAD_SECONDS,
    0,
  );
}
