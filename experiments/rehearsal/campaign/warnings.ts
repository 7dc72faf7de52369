import { percent } from '../../../lib/primitives/percent';
import { EXPERIMENTS, feasibilityWarnings, type FeasibilityWarning, type Trial } from '../../plan';
import type { RehearsalFinding } from './findings';
import type { TrialSummary } from './trial-summary';
import { counted } from '../../../lib/primitives/counted';

/** What became of one warning that the plan alone raised, when its variant was played. */
export interface WarningVerdict {
  readonly warning: FeasibilityWarning;
  /** `not-met`: the variant never came to where the warning applies. */
  readonly verdict: 'confirmed' | 'contradicted' | 'not-met';
  readonly detail: string;
}

/** Holds every warning of the plan about the trials played against what the rehearsal saw. */
export function warningVerdicts(
  trials: readonly Trial[],
  summaries: readonly TrialSummary[],
  findings: readonly RehearsalFinding[],
): WarningVerdict[] {
  return feasibilityWarnings(EXPERIMENTS).flatMap((warning): WarningVerdict[] => {
    const own = summaries.filter(
      (summary) =>
        summary.variant === warning.variant && `${summary.experiment} ${summary.testType}` === warning.experiment,
    );
    if (own.length === 0) return [];
    const has = (kind: RehearsalFinding['kind']) =>
      findings.find((finding) => finding.kind === kind && finding.variants.includes(warning.variant));
    switch (warning.kind) {
      case 'unreachable-target':
        return [verdictOnTarget(warning, own)];
      case 'unschedulable': {
        const seen = has('unschedulable');
        const most = warning.workloads.map(
          (workload) => `${Math.max(...own.map(({ desired }) => desired[workload][1]))} of ${workload}`,
        );
        return [
          seen
            ? { warning, verdict: 'confirmed', detail: seen.detail }
            : { warning, verdict: 'not-met', detail: `No more pods were asked for than ${most.join(' and ')}.` },
        ];
      }
      case 'alike':
        return [verdictOnTwins(warning, trials, own, summaries)];
    }
  });
}

function verdictOnTarget(warning: FeasibilityWarning, own: readonly TrialSummary[]): WarningVerdict {
  const grown = warning.workloads.filter((workload) =>
    own.some(({ desired }) => desired[workload][1] > desired[workload][0]),
  );
  return grown.length === 0
    ? { warning, verdict: 'confirmed', detail: `In ${counted(own.length, 'trial')} no pod was ever added.` }
    : { warning, verdict: 'contradicted', detail: `The autoscaler added pods of ${grown.join(' and ')}.` };
}

/** Variants that render alike are played with different random numbers: their medians should differ by chance alone. */
function verdictOnTwins(
  warning: FeasibilityWarning,
  trials: readonly Trial[],
  own: readonly TrialSummary[],
  summaries: readonly TrialSummary[],
): WarningVerdict {
  const playedAs = new Map(trials.map(({ variant }) => [variant.name, [variant.site, variant.settings]]));
  const settingsOf = (variant: string) => JSON.stringify(playedAs.get(variant));
  const twins = summaries.filter(
    (other) =>
      other.variant !== warning.variant &&
      other.testType === own[0].testType &&
      settingsOf(other.variant) === settingsOf(warning.variant),
  );
  const ratios = own.flatMap((summary) =>
    twins
      .filter(({ profile, repetition }) => profile === summary.profile && repetition === summary.repetition)
      .flatMap((twin) => (summary.p50 && twin.p50 ? [Math.log(summary.p50 / twin.p50)] : [])),
  );
  if (ratios.length === 0) return { warning, verdict: 'not-met', detail: 'No twin of it was played.' };
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  const difference = Math.exp(mean) - 1;
  const detail = `Over ${ratios.length} pairs of trials its median differs from its twins' by ${percent(difference)}.`;
  return { warning, verdict: Math.abs(difference) < ALIKE ? 'confirmed' : 'contradicted', detail };
}

/** Medians under overload differ from trial to trial by more than those of an idle system. */
const ALIKE = 0.15;
