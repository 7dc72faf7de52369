import { decisionsOf } from '../../../experiments/analysis/answers/effects';
import { objectivesAnswer } from '../../../experiments/analysis/answers/questions/objective/verdicts';
import type { ProfileName } from '../../../experiments/plan';
import { cellOf, decided, spoken } from './decided-cells';

const shares = (percents: readonly number[], reserved = 100) =>
  percents.map((percent) => ({
    degraded: percent * 10,
    degradedShare: percent / 100,
    reservedCoreSeconds: reserved + percent,
  }));
const fixed = (count: number, profile: ProfileName, percents: readonly number[], reserved?: number) =>
  cellOf(['replica-count', 'uor', `uor-replicas-${count}`, profile], shares(percents, reserved));

const told = (cells: Parameters<typeof decided>[0]) => {
  const { sentences, notes = [], tables, plots } = objectivesAnswer(decided(cells), 'uor');
  return { sentences: sentences.map(spoken), notes: notes.map(spoken), tables, plots };
};

describe('Which variants keep the objective', () => {
  it('is told apart from those that do not, and from those of which the trials do not decide', () => {
    const { sentences } = told([
      fixed(1, 'spike', [40, 41, 42]),
      fixed(2, 'spike', [0.1, 0.5, 2.1]),
      fixed(4, 'spike', [0.5, 0.4, 1.1]),
    ]);
    expect(sentences[0]).toBe(
      'Under spike 0 of 3 variants keep the objective for certain, 1 certainly does not, and 2 are not decided by their trials.',
    );
    expect(sentences[1]).toMatch(
      /^The lowest estimate of requests that fail or take longer is that of replicas-4, .* \(the intervals of 1 of the 2 others overlap it\)\.$/,
    );
  });

  it('is not decided by too few requests, though none of them failed', () => {
    const few = [0, 0, 0].map(() => ({ due: 100, degraded: 0, degradedShare: 0 }));
    const { sentences, tables } = told([cellOf(['replica-count', 'uor', 'uor-replicas-8', 'average'], few)]);
    // Of none in 300, 1.22 % cannot be left out.
    expect(sentences[0]).toMatch(/^Under average 0 of 1 variant keep/);
    expect(spoken([tables[0].rows[0].share])).toBe('0 (0 to 1.22)');
  });

  it('counts one load alone where there is no spike', () => {
    const { sentences } = told([
      fixed(1, 'average', [0, 0, 0]),
      fixed(1, 'stress', [50, 51, 52]),
      fixed(2, 'average', [0, 0, 0], 200),
    ]);
    expect(sentences[0]).toMatch(/^Under average 2 of 2 variants keep/);
    expect(sentences[1]).toMatch(
      /of cost is that of replicas-1, .* \(the intervals of 0 of the 1 other overlap it\)\.$/,
    );
  });
});

describe('Demand against capacity', () => {
  const ramp = (count: number, rates: readonly number[]) =>
    cellOf(
      ['replica-count', 'uor', `uor-replicas-${count}`, 'breakpoint'],
      rates.map((rate) => ({ sustainedRate: rate, saturated: false })),
    );

  it('gives the fewest pods that hold each demand for certain, and the fewest that may', () => {
    const { notes, tables, plots } = told([
      fixed(1, 'average', [0, 0, 0]),
      fixed(2, 'average', [0, 0, 0]),
      fixed(1, 'spike', [60, 61, 62]),
      fixed(2, 'spike', [0, 0.5, 3]),
      fixed(4, 'spike', [0, 0, 0]),
      ramp(1, [42, 42.2, 41.9]),
      ramp(4, [120, 121, 122]),
    ]);
    expect(notes[0]).toBe(
      'Of the fixed counts, the fewest pods that keep the objective for certain: replicas-1 at 15 req/s (average), replicas-4 at 80 req/s (spike).',
    );
    const rows = tables
      .find(({ id }) => id.endsWith('-demand'))!
      .rows.map((row) => ['rate', 'profile', 'certain', 'possible', 'failing'].map((key) => spoken([row[key]])));
    // The objective and what is sustained are two criteria, so a figure holds demands of one of them alone.
    const drawn = plots.filter(({ id }) => id.includes('-demand-plot-'));
    expect(
      drawn.map((plot) => [
        plot.id,
        plot.kind === 'points' && plot.series.map(({ points }) => points.map(({ x }) => x)),
      ]),
    ).toEqual([
      [
        'objective-uor-demand-plot-objective',
        [
          [15, 80],
          [15, 80],
        ],
      ],
      [
        'objective-uor-demand-plot-sustained',
        [
          [25, 50, 100],
          [25, 50, 100],
        ],
      ],
    ]);
    expect(rows).toEqual([
      ['15', 'average', 'replicas-1', 'replicas-1', '–'],
      ['25', 'breakpoint', 'replicas-1', 'replicas-1', '–'],
      ['50', 'breakpoint', 'replicas-4', 'replicas-4', 'replicas-1'],
      ['80', 'spike', 'replicas-4', 'replicas-2', 'replicas-1'],
      ['100', 'breakpoint', 'replicas-4', 'replicas-4', 'replicas-1'],
      ['150', 'breakpoint', 'none', 'none', 'replicas-1, replicas-4'],
    ]);
  });

  it('is not answerable without a fixed count, and says what to run', () => {
    const autoscaled = cellOf(['minimum-replicas', 'uor', 'uor-minimum-2', 'spike'], shares([0, 0, 0]));
    expect(told([autoscaled]).notes[0]).toMatch(
      /^How many pods each demand needs is not answerable, because .* Remedy: run/,
    );
  });
});

describe('A comparison whose own interval leaves out none', () => {
  it('is not told apart among many, and its words say that both hold', () => {
    const spike = (count: number, p95: readonly number[]) =>
      cellOf(
        ['replica-count', 'uor', `uor-replicas-${count}`, 'spike'],
        p95.map((ms) => ({ p95: ms })),
      );
    const { effects } = decisionsOf(
      decided([
        spike(1, [100, 102, 104]),
        spike(2, [105, 109, 108]),
        spike(4, [101, 103, 104]),
        spike(8, [100, 103, 105]),
      ]),
    );
    const [effect] = effects.filter(({ measure, comparison }) => measure.key === 'p95' && comparison !== null);
    expect([effect.cell.variant, effect.distinct]).toEqual(['uor-replicas-2', false]);
    expect(effect.comparison!.p).toBeLessThan(0.05);
    expect(effect.comparison!.effect.low).toBeGreaterThan(1);
    expect(effect.words).toBe(
      'no difference detectable among all comparisons of the report, though its interval by itself would show one',
    );
  });
});
