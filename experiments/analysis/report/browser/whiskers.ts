import type { Plot } from '../../answers/model';

/** Above any plot. */
export const BEYOND = 1e12;

/** Whiskers may reach this many times beyond the estimates before they are cut, and say so by an arrow. */
const WHISKER_REACH = 3;

/** The heights that an axis must hold: every estimate, and whiskers unless they would squeeze the rest. */
export function fittedHeights({ series }: Extract<Plot, { kind: 'points' }>): number[] {
  const points = series.flatMap((one) => one.points);
  const estimates = points.flatMap(({ y }) => y ?? []);
  const [least, most] = [Math.min(...estimates), Math.max(...estimates)];
  const bounds = points.flatMap(({ low, high }) => [low ?? [], high ?? []].flat());
  const held = bounds.map((bound) =>
    least > 0 ? Math.min(WHISKER_REACH * most, Math.max(least / WHISKER_REACH, bound)) : bound,
  );
  return [...estimates, ...held];
}

interface RenderApi {
  value(dimension: number): number;
  coord(point: readonly number[]): number[];
}

interface Area {
  readonly coordSys: { readonly y: number; readonly height: number };
}

/** An interval as a line with bars, or with an arrow where it leaves the plot. */
export function whisker(color: string, shift: number) {
  return ({ coordSys }: Area, api: RenderApi) => {
    const ceiling = coordSys.y;
    const floor = coordSys.y + coordSys.height;
    const x = api.coord([api.value(0), api.value(1)])[0] + shift;
    const [high, low] = [2, 1].map((dimension) => api.coord([api.value(0), api.value(dimension)])[1]);
    const top = Math.max(ceiling, high);
    const bottom = Math.min(floor, low);
    const line = (x1: number, y1: number, x2: number, y2: number) => ({
      type: 'line',
      shape: { x1, y1, x2, y2 },
      style: { stroke: color, lineWidth: 1.5 },
    });
    // An interval that leaves the plot ends in an arrow rather than in a bar.
    const end = (y: number, cut: boolean, inwards: number) =>
      cut ? [line(x, y, x - 4, y + 6 * inwards), line(x, y, x + 4, y + 6 * inwards)] : [line(x - 4, y, x + 4, y)];
    const children = [line(x, top, x, bottom), ...end(top, high < ceiling, 1), ...end(bottom, low > floor, -1)];
    return { type: 'group', children };
  };
}
