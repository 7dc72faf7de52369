/** Rows of cells under a heading; columns of numbers are set to the right. */
export interface TextTable {
  readonly heading: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** For a terminal: columns padded to their widest cell. */
export function toText({ heading, rows }: TextTable): string {
  const widths = widthsOf([heading, ...rows]);
  const isOfFigures = (column: number) => column > 0 && rows.every((row) => isFigure(row[column]!));
  return [
    padded(heading, widths, (_, column) => isOfFigures(column)),
    widths.map((width) => '─'.repeat(width)).join('  '),
    ...rows.map((row) => padded(row, widths, (cell, column) => column > 0 && isFigure(cell))),
  ].join('\n');
}

/** A line for each row, the heading first, without a rule: columns padded to their widest cell, those of numbers to the right. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = widthsOf(rows);
  const isOfNumbers = widths.map((_, column) => rows.slice(1).every((row) => /^[\d.–-]/.test(row[column]!)));
  return rows.map((row) => padded(row, widths, (_, column) => isOfNumbers[column]!));
}

function widthsOf([first, ...others]: readonly (readonly string[])[]): number[] {
  return first!.map((cell, column) => Math.max(cell.length, ...others.map((row) => row[column]!.length)));
}

function padded(
  cells: readonly string[],
  widths: readonly number[],
  isRight: (cell: string, column: number) => boolean,
): string {
  return cells
    .map((cell, column) => (isRight(cell, column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
    .join('  ')
    .trimEnd();
}

/** For a pull request comment. */
export function toMarkdown({ heading, rows }: TextTable): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  const isNumber = (column: number) => column > 0 && rows.length > 0 && rows.every((row) => isFigure(row[column]!));
  const rule = `|${heading.map((_, column) => (isNumber(column) ? ' ---: ' : ' --- ')).join('|')}|`;
  return [line(heading), rule, ...rows.map(line)].join('\n');
}

function isFigure(cell: string): boolean {
  return cell === '' || /^[\d.,]+( ?(m|MiB|GiB|%))?$/.test(cell);
}
