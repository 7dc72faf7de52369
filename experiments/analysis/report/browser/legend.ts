import { TEXT, type Option } from './chart-text';

/** What a figure is drawn for. */
export interface Surface {
  readonly narrow: boolean;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Nothing can be scrolled or dragged on it: printed, or saved as a picture. */
  readonly paper: boolean;
}

export const LEGEND_ROW = 19;

/** Rows from which a legend is turned over like pages rather than wrapped, so that it leaves room for the figure. */
const MOST_ROWS = 4;

/** Whoever sets a saved figure may have a wider font than the library reckons with: pixels between names, and of a letter. */
const PAPER_FONT = [9, 7.4] as const;

/** Pixels after each name for what its letters may be wider. */
function gapOnPaper(names: readonly string[]): number {
  return PAPER_FONT[0] + Math.max(0, ...names.map((name) => name.length));
}

/** Rows that a legend of these names takes when it is wrapped. */
export function legendRows(names: readonly string[], { width, paper }: Surface): number {
  let [rows, used] = [1, 0];
  const [gap, letter] = paper ? PAPER_FONT : [9, 6.4];
  for (const name of names) {
    const needed = 29 + gap + letter * name.length;
    if (used > 0 && used + needed > width - 70) [rows, used] = [rows + 1, 0];
    used += needed;
  }
  return rows > MOST_ROWS && !paper ? 1 : rows;
}

/** A legend in as many rows as its names need: on paper nothing is hidden behind arrows. */
export function legendOption(names: readonly string[], surface: Surface): Option {
  const wrapped = surface.paper || legendRows(names, { ...surface, paper: true }) <= MOST_ROWS;
  return {
    type: wrapped ? 'plain' : 'scroll',
    textStyle: TEXT,
    itemWidth: 20,
    itemHeight: 10,
    itemGap: surface.paper ? gapOnPaper(names) : 9,
  };
}
