import { percent } from '../../../lib/primitives/percent';
import { aligned } from '../../../lib/console/text-table';
import { groupBy } from '../../../lib/primitives/group-by';
import { EXPERIMENTS, OWN_EXPERIMENTS, PROFILE_NAMES } from '../../plan';
import type { WarningVerdict } from './warnings';
import type { RehearsalFinding } from './findings';
import type { TrialSummary } from './trial-summary';

/** One line per variant and profile in the plan's order: the means over its repetitions. */
export function cellLines(summaries: readonly TrialSummary[]): string[] {
  const cells = groupBy(
    inPlanOrder(summaries),
    ({ experiment, testType, variant, profile }) => `${experiment} ${testType}|${variant}|${profile}`,
  );
  const rows = [...cells].map(([key, cell]) => {
    const [experiment, variant, profile] = key.split('|');
    return [
      experiment,
      variant,
      profile,
      milliseconds(cell, 'p50'),
      milliseconds(cell, 'p95'),
      percent(sum(cell, 'failed') / Math.max(1, sum(cell, 'requests'))),
      podRange(cell),
      (sum(cell, 'coreSeconds') / cell.length).toFixed(0),
    ];
  });
  const header = ['experiment', 'variant', 'profile', 'p50 ms', 'p95 ms', 'failed', 'django/idaes pods', 'core-s'];
  return aligned([header, ...rows]);
}

/** Trials are played in a random order, in which the rows of one variant would stand apart. */
function inPlanOrder(summaries: readonly TrialSummary[]): TrialSummary[] {
  const place = new Map<string, number>();
  for (const { name, testType, variants } of [...EXPERIMENTS, ...OWN_EXPERIMENTS]) {
    for (const variant of variants) place.set(`${name} ${testType} ${variant.name}`, place.size);
  }
  const placeOf = ({ experiment, testType, variant }: TrialSummary) =>
    place.get(`${experiment} ${testType} ${variant}`) ?? place.size;
  const profileOf = ({ profile }: TrialSummary) => PROFILE_NAMES.indexOf(profile);
  return [...summaries].sort((one, other) => placeOf(one) - placeOf(other) || profileOf(one) - profileOf(other));
}

const SINGLE_KINDS: readonly RehearsalFinding['kind'][] = ['unschedulable', 'never-scales', 'saturated'];

/**
 * The findings, those about single variants first, kind by kind. Pairs that look alike are gathered per table, and the
 * profiles under which a table's pairs are the same share a line.
 */
export function findingLines(findings: readonly RehearsalFinding[]): string[] {
  const single = SINGLE_KINDS.flatMap((kind) => findings.filter((finding) => finding.kind === kind));
  const lines = single.map(({ kind, experiment, testType, profile, variants, workloads, detail, assumed }) => {
    const where = [experiment, testType, profile].filter(Boolean).join(' ');
    const what = workloads === undefined ? '' : `${workloads.join(' and ')} of `;
    return `${kind}: ${what}${variants.join(', ')} (${where}). ${detail}${assumedText(assumed)}`;
  });
  const alike = findings.filter(({ kind }) => kind === 'indistinguishable');
  const tables = groupBy(alike, ({ experiment, testType, profile }) => `${experiment} ${testType}|${profile}`);
  const said = [...tables].map(([table, pairs]) => {
    const [experiment, profile] = table.split('|');
    return { experiment, profile, text: `${pairsText(pairs)}. ${pairs[0].detail}${assumedText(pairs[0].assumed)}` };
  });
  for (const same of groupBy(said, ({ experiment, text }) => `${experiment}|${text}`).values()) {
    const profiles = same.map(({ profile }) => profile).sort();
    lines.push(`indistinguishable (${same[0].experiment} ${profiles.join(', ')}): ${same[0].text}`);
  }
  return lines;
}

/** Beside the figure, since another value could turn the finding around. */
function assumedText(assumed: readonly string[]): string {
  return assumed.length === 0 ? '' : ` [assumed: ${assumed.join('; ')}]`;
}

/** The pairs of one table, in as few words as they allow. */
function pairsText(pairs: readonly RehearsalFinding[]): string {
  const names = [...new Set(pairs.flatMap(({ variants }) => variants))];
  if (names.length > 2 && pairs.length === (names.length * (names.length - 1)) / 2) {
    return `each of ${names.join(', ')} from each other`;
  }
  return [...groupBy(pairs, ({ variants }) => variants[0])]
    .map(([name, others]) => `${name} from ${others.map(({ variants }) => variants[1]).join(', ')}`)
    .join('; ');
}

/** What became of the plan's warnings, one line each. */
export function warningLines(warnings: readonly WarningVerdict[]): string[] {
  return warnings.map(
    ({ warning, verdict, detail }) =>
      `${verdict}: ${warning.variant} (${warning.experiment}) ${warning.kind}. ${detail}`,
  );
}

function milliseconds(cell: readonly TrialSummary[], measure: 'p50' | 'p95'): string {
  const values = cell.flatMap((summary) => summary[measure] ?? []);
  if (values.length === 0) return '–';
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  return mean.toFixed(mean < 100 ? 1 : 0);
}

function podRange(cell: readonly TrialSummary[]): string {
  const range = (workload: 'django-api' | 'idaes') => {
    const low = Math.min(...cell.map(({ desired }) => desired[workload][0]));
    const high = Math.max(...cell.map(({ desired }) => desired[workload][1]));
    return low === high ? `${low}` : `${low}–${high}`;
  };
  return `${range('django-api')} / ${range('idaes')}`;
}

function sum(cell: readonly TrialSummary[], field: 'failed' | 'requests' | 'coreSeconds'): number {
  return cell.reduce((total, summary) => total + summary[field], 0);
}
