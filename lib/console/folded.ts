/**
 * Text whose lines are broken between words where they are longer than a terminal is wide; what follows is indented two further.
 * A command stays whole, so that it can be copied.
 */
export function folded(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => (line.length <= width || /^\s*npm run /.test(line) ? line : foldedLine(line, width)))
    .join('\n');
}

function foldedLine(line: string, width: number): string {
  const indent = /^ */.exec(line)![0];
  const [first = '', ...words] = line.trim().split(' ');
  const lines = [indent + first];
  for (const word of words) {
    const longer = `${lines.at(-1)!} ${word}`;
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(`${indent}  ${word}`);
  }
  return lines.join('\n');
}
