import type { NumberColumn } from '../engine';
import { partialCorrelation, rankCorrelation } from '../../statistics/rank-correlation';
import { RESOURCE_COLUMNS } from './queries';
import type { TrialMeasures, TrialSeries } from './result';

/** Every fifth second is looked at: neighbouring windows of the moving percentile overlap. */
const STEP_SECONDS = 5;

/** Fewer points than this say nothing. */
const FEWEST_POINTS = 10;

/**
 * How each secondary metric goes with the moving p95 in one trial: as it is, and beside the offered rate. Load drives all of
 * them at once, so only what is left at equal load can warn of more than load itself.
 */
export function correlations(
  series: TrialSeries,
  loadSeconds: number,
): Pick<TrialMeasures, 'correlations' | 'correlationsAtEqualLoad'> {
  const columns: Record<string, NumberColumn> = {
    offered: series.offered,
    in_flight: series.in_flight,
    ...Object.fromEntries(Object.entries(series.replicas).map(([name, { ready }]) => [`ready ${name}`, ready])),
    ...Object.fromEntries(RESOURCE_COLUMNS.map((name) => [name, series[name]])),
  };
  const found = Object.entries(columns).map(([name, column]) => {
    const seconds = known(column, series.p95, loadSeconds);
    const at = (values: NumberColumn) => seconds.map((second) => values[second]);
    if (seconds.length < FEWEST_POINTS) return { name, plain: null, atEqualLoad: null };
    const [metric, p95, offered] = [at(column), at(series.p95), at(series.offered)];
    return {
      name,
      plain: rankCorrelation(metric, p95),
      atEqualLoad: name === 'offered' ? null : partialCorrelation(metric, p95, offered),
    };
  });
  return {
    correlations: Object.fromEntries(found.map(({ name, plain }) => [name, plain])),
    correlationsAtEqualLoad: Object.fromEntries(found.map(({ name, atEqualLoad }) => [name, atEqualLoad])),
  };
}

/** The seconds looked at in which both have a value. */
function known(column: NumberColumn, p95: NumberColumn, loadSeconds: number): number[] {
  const seconds: number[] = [];
  for (let second = 0; second < loadSeconds; second += STEP_SECONDS)
    if (!Number.isNaN(column[second]) && !Number.isNaN(p95[second])) seconds.push(second);
  return seconds;
}
