import type { CampaignPlan, PlannedExperiment, PlannedVariant } from '../../campaign';
import type { TestType } from '../../plan';
import type { CampaignAnalysis, Cell } from '../measurement/analyse';
import { cellId } from '../measurement/cell-result';
import { groupBy } from '../../../lib/primitives/group-by';
import type { Sentence } from './model';
import { counted } from '../../../lib/primitives/counted';

/** An experiment of the plan with the cells that the campaign holds of it. */
export interface ExperimentCells {
  readonly experiment: PlannedExperiment;
  readonly cells: readonly Cell[];
  /** The variant that the others are held against: the baseline where it takes part, else the first. */
  readonly reference: PlannedVariant;
}

/** Titles of test types, as the report names them. */
export const TEST_TITLES: Readonly<Record<TestType, string>> = {
  uor: 'unit operation retrieval',
  fs: 'flowsheet solving',
};

export function experimentCells(analysis: CampaignAnalysis, name: string, testType: TestType): ExperimentCells {
  const { plan } = analysis;
  const experiment = plan.experiments.find((one) => one.name === name && one.testType === testType);
  if (experiment === undefined) throw new Error(`The campaign's plan has no experiment ${name} of ${testType}.`);
  const order = experiment.variants.map((variant) => variant.name);
  const cells = analysis.cells
    .filter((cell) => cell.experiment === name && cell.testType === testType && order.includes(cell.variant))
    .sort(
      (a, b) =>
        order.indexOf(a.variant) - order.indexOf(b.variant) ||
        plan.profiles.indexOf(a.profile) - plan.profiles.indexOf(b.profile),
    );
  const reference = experiment.variants.find((variant) => isBaseline(variant, plan)) ?? experiment.variants[0];
  return { experiment, cells, reference };
}

/** Every experiment of the plan with its cells. */
export function everyExperiment(analysis: CampaignAnalysis): ExperimentCells[] {
  return analysis.plan.experiments.map(({ name, testType }) => experimentCells(analysis, name, testType));
}

/** Whether a variant is production's own, on the cluster. */
export function isBaseline({ settings, site }: PlannedVariant, { baseline }: CampaignPlan): boolean {
  return site === 'cluster' && JSON.stringify(settings) === JSON.stringify(baseline);
}

/** A variant's name without the prefix that all of its experiment share. */
export function shortName(variant: string): string {
  return variant.replace(/^(uor|fs)-/, '');
}

export function variantOf({ experiment }: ExperimentCells, cell: Cell): PlannedVariant | undefined {
  return experiment.variants.find((variant) => variant.name === cell.variant);
}

/** Why a question has no answer, and what gives it one: clauses without a full stop. */
export function notAnswerable(reason: string, remedy: string, what = 'Not answerable'): string {
  return `${what}, because ${reason}. Remedy: ${remedy}.`;
}

/** Why an experiment answers nothing, or undefined where it has cells. */
export function whyUnanswerable(
  { experiment, cells }: ExperimentCells,
  analysis: CampaignAnalysis,
): string | undefined {
  if (cells.length > 0) return undefined;
  const planned = analysis.manifest.order.filter((trial) =>
    trial.startsWith(`${experiment.name}.${experiment.testType}.`),
  ).length;
  return planned === 0
    ? notAnswerable(
        `this campaign was not planned to run the experiment ${experiment.name} of ${TEST_TITLES[experiment.testType]}`,
        `run a campaign with --experiment ${experiment.name} --test-type ${experiment.testType}`,
      )
    : notAnswerable(
        `none of the ${counted(planned, 'trial')} of ${experiment.name}, ${TEST_TITLES[experiment.testType]}, is present and valid`,
        'see under findings which gate each attempt failed and what to do about it, and resume the campaign',
      );
}

/** Variants and profiles that were to run and have no valid trial. */
export function cellsWithoutTrial({ experiment, cells }: ExperimentCells, { manifest }: CampaignAnalysis) {
  const present = new Set(cells.map((cell) => cell.id));
  return experiment.variants
    .flatMap((variant) =>
      experiment.profiles.map((profile) => ({
        variant,
        profile,
        id: cellId({ experiment: experiment.name, testType: experiment.testType, variant: variant.name, profile }),
      })),
    )
    .filter(({ id }) => !present.has(id) && manifest.order.some((trial) => trial.startsWith(`${id}.`)));
}

/** Names what no figure of an experiment shows, with the gates that failed: a blank must not look like a good result. */
export function missingCells(group: ExperimentCells, analysis: CampaignAnalysis): Sentence[] {
  const missing = cellsWithoutTrial(group, analysis);
  if (missing.length === 0) return [];
  const causeOf = ({ id, profile }: (typeof missing)[number]) => {
    const attempts = analysis.setAside.filter(({ record }) => cellId(record) === id);
    const gates = attempts.flatMap(({ record }) => record.gates.filter((gate) => !gate.passed).map(({ gate }) => gate));
    return `under ${profile} (${[...new Set(gates)].join(', ') || 'no trial'})`;
  };
  const described = [...groupBy(missing, causeOf)].map(
    ([cause, cells]) => `${cells.map(({ variant }) => shortName(variant.name)).join(', ')} ${cause}`,
  );
  return [[`In no figure, for want of a valid trial: ${described.join('; ')}.`]];
}
