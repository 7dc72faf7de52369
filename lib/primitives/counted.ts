/**
 * A count with its noun, as a person says it: `1 trial`, `2 trials`.
 *
 * @param many Where the plural has another form than an s at its end.
 */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
