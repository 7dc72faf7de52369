import type { CampaignSettings } from '../../campaign';
import { EXPERIMENTS, feasibilityWarnings, type Trial } from '../../plan';

/**
 * What the engineer should know before a campaign starts, one line each: every warning of the plan about a variant that runs,
 * and where trials run when not all do on the cluster.
 */
export function notesBefore(trials: readonly Trial[], site: CampaignSettings['site']): string[] {
  const running = new Set(trials.map(({ variant }) => variant.name));
  const warnings = feasibilityWarnings(EXPERIMENTS)
    .filter(({ variant }) => running.has(variant))
    .map(({ variant, message }) => `Feasibility: ${variant}: ${message}`);
  const underCompose = trials.filter(({ variant }) => variant.site === 'compose').length;
  if (underCompose === 0 || site === 'local') return warnings;
  return [
    ...warnings,
    `${underCompose} of ${trials.length} trials run under Docker Compose (--site cluster leaves them out).`,
  ];
}
