/** Where no terminal watches, progress is written this often, seconds. */
const LINE_SECONDS = 5;

/** What progress is written to: a terminal, a file or a pipe. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * Shows progress: on a terminal in one line that is overwritten, elsewhere as a plain line at once and then every five
 * seconds, so that it does not fill a log. An empty text clears the line.
 */
export function progressLine(
  stream: ProgressStream = process.stderr,
  now: () => number = () => performance.now(),
): (text: string) => void {
  if (stream.isTTY) return (text) => stream.write(`\r\x1b[K${text.slice(0, (stream.columns ?? 80) - 1)}`);
  let written = -Infinity;
  return (text) => {
    if (text === '' || now() - written < LINE_SECONDS * 1000) return;
    written = now();
    stream.write(`${text}\n`);
  };
}
