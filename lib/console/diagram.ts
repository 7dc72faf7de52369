import { withDarkMode, type DarkColours } from './svg-theme';

/**
 * What all pictures of the pages have in common. They are drawn no wider than 500 units with letters of 13 and more, so that
 * on a telephone (a column of some 350 pixels) no letter is smaller than 9 pixels.
 */
export const FONT = 'Helvetica,Arial,sans-serif';
/** The one whose letters Graphviz knows the widths of. */
const MEASURED_FONT = 'Helvetica';

/** Fill and line by what a box is; each pair keeps a contrast of 7:1 with black text. */
export const COLOURS = {
  blue: ['#dbeafe', '#1d4ed8'],
  green: ['#dcfce7', '#15803d'],
  violet: ['#f3e8ff', '#7e22ce'],
  grey: ['#f1f5f9', '#64748b'],
  amber: ['#fef3c7', '#b45309'],
} as const;
export type Colour = keyof typeof COLOURS;

/** Lines between boxes. */
const LINE = '#475569';
/** The way that requests from outside take. */
export const WAY_IN = '#b91c1c';

/** Grounds of zones, by how far what is in them is trusted. */
export const ZONES = { untrusted: '#fee2e2', public: '#fff7ed', inside: '#f0fdf4', apart: '#f8fafc' } as const;
export type Zone = keyof typeof ZONES;
const ZONE_FRAME = '#94a3b8';

/** What each colour becomes for readers whose system is dark. */
const DARK: DarkColours = {
  white: 'none',
  black: '#e2e8f0',
  none: 'none',
  transparent: 'none',
  ...{ '#dbeafe': '#1e3a5f', '#1d4ed8': '#60a5fa', '#dcfce7': '#14432a', '#15803d': '#4ade80' },
  ...{ '#f3e8ff': '#3b1f5b', '#7e22ce': '#c084fc', '#f1f5f9': '#1e293b', '#64748b': '#94a3b8' },
  ...{ '#fef3c7': '#4a3410', '#b45309': '#fbbf24', [ZONE_FRAME]: '#64748b' },
  ...{ '#fee2e2': '#3a1518', '#fff7ed': '#2e2212', '#f0fdf4': '#10251a', '#f8fafc': '#20242c' },
  ...{ [LINE]: '#94a3b8', [WAY_IN]: '#f87171' },
};

/** How every graph begins: from top to bottom, so that it is read on a narrow screen too. */
export const GRAPH = [
  `  graph [rankdir=TB, newrank=true, bgcolor="white", fontname="${MEASURED_FONT}", fontsize=14, nodesep=0.15, ranksep=0.35, pad=0.1]`,
  `  node [shape=box, style="rounded,filled", fontname="${MEASURED_FONT}", fontsize=14, margin="0.12,0.05", penwidth=1.2]`,
  `  edge [color="${LINE}", arrowsize=0.7, fontname="${MEASURED_FONT}", fontsize=14]`,
] as const;

/** A box of a graph, one line of text after the other. */
export function box(id: string, lines: readonly string[], colour: Colour, extra = ''): string {
  const [fill, line] = COLOURS[colour];
  return `  ${quote(id)} [label=${quote(lines.join('\n'))}, fillcolor="${fill}", color="${line}"${extra && `, ${extra}`}]`;
}

/** Boxes on one ground. It has no title, which a line would cross: the legend says what each ground means. */
export function zone(id: string, kind: Zone, content: readonly string[]): string[] {
  if (content.length === 0) return [];
  return [
    `  subgraph ${quote(`cluster_${id}`)} {`,
    `    margin=8; style="rounded,filled"; fillcolor="${ZONES[kind]}"; color="${ZONE_FRAME}"`,
    ...content.map((line) => `  ${line}`),
    '  }',
  ];
}

/** What grounds and frames mean, one row each, below everything else. */
export function legend(
  rows: readonly (readonly [ground: string, meaning: string])[],
  below: readonly string[],
): string[] {
  const cells = rows.map(
    ([ground, meaning]) =>
      `<TR><TD WIDTH="22" BGCOLOR="${ground}"> </TD><TD ALIGN="LEFT" BORDER="0">${markup(meaning)}</TD></TR>`,
  );
  const table = `<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="3" CELLPADDING="2" COLOR="${ZONE_FRAME}">${cells.join('')}</TABLE>`;
  return [
    `  "legend" [shape=plain, style="", label=<${table}>]`,
    ...below.map((id) => `  ${quote(id)} -> "legend" [style=invis]`),
  ];
}

/** A text as Graphviz takes it. */
export function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** A text inside of a label in Graphviz' HTML, or of an SVG. */
export function markup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/**
 * A graph in the language of Graphviz as an SVG that follows the reader's dark mode.
 *
 * @param title What the picture shows, for those who cannot see it.
 */
export async function drawGraph(dot: string, title: string): Promise<string> {
  // Graphviz itself, compiled to WebAssembly: nothing to install, and the same picture on every machine.
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz');
  const svg = (await Graphviz.load()).dot(dot);
  const named = svg
    .replace(/<title>\w+<\/title>/, `<title>${markup(title)}</title>`)
    .replaceAll(/font-family="[^"]*"/g, `font-family="${FONT}"`);
  return themed(named);
}

/** A picture in the colours above that follows the reader's dark mode. */
export function themed(svg: string): string {
  return withDarkMode(svg, DARK);
}
