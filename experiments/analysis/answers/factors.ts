import type { ProfileName, TestType } from '../../plan';
import type { CampaignAnalysis } from '../measurement/analyse';
import { twoWay, type FactorialPoint, type FactorTest } from '../statistics/two-way';
import { isCensored } from './estimates';
import { experimentCells, variantOf } from './experiment-cells';
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
  /** Geometric mean by level of each factor. */
  readonly levels: readonly {
    readonly factor: string;
    readonly level: number;
    readonly mean: number;
    readonly trials: number;
  }[];
  /** Cells left out because they are known only as lower bounds, and all. */
  readonly censored: number;
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
    return (
      [
        ['spike', MEASURES.p95],
        ['spike', MEASURES.reserved],
        ['breakpoint', MEASURES.breakpoint],
      ] as const
    ).flatMap(([profile, measure]) => {
      const all = group.cells.filter((cell) => cell.profile === profile);
      const cells = all.filter((cell) => !isCensored(cell, measure));
      const points = cells.flatMap((cell) => {
        const { request, target } = resourceSetting(variantOf(group, cell), testType);
        return cell.trials.flatMap(({ measures }): (FactorialPoint & { request: number; target: number })[] => {
          const value = measure.of(measures);
          return value === null || !(value > 0)
            ? []
            : [{ row: String(request), column: String(target), value: Math.log(value), request, target }];
        });
      });
      const found = twoWay(points);
      if (found === null) return [];
      const level = (factor: string, of: (point: (typeof points)[number]) => number) =>
        [...new Set(points.map(of))]
          .sort((a, b) => a - b)
          .map((one) => {
            const own = points.filter((point) => of(point) === one);
            const mean = Math.exp(own.reduce((sum, { value }) => sum + value, 0) / own.length);
            return { factor, level: one, mean, trials: own.length };
          });
      return [
        {
          experiment: 'resources',
          testType,
          profile,
          measure,
          tests: [found.rows, found.columns, found.interaction].map((test, index) => ({
            ...test,
            name: FACTOR_NAMES[index],
          })),
          levels: [
            ...level(FACTOR_NAMES[0], ({ request }) => request),
            ...level(FACTOR_NAMES[1], ({ target }) => target),
          ],
          censored: all.length - cells.length,
          cells: all.length,
        },
      ];
    });
  });
}
