/** Colours of a picture in daylight, and what stands for each where the reader's system is dark. */
export type DarkColours = Readonly<Record<string, string>>;

/**
 * An SVG that follows the reader's system: where it prefers dark colours, each fill and line gets its dark counterpart.
 * Presentation attributes lose against any style sheet, so nothing else has to change.
 *
 * @throws Error when the picture has a colour without a counterpart, which would be hard to read in the dark.
 */
export function withDarkMode(svg: string, dark: DarkColours, others = ''): string {
  const used = new Set(
    [...svg.matchAll(/\b(?:fill|stroke)="(#[0-9a-f]{3,6}|white|black)"/g)].map(([, colour]) => colour!),
  );
  const missing = [...used].filter((colour) => !(colour in dark));
  if (missing.length > 0) throw new Error(`the picture has colours without a dark counterpart: ${missing.join(', ')}`);
  const rules = [...used].flatMap((colour) =>
    ['fill', 'stroke'].map((part) => `[${part}="${colour}"]{${part}:${dark[colour]}}`),
  );
  const style = `<style>@media (prefers-color-scheme: dark){text:not([fill]){fill:#e2e8f0}${rules.join('')}${others}}</style>`;
  // Last, so that it wins over a style sheet of the picture's own.
  return svg.replace(/(<\/style>|<svg[^>]*>)(?![^]*<\/style>)/, `$1\n${style}`);
}
