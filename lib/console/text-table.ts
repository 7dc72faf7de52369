/** Rows of cells under a heading; columns of numbers are set to the right. */
export interface TextTable {
  readonly heading: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** For a terminal: columns padded to their widest cell. */
export function toText({ heading, rows }: TextTable): string {
  const widths = heading.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[], isHeading = false) =>
    cells
      .map((cell, column) => {
        const isNumber = column > 0 && (isHeading ? rows.every((row) => isFigure(row[column]!)) : isFigure(cell));
        return isNumber ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!);
      })
      .join('  ')
      .trimEnd();
  return [
    line(heading, true),
    widths.map((width) => '─'.repeat(width)).join('  '),
    ...rows.map((row) => line(row)),
  ].join('\n');
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
