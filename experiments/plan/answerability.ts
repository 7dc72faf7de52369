import { REPETITIONS, type Experiment } from './experiment';
import { loadProfile, scheduledSeconds, type ProfileName, type Stage } from './profile';
import { wallClockSeconds, expandTrials } from './trial';
import { counted } from '../../lib/primitives/counted';

/** Trials that cannot answer their experiment's question, known before any of them is run. */
export interface AnswerabilityFinding {
  readonly experiment: string;
  readonly profile: ProfileName;
  /** Variants that show nothing under the profile. */
  readonly variants: readonly string[];
  readonly trials: number;
  /** Their wall-clock time at full scale, hours. */
  readonly hours: number;
  readonly message: string;
}

/**
 * What a plan cannot answer: a scale-down window acts only once the load has been low for as long as the window, and before
 * it ends. The variants of that table are held against each profile's longest fall.
 */
export function answerabilityFindings(plan: readonly Experiment[]): AnswerabilityFinding[] {
  return plan.flatMap((experiment) => experiment.profiles.flatMap((profile) => unseenWindows(experiment, profile)));
}

function unseenWindows(experiment: Experiment, profile: ProfileName): AnswerabilityFinding[] {
  const windows = experiment.variants.flatMap((variant) => {
    const varied = Object.entries(variant.varies).some(([, fields]) =>
      fields.includes('scaleDownStabilisationSeconds'),
    );
    const { replicas } = variant.settings[experiment.testType === 'fs' ? 'idaes' : 'django-api'];
    return varied && typeof replicas === 'object'
      ? [{ name: variant.name, seconds: replicas.scaleDownStabilisationSeconds }]
      : [];
  });
  const fall = longestFall(loadProfile(profile, experiment.testType).stages);
  const unseen = windows.filter(({ seconds }) => seconds >= fall);
  // A window that no dip reaches is the table's own far end, as long as others act.
  if (unseen.length === 0 || (unseen.length === 1 && windows.length > 2)) return [];
  const variants = unseen.map(({ name }) => name);
  const trials = expandTrials([experiment], 1, { profiles: [profile], variants });
  const why =
    fall === 0
      ? `its load never falls, so no scale-down window of ${experiment.name} can act`
      : `its load falls for ${fall} s at the longest before it ends or rises, so windows of ${unseen.map(({ seconds }) => seconds).join(' and ')} s cannot be told apart`;
  return [
    {
      experiment: `${experiment.name} ${experiment.testType}`,
      profile,
      variants,
      trials: trials.length,
      hours: wallClockSeconds(trials) / 3600,
      message: `${profile}: ${why}; ${counted(variants.length, 'variant')} × ${REPETITIONS} trials show nothing of it.`,
    },
  ];
}

/** The longest stretch from where a load begins to fall until it rises again or ends, seconds. */
export function longestFall(stages: readonly Stage[]): number {
  let longest = 0;
  let falling = 0;
  let rate = 0;
  for (const { target, seconds } of stages) {
    if (target < rate || (target === rate && falling > 0)) falling += seconds;
    else falling = 0;
    longest = Math.max(longest, falling);
    rate = target;
  }
  return Math.min(longest, scheduledSeconds({ stages }));
}
