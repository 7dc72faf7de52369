import type { Caveat } from '../../measurement/caveats';
import type { Table } from '../../answers/model';
import { latexText } from './latex-text';

/** Characters of a small font that a line of a page holds, upright and on its side; measured with 10 pt Computer Modern on A4. */
const LINE = { upright: 85, sideways: 135 } as const;
/** What parts two columns, in characters. */
const GAP = 3;

/**
 * One table for a thesis: LaTeX with `booktabs`, to be included with `\input`. One that is wider than a line has columns that
 * wrap, and lies on its side where that is not enough.
 *
 * @param marks What its caption says of all its figures, such as that they were rehearsed.
 */
export function latexTable({ id, title, columns, rows }: Table, marks: readonly Caveat[] = []): string {
  const head = columns.map(({ title: name, unit }) => (unit === undefined || unit === '' ? name : `${name} [${unit}]`));
  const body = rows.map((row) => columns.map(({ key }) => textOf(row[key] ?? '')));
  const isNumeric = columns.map(({ key }) => rows.some((row) => typeof row[key] === 'object'));
  const widths = columns.map((_, index) => [head, ...body].map((line) => line[index]));
  const whole = widths.map((texts) => Math.max(...texts.map(({ length }) => length)));
  const least = widths.map((texts) => Math.max(...texts.map(longestWord)));
  const fits = sum(whole) + GAP * columns.length <= LINE.upright;
  const narrowest = sum(least) + GAP * columns.length;
  const environment = narrowest <= LINE.upright ? 'table' : 'sidewaystable';
  const size = fits ? '\\small' : narrowest <= LINE.sideways ? '\\footnotesize' : '\\scriptsize';
  const places = fits
    ? isNumeric.map((numeric) => (numeric ? 'r' : 'l')).join('')
    : wrapped(whole, least, LINE[environment === 'table' ? 'upright' : 'sideways'] - GAP * columns.length);
  const caption = marks.length === 0 ? title : `${title} (${marks.map(({ word }) => word).join(', ')})`;
  const packages = ['booktabs', ...(fits ? [] : ['array']), ...(environment === 'table' ? [] : ['rotating'])];
  return [
    `% Needs ${packages.map((name) => `\\usepackage{${name}}`).join(' ')}`,
    ...marks.map(({ text }) => `% ${text.replaceAll(/\s+/g, ' ')}`),
    `\\begin{${environment}}`,
    '  \\centering',
    `  ${size}`,
    `  \\caption{${latexText(caption)}}`,
    `  \\label{tab:${id.replaceAll(/[^\w.:-]/g, '-')}}`,
    `  \\begin{tabular}{${places}}`,
    '    \\toprule',
    `    ${line(head)}`,
    '    \\midrule',
    ...body.map((cells) => `    ${line(cells)}`),
    '    \\bottomrule',
    '  \\end{tabular}',
    `\\end{${environment}}`,
    '',
  ].join('\n');
}

function textOf(value: Table['rows'][number][string]): string {
  return typeof value === 'string' ? value : value.text;
}

function line(cells: readonly string[]): string {
  return `${cells.map(latexText).join(' & ')} \\\\`;
}

/** Columns that share a line: each at least as wide as its longest word, and more where it has more to say. */
function wrapped(whole: readonly number[], least: readonly number[], room: number): string {
  const spare = Math.max(0, room - sum(least));
  const wish = sum(whole.map((one, index) => one - least[index]));
  const widths = least.map((one, index) => GAP + one + (wish === 0 ? 0 : spare * ((whole[index] - one) / wish)));
  const total = sum(widths);
  return widths
    .map(
      (one) =>
        `>{\\raggedright\\arraybackslash}p{\\dimexpr ${(one / total).toFixed(4)}\\linewidth-2\\tabcolsep\\relax}`,
    )
    .join('');
}

/** What a line cannot break, in characters; it can after a hyphen. Letters of a word may all be wide ones. */
function longestWord(text: string): number {
  return 1.15 * Math.max(...text.split(/\s|(?<=-)/).map(({ length }) => length));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, one) => total + one, 0);
}
