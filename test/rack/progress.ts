const started = Date.now();

/** Prints one line with the seconds since the tier began; written past jest, which would hold it back. */
export function progress(text: string): void {
  process.stderr.write(`rack ${String(Math.round((Date.now() - started) / 1000)).padStart(4)} s  ${text}\n`);
}
