/** Where and how a saved figure says in a word or two that it is no result of the plan: attributes of an SVG's `text`. */
export function figureMark(width: number): Readonly<Record<string, string>> {
  return {
    x: String(width - 8),
    y: '16',
    'text-anchor': 'end',
    'font-family': 'sans-serif',
    'font-size': '13px',
    'font-weight': 'bold',
    fill: '#b3261e',
  };
}
