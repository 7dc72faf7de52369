import { percent, setPercent } from '../../../lib/primitives/percent';
import { groupBy } from '../../../lib/primitives/group-by';
import { welchTest, type Group } from '../../analysis/statistics/welch';
import { LOADED_WORKLOADS, type Trial, type WorkloadName } from '../../plan';
import { GATE_LIMITS } from '../../campaign';
import type { SystemModel } from '../model/system-model';
import { assumptionsBehind, type FindingKind } from './assumptions';
import type { TrialSummary } from './trial-summary';
import { counted } from '../../../lib/primitives/counted';

/** What a rehearsal says about a variant, or about a pair of them. */
export interface RehearsalFinding {
  readonly kind: FindingKind;
  readonly experiment: string;
  readonly testType: Trial['testType'];
  readonly profile?: Trial['profile'];
  readonly variants: readonly string[];
  /** Workloads concerned, where the others of the variant are not. */
  readonly workloads?: readonly WorkloadName[];
  readonly detail: string;
  /** What it takes for granted that was never measured. */
  readonly assumed: readonly string[];
}

type Unfounded = Omit<RehearsalFinding, 'assumed'>;

/** Two-sided level of the comparison of two variants. */
const LEVEL = 0.05;

/** @param model What the cluster's trials were played on. */
export function findingsOf(
  trials: readonly Trial[],
  summaries: readonly TrialSummary[],
  model: SystemModel,
): RehearsalFinding[] {
  return allFindings(trials, summaries).map((finding) => ({
    ...finding,
    assumed: assumptionsBehind(finding.kind, finding.testType, model),
  }));
}

function allFindings(trials: readonly Trial[], summaries: readonly TrialSummary[]): Unfounded[] {
  const byVariant = groupBy(trials, (trial) => `${trial.experiment}.${trial.testType}.${trial.variant.name}`);
  const summaryOf = new Map(summaries.map((summary) => [summary.trial, summary]));
  const findings: Unfounded[] = [];
  for (const group of byVariant.values()) findings.push(...findingsOfVariant(group, summaryOf));
  const tables = groupBy(summaries, (one) => `${one.experiment}.${one.testType}.${one.profile}`);
  for (const table of tables.values()) findings.push(...indistinguishable(table));
  return findings;
}

function findingsOfVariant(trials: readonly Trial[], summaryOf: ReadonlyMap<string, TrialSummary>): Unfounded[] {
  const [{ experiment, testType, variant }] = trials;
  const about = { experiment, testType, variants: [variant.name] };
  const summaries = trials.map((trial) => summaryOf.get(trial.id) as TrialSummary);
  const findings: Unfounded[] = [];

  const loaded = LOADED_WORKLOADS[testType].filter((workload) => isAutoscaled(trials[0], workload));
  const still = loaded.filter((workload) =>
    summaries.every(({ desired }) => desired[workload][0] === desired[workload][1]),
  );
  if (still.length > 0 && variant.site === 'cluster') {
    const counts = still.map((workload) => `${workload} at ${summaries[0].desired[workload][0]}`).join(', ');
    const moving = loaded.filter((workload) => !still.includes(workload));
    const others = moving.length === 0 ? '' : ` (${moving.join(' and ')} did scale)`;
    const detail = `In none of ${counted(summaries.length, 'trial')} did the autoscaler of ${still.join(' and ')} change the number of pods: ${counts}${others}.`;
    findings.push({ kind: 'never-scales', ...about, workloads: still, detail });
  }
  for (const workload of ['django-api', 'idaes'] as const) {
    const pending = Math.max(...summaries.map((summary) => summary.mostPending[workload]));
    if (pending === 0 || variant.site === 'compose') continue;
    const detail = `${pending} ${workload} ${pending === 1 ? 'pod' : 'pods'} found no node with room.`;
    findings.push({ kind: 'unschedulable', ...about, detail });
  }
  for (const [profile, cell] of groupBy(summaries, (summary) => summary.profile)) {
    const shares = cell.map(({ dropped, requests }) => dropped / Math.max(1, requests));
    if (Math.min(...shares) <= GATE_LIMITS.droppedStarts) continue;
    const detail = `${percent(Math.min(...shares))} or more of the starts are dropped in every trial: they count as failed, and percentiles are lower bounds.`;
    findings.push({ kind: 'saturated', ...about, profile, detail });
  }
  return findings;
}

/**
 * Pairs that the plan's repetitions cannot tell apart by median nor by 95th percentile: Welch's t test on logarithms, at half
 * the level for each. Not corrected for the many pairs: one named here could not be told apart even if it were the only one.
 */
function indistinguishable(table: readonly TrialSummary[]): Unfounded[] {
  const cells = [...groupBy(table, (summary) => summary.variant)].sort(([one], [other]) => (one < other ? -1 : 1));
  const [{ experiment, testType, profile }] = table;
  const findings: Unfounded[] = [];
  for (const [index, [one, first]] of cells.entries()) {
    for (const [other, second] of cells.slice(index + 1)) {
      const ps = (['p50', 'p95'] as const).map((measure) =>
        welch(logarithms(first, measure), logarithms(second, measure)),
      );
      if (ps.some((p) => p === undefined || p < LEVEL / 2)) continue;
      const detail = `${first.length} trials each show no difference of median or 95th percentile at the ${setPercent(LEVEL)} level.`;
      findings.push({ kind: 'indistinguishable', experiment, testType, profile, variants: [one, other], detail });
    }
  }
  return findings;
}

function logarithms(cell: readonly TrialSummary[], measure: 'p50' | 'p95'): number[] {
  return cell.flatMap((summary) => (summary[measure] === undefined ? [] : [Math.log(summary[measure])]));
}

/** Two-sided p value; undefined where a side has fewer than two values. */
function welch(one: readonly number[], other: readonly number[]): number | undefined {
  if (one.length < 2 || other.length < 2) return undefined;
  const [first, second] = [moments(one), moments(other)];
  if (first.variance + second.variance === 0) return first.mean === second.mean ? 1 : 0;
  return welchTest(first, second).p;
}

function moments(values: readonly number[]): Group {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / (values.length - 1), n: values.length };
}

function isAutoscaled({ variant }: Trial, workload: WorkloadName): boolean {
  return typeof variant.settings[workload].replicas !== 'number';
}
