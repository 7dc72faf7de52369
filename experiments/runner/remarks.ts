import { EXPERIMENTS, feasibilityFindings, type Trial } from '../plan';

/**
 * What the engineer should know before a campaign starts, one line each: every doubt of the plan about a variant that runs,
 * and how many trials do not run.
 *
 * @param leftOut Trials of the Compose site that a campaign on the cluster cannot run.
 */
export function remarks(trials: readonly Trial[], leftOut: readonly Trial[]): string[] {
  const running = new Set(trials.map(({ variant }) => variant.name));
  const doubts = feasibilityFindings(EXPERIMENTS)
    .filter(({ variant }) => running.has(variant))
    .map(({ variant, message }) => `Feasibility: ${variant}: ${message}`);
  if (leftOut.length === 0) return doubts;
  const those = leftOut.length === 1 ? '1 trial' : `${leftOut.length} trials`;
  return [...doubts, `Left out: ${those} of the Compose site, which a campaign on the cluster does not drive.`];
}
