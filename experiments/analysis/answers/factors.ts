import type { ProfileName, TestType } from '../../plan';
import type { CampaignAnalysis } from '../measurement/analyse';
import { groupBy } from '../../../lib/primitives/group-by';
import { twoWay, type FactorialPoint, type FactorTest } from '../statistics/two-way';
import { isCensored, trialValues } from './estimates';
import { experimentCells, variantOf, type ExperimentCells } from './experiment-cells';
import { MEASURES, type Measure } from './measures';
import { resourceSetting } from './questions/resource-plots';

/** What each of two factors, and their interaction, does to one measure under one profile. */
export interface FactorEffects {
  readonly experiment: string;
  readonly testType: TestType;
  readonly profile: ProfileName;
  readonly measure: Measure;
  /** Every test with its name. */
  readonly tests: readonly (FactorTest & {
    readonly name: string;
    readonly adjustedP: number;
    readonly distinct: boolean;
  })[];
  /** Geometric mean by level of each factor; none where cells are left out, since levels then rest on different cells. */
  readonly levels: readonly {
    readonly factor: string;
    readonly level: number;
    readonly mean: number;
    readonly trials: number;
  }[];
  /** Cells left out because they are known only as lower bounds. */
  readonly censored: number;
  /** Cells left out because one of their trials has no figure at all: a ramp that never broke, above all. */
  readonly without: number;
  /** Cells of the design, those left out included. */
  readonly cells: number;
}

const FACTOR_NAMES = ['CPU request', 'target utilisation', 'interaction of both'] as const;

/** The design of CPU request by target, analysed by both factors; p values are corrected with the whole report's. */
export type UncorrectedFactors = Omit<FactorEffects, 'tests'> & {
  readonly tests: readonly (FactorTest & { readonly name: string })[];
};

export function factorialDesigns(analysis: CampaignAnalysis): UncorrectedFactors[] {
  return (['uor', 'fs'] as const).flatMap((testType) => {
    const group = experimentCells(analysis, 'resources', testType);
    return DESIGNS.flatMap(([profile, measure]) => factorialDesign(group, profile, measure) ?? []);
  });
}

/** What the factors are looked for in, and under which profile. */
const DESIGNS = [
  ['spike', MEASURES.p95],
  ['spike', MEASURES.reserved],
  ['breakpoint', MEASURES.breakpoint],
] as const;

/** One measure under one profile; null where the cells that are left do not make a design. */
function factorialDesign(group: ExperimentCells, profile: ProfileName, measure: Measure): UncorrectedFactors | null {
  const { testType } = group.experiment;
  const all = group.cells.filter((cell) => cell.profile === profile);
  const censored = all.filter((cell) => isCensored(cell, measure));
  // A cell of which some trials alone have a figure would be judged by its weakest trials.
  const without = all.filter(
    (cell) => !censored.includes(cell) && trialValues(cell, measure).length < cell.trials.length,
  );
  const cells = all.filter((cell) => !censored.includes(cell) && !without.includes(cell));
  const points = cells.flatMap((cell) => {
    const { request, target } = resourceSetting(variantOf(group, cell), testType);
    return trialValues(cell, measure).flatMap((value) =>
      value > 0 ? [{ row: String(request), column: String(target), value: Math.log(value), request, target }] : [],
    );
  });
  const found = twoWay(points);
  if (found === null) return null;
  return {
    experiment: group.experiment.name,
    testType,
    profile,
    measure,
    tests: [found.rows, found.columns, found.interaction].map((test, index) => ({
      ...test,
      name: FACTOR_NAMES[index],
    })),
    levels:
      cells.length < all.length
        ? []
        : [
            ...levelsOf(FACTOR_NAMES[0], points, ({ request }) => request),
            ...levelsOf(FACTOR_NAMES[1], points, ({ target }) => target),
          ],
    censored: censored.length,
    without: without.length,
    cells: all.length,
  };
}

/** Geometric mean of the trials at each level of one factor. */
function levelsOf<Point extends FactorialPoint>(
  factor: string,
  points: readonly Point[],
  levelOf: (point: Point) => number,
): FactorEffects['levels'] {
  return [...groupBy(points, levelOf)]
    .sort(([one], [other]) => one - other)
    .map(([level, own]) => {
      const mean = Math.exp(own.reduce((sum, { value }) => sum + value, 0) / own.length);
      return { factor, level, mean, trials: own.length };
    });
}
