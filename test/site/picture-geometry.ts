/** Width of a letter as a share of its size: what Helvetica has on average. */
const LETTER_WIDTH = 0.5;

interface Box {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/**
 * Pixels of the smallest letter of an SVG that is shown in a column of that many pixels, and no larger than it was drawn.
 */
export function smallestLetter(svg: string, column: number): number {
  const scale = Math.min(1, column / viewWidth(svg));
  const sizes = textsOf(svg).map(({ size }) => size);
  if (sizes.length === 0) throw new Error('the picture has no text');
  return Math.min(...sizes) * scale;
}

/** Texts that a line between two boxes, or any straight line of the picture, goes through. */
export function crossings(svg: string): string[] {
  const boxes = textsOf(svg)
    .filter(({ turned }) => !turned)
    .map(boxOf);
  const points = [...edgePaths(svg), ...straightLines(svg)].flat();
  return boxes
    .filter(({ left, right, top, bottom }) => points.some(([x, y]) => x > left && x < right && y > top && y < bottom))
    .map(({ text }) => text);
}

function viewWidth(svg: string): number {
  return Number(/viewBox="[\d.-]+ [\d.-]+ ([\d.]+) /.exec(svg)![1]);
}

function textsOf(svg: string) {
  const inherited = Number(/<svg[^>]*font-size="([\d.]+)"/.exec(svg)?.[1] ?? NaN);
  return [...svg.matchAll(/<text\b([^>]*)>([^<]*)<\/text>/g)].map(([, attributes, text]) => {
    const number = (name: string, otherwise: number) =>
      Number(new RegExp(`\\b${name}="([\\d.-]+)"`).exec(attributes!)?.[1] ?? otherwise);
    return {
      text: text!,
      x: number('x', 0),
      y: number('y', 0),
      size: number('font-size', inherited),
      anchor: /text-anchor="(\w+)"/.exec(attributes!)?.[1] ?? 'start',
      turned: attributes!.includes('transform'),
    };
  });
}

function boxOf({ text, x, y, size, anchor }: ReturnType<typeof textsOf>[number]): Box {
  const width = text.replaceAll(/&\w+;/g, 'x').length * size * LETTER_WIDTH;
  const left = anchor === 'middle' ? x - width / 2 : anchor === 'end' ? x - width : x;
  // From the height of small letters down to the line they stand on.
  return { text, left, right: left + width, top: y - size * 0.7, bottom: y };
}

type Point = readonly [number, number];

/** Points along the edges that Graphviz drew, close enough together that no letter is between two. */
function edgePaths(svg: string): Point[][] {
  const groups = [...svg.matchAll(/<g [^>]*class="edge"[^>]*>([^]*?)<\/g>/g)].map(([, content]) => content!);
  return groups.flatMap((content) => [...content.matchAll(/<path [^>]*\bd="([^"]+)"/g)].map(([, d]) => sampled(d!)));
}

function sampled(d: string): Point[] {
  const numbers = [...d.matchAll(/-?[\d.]+/g)].map(([number]) => Number(number));
  const points = numbers.flatMap((x, index): Point[] => (index % 2 === 0 ? [[x, numbers[index + 1]!]] : []));
  const curve: Point[] = [];
  for (let start = 0; start + 3 < points.length; start += 3) {
    const [a, b, c, e] = points.slice(start, start + 4) as [Point, Point, Point, Point];
    for (let step = 0; step <= 200; step++) {
      const t = step / 200;
      const [p, q, r, s] = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t ** 2 * (1 - t), t ** 3];
      curve.push([p * a[0] + q * b[0] + r * c[0] + s * e[0], p * a[1] + q * b[1] + r * c[1] + s * e[1]]);
    }
  }
  return curve;
}

function straightLines(svg: string): Point[][] {
  return [...svg.matchAll(/<line x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)"/g)].map(([, ...ends]) => {
    const [x1, y1, x2, y2] = ends.map(Number) as [number, number, number, number];
    return Array.from({ length: 101 }, (_, step): Point => [
      x1 + ((x2 - x1) * step) / 100,
      y1 + ((y2 - y1) * step) / 100,
    ]);
  });
}
