import { withDarkMode } from '../../lib/console/svg-theme';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cell, declaredMatrix, DESTINATIONS, SOURCES, type Destination, type Matrix } from './reachability';

const FOLDER = join(__dirname, '..', '..', 'docs', 'generated');

/** Files of the picture and the table. */
export const PICTURE = join(FOLDER, 'reachability.svg');
export const PAGE = join(FOLDER, 'reachability.md');

/** The matrix as a table for people. */
export function reachabilityPage(matrix: Matrix): string {
  const mark = (value: boolean | undefined) => (value === undefined ? '' : value ? 'yes' : '·');
  const rows = DESTINATIONS.map((destination) => [
    `${destination.group}: ${title(destination)}`,
    ...SOURCES.map((source) => mark(matrix.get(cell(source, destination)))),
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    '# Who reaches whom',
    '',
    'Written by `npm run docs` from what the components declare (`connects`); do not edit. `npm run test:live` tries every cell',
    'from inside the pods on real nodes, and fails where one is not as the table says. `elsewhere` is a pod of another namespace,',
    '`unlabelled` one of ours without a name. Ports are those of the pods.',
    '',
    '![The same as a picture](reachability.svg)',
    '',
    line(['to, from', ...SOURCES]),
    line(['---', ...SOURCES.map(() => ':-:')]),
    ...rows.map(line),
    '',
  ].join('\n');
}

/** Narrow, so that the whole is read on a telephone too. */
const CELL = { width: 21, height: 22, left: 178, top: 128 } as const;

/** The matrix as a picture: a filled square where a connection goes through. */
export function reachabilityPicture(matrix: Matrix): string {
  const { width, height, left, top } = CELL;
  const text = (x: number, y: number, content: string, more = '') =>
    `<text x="${x}" y="${y}" ${more}>${content}</text>`;
  const columns = SOURCES.map((source, index) => {
    const x = left + index * width + width / 2 + 4;
    return text(x, top - 6, source, `transform="rotate(-70 ${x} ${top - 6})"`);
  });
  const rows = DESTINATIONS.flatMap((destination, row) => {
    const y = top + row * height;
    const cells = SOURCES.map((source, column) => {
      const value = matrix.get(cell(source, destination));
      const fill = value === undefined ? '#ffffff' : value ? '#2f7d4f' : '#eeeeee';
      const meaning = value === undefined ? 'itself' : value ? 'allowed' : 'refused';
      return `<rect x="${left + column * width + 1}" y="${y + 1}" width="${width - 2}" height="${height - 2}" fill="${fill}"><title>${source} to ${title(destination)}: ${meaning}</title></rect>`;
    });
    return [text(left - 6, y + 15, title(destination), 'text-anchor="end"'), ...cells];
  });
  const [w, h] = [left + SOURCES.length * width + 40, top + DESTINATIONS.length * height + 10];
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" font-family="Helvetica,Arial,sans-serif" font-size="13">`,
    '<title>Who reaches whom: filled where the connection is declared and goes through</title>',
    `<rect width="${w}" height="${h}" fill="#ffffff"/>`,
    ...columns,
    ...rows,
    '</svg>',
    '',
  ].join('\n');
  return withDarkMode(svg, { '#ffffff': 'none', '#eeeeee': '#1e293b', '#2f7d4f': '#4ade80' });
}

function title({ name, port, protocol }: Destination): string {
  return `${name} ${port}/${protocol.toLowerCase()}`;
}

if (require.main === module) {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(PAGE, reachabilityPage(declaredMatrix()));
  writeFileSync(PICTURE, reachabilityPicture(declaredMatrix()));
}
