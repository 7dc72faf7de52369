/** An option of the drawing library. */
export type Option = Record<string, unknown>;

export const TEXT = { color: '#222', fontFamily: 'sans-serif', fontSize: 12 };

/** A figure as a tooltip or a tick has it. */
export function number(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 10_000) return Math.round(value).toLocaleString('en-GB');
  return Math.abs(value) >= 100 ? Math.round(value).toString() : Number(value.toPrecision(3)).toString();
}

export function escape(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
