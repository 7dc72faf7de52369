import { factorialDesigns } from '../../../experiments/analysis/answers/factors';
import { factorSentences } from '../../../experiments/analysis/answers/questions/factor-answer';
import type { Cell } from '../../../experiments/analysis/measurement/analyse';
import type { ChangePoint } from '../../../experiments/analysis/statistics/change-point';
import { cellOf, decided, spoken } from './decided-cells';
import { normal, seeded } from './random-truth';

const [REQUESTS, TARGETS] = [[500, 1000, 2000] as const, [25, 50, 75, 90] as const];

/** Every cell of the design under the breakpoint, with the rates of its trials; null where a trial never broke. */
function design(rate: (request: number, target: number, trial: number) => number | null): Cell[] {
  return REQUESTS.flatMap((request) =>
    TARGETS.map((target) =>
      cellOf(
        ['resources', 'uor', `uor-cpu-${request}m-target-${target}`, 'breakpoint'],
        [0, 1, 2].map((trial) => {
          const found = rate(request, target, trial);
          return { changePoint: found === null ? null : ({ rate: found } as ChangePoint) };
        }),
      ),
    ),
  );
}

const said = (cells: readonly Cell[]) => {
  const found = factorialDesigns(decided(cells)).filter(({ profile }) => profile === 'breakpoint');
  return {
    found,
    sentences: factorSentences(
      found.map((one) => ({
        ...one,
        tests: one.tests.map((test) => ({ ...test, adjustedP: test.p, distinct: test.p < 0.05 })),
      })),
    ).map(spoken),
  };
};

describe('A design of request and target', () => {
  it('says over how many cells it is, and why the others are left out: those that never broke are the best', () => {
    const random = seeded(3);
    const { found, sentences } = said(
      design((request, target, trial) =>
        request === 500 || (target === 25 && trial === 2) ? null : 40 + request / 500 + normal(random),
      ),
    );
    expect(found[0]).toMatchObject({ cells: 12, without: 6, censored: 0, levels: [] });
    expect(sentences[0]).toMatch(/^Over 6 of the 12 cells of the design under breakpoint, breakpoint /);
    expect(sentences[0]).toMatch(
      /; 6 are left out because a trial of theirs has no breakpoint up to the peak rate, so this holds among the others alone\.$/,
    );
  });

  it('names means by level where every cell is in it', () => {
    const random = seeded(4);
    const { found, sentences } = said(design((request) => (request / 50) * (1 + 0.01 * normal(random))));
    expect(found[0].levels.map(({ level, trials }) => [level, trials])).toEqual([
      [500, 12],
      [1000, 12],
      [2000, 12],
      [25, 9],
      [50, 9],
      [75, 9],
      [90, 9],
    ]);
    expect(sentences[0]).toMatch(
      /^Over 12 of the 12 cells .* depends on CPU request \(500: (9\.9\d|10), 1000: (19|20)(\.\d)?, 2000: (39|40)(\.\d)? req\/s\)/,
    );
  });
});
