/** Seconds of each unit. Source: https://pkg.go.dev/time#ParseDuration */
const UNITS: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g;
const WHOLE = new RegExp(`^(?:${PART.source})+$`);

/** Seconds of a duration as Go writes it, such as `1h30m`; undefined where it is none. */
export function goDurationSeconds(text: unknown): number | undefined {
  if (text === '0') return 0;
  if (typeof text !== 'string' || !WHOLE.test(text)) return undefined;
  return [...text.matchAll(PART)].reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit!]!, 0);
}
