import { cellEstimate } from '../../../experiments/analysis/answers/estimates';
import { MEASURES, type Measure } from '../../../experiments/analysis/answers/measures';
import type { Cell } from '../../../experiments/analysis/measurement/analyse';
import { DEFAULT_SETTINGS } from '../../../experiments/analysis/measurement/settings';
import type { TrialMeasures } from '../../../experiments/analysis/measurement/trial/result';
import type { ProfileName } from '../../../experiments/plan';
import { cellOf } from './decided-cells';

/** A cell of solving whose responses took from 520 ms on. */
function solving(profile: ProfileName, trials: readonly Partial<TrialMeasures>[]): Cell {
  const cell = cellOf(['replica-count', 'fs', 'fs-replicas-4-4', profile], trials);
  return { ...cell, pooled: { spectrum: [520, 9000] } } as unknown as Cell;
}

const boundsOf = (cell: Cell, measure: Measure) => {
  const { value, low, high } = cellEstimate(cell, measure, DEFAULT_SETTINGS)!;
  return { value, low: low!, high: high! };
};

describe('An interval stays within what can be', () => {
  const slow = (max: number, late = 0) => ({
    max,
    fromSchedule: { p50: max, p90: max, p95: max + late, p99: max + late, max: max + late },
  });

  it.each([MEASURES.max, MEASURES.p95FromSchedule, MEASURES.p99FromSchedule])(
    'of $title: from the fastest response seen to the time-out',
    (measure) => {
      const { low, high } = boundsOf(solving('spike', [slow(2000), slow(20_000), slow(59_000)]), measure);
      expect(low).toBeGreaterThanOrEqual(520);
      expect(high).toBe(60_000);
    },
  );

  it('or to the slowest that was seen, where its start was late', () => {
    const trials = [slow(2000), slow(20_000), slow(59_000, 2000)];
    expect(boundsOf(solving('spike', trials), MEASURES.p99FromSchedule).high).toBe(61_000);
  });

  it('of rates: no more is served than was offered', () => {
    const trials = [3.2, 3.9, 4].map((rate) => ({ offeredRate: 4, servedRate: rate, goodRate: rate }));
    for (const measure of [MEASURES.served, MEASURES.good])
      expect(boundsOf(solving('spike', trials), measure).high).toBe(4);
    // How long a climbing load lasts is an outcome, so its mean rate has no such end.
    expect(boundsOf(solving('breakpoint', trials), MEASURES.served).high).toBeGreaterThan(4);
  });

  it('of moments and counts: nothing happens after the load, and no request more than were due', () => {
    const scaled = (seconds: number) => ({
      loadSeconds: 240,
      due: 1000,
      degraded: seconds * 4,
      scaling: [{ reactionSeconds: seconds, stepToReadySeconds: seconds }] as unknown as TrialMeasures['scaling'],
    });
    const cell = solving('spike', [100, 200, 239].map(scaled));
    expect(boundsOf(cell, MEASURES.reaction).high).toBe(240);
    expect(boundsOf(cell, MEASURES.ready).high).toBe(240);
    expect(boundsOf(cell, MEASURES.degraded).high).toBe(1000);
  });
});
