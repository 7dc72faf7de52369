import type { DoubtVerdict } from './doubts';
import type { Finding } from './findings';
import type { TrialSummary } from './trial-summary';

/** One line per variant and profile: the means over its repetitions. */
export function cellLines(summaries: readonly TrialSummary[]): string[] {
  const cells = new Map<string, TrialSummary[]>();
  for (const summary of summaries) {
    const key = `${summary.experiment} ${summary.testType}|${summary.variant}|${summary.profile}`;
    cells.set(key, [...(cells.get(key) ?? []), summary]);
  }
  const rows = [...cells].map(([key, cell]) => {
    const [experiment, variant, profile] = key.split('|');
    return [
      experiment,
      variant,
      profile,
      milliseconds(cell, 'p50'),
      milliseconds(cell, 'p95'),
      `${((100 * sum(cell, 'failed')) / Math.max(1, sum(cell, 'requests'))).toFixed(1)} %`,
      podRange(cell),
      (sum(cell, 'coreSeconds') / cell.length).toFixed(0),
    ];
  });
  const header = ['experiment', 'variant', 'profile', 'p50 ms', 'p95 ms', 'failed', 'django/idaes pods', 'core-s'];
  return aligned([header, ...rows]);
}

/** The findings, those about single variants first; pairs that look alike are gathered per table. */
export function findingLines(findings: readonly Finding[]): string[] {
  const single = findings.filter((finding) => finding.kind !== 'indistinguishable');
  const lines = single.map(({ kind, experiment, testType, profile, variants, detail }) => {
    const where = [experiment, testType, profile].filter(Boolean).join(' ');
    return `${kind}: ${variants.join(', ')} (${where}). ${detail}`;
  });
  const tables = new Map<string, Finding[]>();
  for (const finding of findings) {
    if (finding.kind !== 'indistinguishable') continue;
    const table = `${finding.experiment} ${finding.testType} ${finding.profile}`;
    tables.set(table, [...(tables.get(table) ?? []), finding]);
  }
  for (const [table, pairs] of tables) {
    lines.push(`indistinguishable (${table}): ${pairsText(pairs)}. ${pairs[0].detail}`);
  }
  return lines;
}

/** The pairs of one table, in as few words as they allow. */
function pairsText(pairs: readonly Finding[]): string {
  const names = [...new Set(pairs.flatMap(({ variants }) => variants))];
  if (names.length > 2 && pairs.length === (names.length * (names.length - 1)) / 2) {
    return `each of ${names.join(', ')} from each other`;
  }
  const partners = new Map<string, string[]>();
  for (const { variants } of pairs) {
    partners.set(variants[0], [...(partners.get(variants[0]) ?? []), variants[1]]);
  }
  return [...partners].map(([name, others]) => `${name} from ${others.join(', ')}`).join('; ');
}

/** What became of the plan's doubts, one line each. */
export function doubtLines(doubts: readonly DoubtVerdict[]): string[] {
  return doubts.map(
    ({ doubt, verdict, detail }) => `${verdict}: ${doubt.variant} (${doubt.experiment}) ${doubt.kind}. ${detail}`,
  );
}

/** Columns padded to their widest entry; numbers to the right. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const isNumeric = rows[0].map((_, column) => rows.slice(1).every((row) => /^[\d.–-]/.test(row[column])));
  return rows.map((row) =>
    row
      .map((text, column) => (isNumeric[column] ? text.padStart(widths[column]) : text.padEnd(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}

function milliseconds(cell: readonly TrialSummary[], measure: 'p50' | 'p95'): string {
  const values = cell.flatMap((summary) => summary[measure] ?? []);
  if (values.length === 0) return '–';
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  return mean.toFixed(mean < 100 ? 1 : 0);
}

function podRange(cell: readonly TrialSummary[]): string {
  const range = (workload: 'django-api' | 'idaes') => {
    const low = Math.min(...cell.map(({ desired }) => desired[workload][0]));
    const high = Math.max(...cell.map(({ desired }) => desired[workload][1]));
    return low === high ? `${low}` : `${low}–${high}`;
  };
  return `${range('django-api')} / ${range('idaes')}`;
}

function sum(cell: readonly TrialSummary[], field: 'failed' | 'requests' | 'coreSeconds'): number {
  return cell.reduce((total, summary) => total + summary[field], 0);
}

/** Shows progress in a line that is overwritten; where nobody watches a terminal, in none. */
export function progressLine(): (text: string) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return (text) => process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
}
