import type { Plot } from '../../answers/model';
import type { Caveat } from '../../measurement/caveats';
import { figureMark } from '../browser/figure-mark';
import { heatOption } from '../browser/heat';
import { furtherHeight, pointsOption } from '../browser/points';

/** Size of a figure for a page, pixels; SVG scales. */
export const FIGURE_SIZE = { width: 900, height: 420 } as const;

/**
 * Every figure of points and every heat map as an SVG of its own, drawn without a browser. Traces are drawn in the browser
 * alone, where the reader chooses what they show, and saved from there.
 *
 * @param marks What each says of itself, such as that it was rehearsed: a figure is taken out of its report.
 */
export async function figureFiles(plots: readonly Plot[], marks: readonly Caveat[]): Promise<Map<string, string>> {
  const { init } = await import('echarts');
  const files = new Map<string, string>();
  for (const plot of plots) {
    if (plot.kind === 'traces') continue;
    const size = { ...FIGURE_SIZE, height: FIGURE_SIZE.height + furtherHeight(plot, false) };
    const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
    const surface = { ...size, narrow: false, paper: true };
    chart.setOption(plot.kind === 'heat' ? heatOption(plot, false) : pointsOption(plot, surface));
    files.set(`${plot.id}.svg`, marked(chart.renderToSVGString(), size.width, marks));
    chart.dispose();
  }
  return files;
}

function marked(svg: string, width: number, marks: readonly Caveat[]): string {
  if (marks.length === 0) return svg;
  const attributes = Object.entries(figureMark(width)).map(([name, value]) => ` ${name}="${value}"`);
  const words = marks.map(({ word }) => word).join(', ');
  return svg.replace(/<\/svg>\s*$/, `<text${attributes.join('')}>${words}</text></svg>`);
}
