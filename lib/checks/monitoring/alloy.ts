import { goDurationSeconds } from '../../kubernetes/schedule/duration';

/** Source: https://grafana.com/docs/alloy/latest/reference/components/prometheus/prometheus.relabel/#rule-block */
const ACTIONS = [
  ...['replace', 'keep', 'drop', 'hashmod', 'labelmap', 'labeldrop', 'labelkeep', 'lowercase', 'uppercase'],
  ...['keepequal', 'dropequal'],
];
/** Source: https://github.com/prometheus/blackbox_exporter/blob/master/CONFIGURATION.md */
const PROBERS = ['http', 'tcp', 'dns', 'icmp', 'grpc', 'unix'];

/** What is wrong with a text in Alloy's syntax, one clause each. */
export function* alloyProblems(text: string): Iterable<string> {
  const bare = text.replace(/"(\\.|[^"\\])*"/g, '""');
  for (const [open, close] of ['{}', '[]', '()'].map((pair) => pair.split('')))
    if (bare.split(open!).length !== bare.split(close!).length) yield `a ${open} has no partner`;
  const made = [...text.matchAll(/^\s*([a-z_]+(?:\.[a-z_]+)+)\s+"(\w+)"\s*\{/gm)].map(
    ([, kind, label]) => `${kind}.${label}`,
  );
  for (const [, name = ''] of bare.matchAll(/=\s*\[?\s*([a-z_]+(?:\.\w+)+)\.(?:targets|output)\b/g))
    if (!made.includes(name)) yield `${name} is made by no block (there are ${made.join(', ') || 'none'})`;
  for (const [, action = ''] of text.matchAll(/\baction\s*=\s*"(\w+)"/g))
    if (!ACTIONS.includes(action)) yield `${action} is no action; write one of ${ACTIONS.join(', ')}`;
  for (const [, field = '', value = ''] of text.matchAll(/\b(\w*(?:interval|timeout))\s*=\s*"([^"]*)"/g))
    if (goDurationSeconds(value) === undefined) yield `${field} is "${value}", and no duration such as 60s`;
  yield* probeProblems(text);
}

/** Modules of the blackbox exporter stand in a string of their own, as JSON. */
function* probeProblems(text: string): Iterable<string> {
  const config = /\bconfig\s*=\s*("(?:\\.|[^"\\])*")/.exec(text)?.[1];
  if (config === undefined) return;
  const { modules = {} } = parsed(config) as { modules?: Record<string, { prober?: unknown; timeout?: unknown }> };
  const interval = goDurationSeconds(/\bscrape_interval\s*=\s*"([^"]*)"/.exec(text)?.[1]) ?? Infinity;
  for (const [name, { prober, timeout }] of Object.entries(modules)) {
    if (!PROBERS.includes(String(prober)))
      yield `module ${name}: ${String(prober)} is no prober; write one of ${PROBERS.join(', ')}`;
    const seconds = goDurationSeconds(timeout) ?? 0;
    if (seconds >= interval)
      yield `module ${name}: it waits ${String(timeout)} for an answer, and the next question is due before`;
  }
  for (const [, name = ''] of text.matchAll(/\bmodule\s*=\s*"([^"]*)"/g))
    if (!(name in modules)) yield `there is no module ${name} (there are ${Object.keys(modules).join(', ')})`;
}

function parsed(quoted: string): object {
  try {
    return (JSON.parse(JSON.parse(quoted) as string) ?? {}) as object;
  } catch {
    return {};
  }
}
