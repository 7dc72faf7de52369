import { COLOURS, FONT, markup, themed, type Colour } from './diagram';

/** Who takes part in a sequence. */
export interface Participant {
  readonly name: string;
  readonly colour: Colour;
}

/** One message, from one participant to another by their names. */
export interface Step {
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

const WIDTH = 480;
const LETTER = 14;
const LINE = 18;
/** Height of what an arrow needs; lines of the participants are drawn here alone, so that none crosses a text. */
const BAND = 22;
/** Letters of a line: half the size of a letter is what one takes on average. */
const COLUMNS = Math.floor(WIDTH / (LETTER * 0.5));

/**
 * A sequence of messages as an SVG: who takes part at the top, each message as a line of text over its arrow.
 *
 * @throws Error when a step names somebody who takes no part.
 */
export function drawSequence(title: string, participants: readonly Participant[], steps: readonly Step[]): string {
  const half = 52;
  const gap = participants.length > 1 ? (WIDTH - 2 * half) / (participants.length - 1) : 0;
  const middles = new Map(participants.map(({ name }, index) => [name, half + index * gap]));
  const middle = (name: string) => {
    const x = middles.get(name);
    if (x === undefined) throw new Error(`${title}: ${name} takes no part; name it among the participants.`);
    return x;
  };
  const parts = participants.map(({ name, colour }) => head(name, middle(name), Math.min(half, gap / 2 - 3), colour));
  let y = 44;
  for (const [index, { from, to, text }] of steps.entries()) {
    const lines = wrapped(`${index + 1}  ${text}`);
    for (const line of lines) {
      y += LINE;
      parts.push(`<text x="2" y="${y}">${markup(line)}</text>`);
    }
    parts.push(...band(y + 6, [...middles.values()], middle(from), middle(to)));
    y += BAND + 6;
  }
  return themed(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y + 8}" viewBox="0 0 ${WIDTH} ${y + 8}" font-family="${FONT}" font-size="${LETTER}">
<title>${markup(title)}</title>
${parts.join('\n')}
</svg>
`,
  );
}

function head(name: string, x: number, half: number, colour: Colour): string {
  const [fill, line] = COLOURS[colour];
  return (
    `<rect x="${x - half}" y="4" width="${2 * half}" height="30" rx="6" fill="${fill}" stroke="${line}"/>` +
    `<text x="${x}" y="24" text-anchor="middle">${markup(name)}</text>`
  );
}

function band(top: number, middles: readonly number[], from: number, to: number): string[] {
  const [y, way] = [top + BAND / 2, Math.sign(to - from)];
  const colour = COLOURS.blue[1];
  return [
    ...middles.map((x) => `<line x1="${x}" y1="${top}" x2="${x}" y2="${top + BAND}" stroke="${COLOURS.grey[1]}"/>`),
    `<line x1="${from}" y1="${y}" x2="${to - way * 8}" y2="${y}" stroke="${colour}" stroke-width="2"/>`,
    `<path d="M${to} ${y}l${-way * 9} -5v10z" fill="${colour}" stroke="none"/>`,
  ];
}

function wrapped(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > COLUMNS) lines.push(`    ${word}`);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}
